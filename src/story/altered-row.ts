import { join } from 'node:path';
import type { LoadedConfig } from '../config/load.ts';
import { superuser, superuserSecret } from '../storage/cluster.ts';
import { openConnections } from '../storage/connections.ts';
import { placeDataFolder, secretFile } from '../storage/data-folder.ts';
import { databaseUrl } from '../storage/embedded.ts';
import { cellDatabase } from '../storage/embedded-stores.ts';
import { readPidFile } from '../storage/postmaster.ts';
import { serverAccount } from '../storage/server-account.ts';
import { StageError } from './stage-error.ts';

const queryTimeoutMs = 10_000;

export interface AlteredRow {
  readonly entryId: string;
  /** Puts the row's first bytes back. */
  restore(): Promise<void>;
}

/**
 * Makes the record say that a person decided what the model decided. Only the owner of the database
 * can: the gateway's own login may not update entries, and a trigger refuses it to everybody who does
 * not switch triggers off first.
 */
export async function alterOutcome(config: LoadedConfig, decisionId: string): Promise<AlteredRow> {
  const [altered] = await asOwner<{ entry_id: string; before: Buffer }>(config, {
    text: `UPDATE entries e
              SET header = convert_to(replace(convert_from(e.header, 'UTF8'),
                    '"decidedBy":"model"', '"decidedBy":"person"'), 'UTF8')
             FROM (SELECT entry_id, header AS before FROM entries
                    WHERE decision_id = $1 AND type = 'outcome') AS old
            WHERE e.decision_id = $1 AND e.entry_id = old.entry_id AND e.header <> convert_to(
                    replace(convert_from(e.header, 'UTF8'), '"decidedBy":"model"', '"decidedBy":"person"'), 'UTF8')
        RETURNING e.entry_id, old.before`,
    values: [decisionId],
  });
  if (!altered) throw new StageError(`decision ${decisionId} has no outcome of the model to alter`);
  const { entry_id: entryId, before } = altered;
  return {
    entryId,
    restore: async () => {
      const text = 'UPDATE entries SET header = $3 WHERE decision_id = $1 AND entry_id = $2';
      await asOwner(config, { text, values: [decisionId, entryId, before] });
    },
  };
}

async function asOwner<Row>(
  config: LoadedConfig,
  statement: { text: string; values: unknown[] },
): Promise<Row[]> {
  const connections = openConnections({
    url: await ownerUrl(config),
    connectionsMax: 1,
    timeoutMs: queryTimeoutMs,
    // Triggers do not fire in a session that says it only replays what happened elsewhere.
    settings: { session_replication_role: 'replica' },
    log: () => undefined,
  });
  try {
    return await connections.query<Row>(statement);
  } finally {
    await connections.close();
  }
}

/** The owner's way into the store of the cell where EU records live. */
async function ownerUrl(config: LoadedConfig): Promise<string> {
  const cell = config.gateway.cells.find(({ jurisdictions }) => jurisdictions.includes('EU'));
  const account = serverAccount();
  const folder = await placeDataFolder(config.resolvePath(config.gateway.dataDir), account);
  const running = readPidFile({ data: join(folder, 'cluster') });
  if (!cell || running === null) throw new StageError('no database is running for the jurisdiction EU');
  const password = await secretFile(folder, superuserSecret, account);
  return databaseUrl({ user: superuser, password, port: running.port, database: cellDatabase(cell.id) });
}
