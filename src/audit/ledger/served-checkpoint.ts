import type { Query } from '../../storage/connections.ts';
import { type StoredCheckpoint, checkpointAt, newestCheckpoint } from './repository.ts';
import type { LedgerSettings } from './settings.ts';
import { findCosignatures, newestWitnessed } from './tile-repository.ts';

/** The signed note with the cosignatures that have come. */
export async function servedCheckpoint(
  query: Query,
  { period, size, note }: StoredCheckpoint,
): Promise<string> {
  const lines = await findCosignatures(query, period, size);
  return note + lines.map((line) => `${line}\n`).join('');
}

/** The newest checkpoint that has its quorum of witnesses; null when none has, or none is asked for. */
async function witnessedCheckpoint(
  query: Query,
  period: string,
  { witnesses, quorum }: Pick<LedgerSettings, 'witnesses' | 'quorum'>,
): Promise<StoredCheckpoint | null> {
  if (quorum === 0) return null;
  const names = witnesses.map((witness) => witness.name);
  const witnessed = await newestWitnessed(query, period, { names, quorum });
  return witnessed && checkpointAt(query, period, witnessed.size);
}

/** The checkpoint that receipts are made against: the newest witnessed one beyond the index, else the newest. */
export async function checkpointBeyond(
  query: Query,
  period: string,
  index: number,
  settings: LedgerSettings,
): Promise<StoredCheckpoint | null> {
  const witnessed = await witnessedCheckpoint(query, period, settings);
  return witnessed && witnessed.size > index ? witnessed : newestCheckpoint(query, period);
}
