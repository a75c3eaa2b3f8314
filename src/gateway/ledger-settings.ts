import { parseVerifierKey } from '../audit/ledger/note.ts';
import type { LedgerSettings } from '../audit/ledger/settings.ts';
import type { LoadedConfig } from '../config/load.ts';
import { InvariantError } from '../decision/errors.ts';

/** The configuration's `ledger`, with its paths and keys read. */
export function ledgerSettings(config: LoadedConfig): LedgerSettings {
  const { origin, folder, checkpointPeriodMs, witnesses, quorum, unwitnessedAlertMinutes } =
    config.gateway.ledger;
  return {
    origin,
    folder: config.resolvePath(folder),
    checkpointPeriodMs,
    quorum,
    unwitnessedAlertMs: unwitnessedAlertMinutes * 60_000,
    witnesses: witnesses.map(({ name, key, url }) => {
      const verifier = parseVerifierKey(key);
      if (verifier === null) throw new InvariantError('a witness key that was checked cannot be read');
      return { name, verifier, url: url.replace(/\/+$/, '') };
    }),
  };
}
