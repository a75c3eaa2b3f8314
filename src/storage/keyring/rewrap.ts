import { cellSecretContext } from '../cell-secrets.ts';
import type { Query } from '../connections.ts';
import { KeyringError, type KeyWrapper } from './keyring.ts';

export interface RewrapReport {
  /** What wraps now; every row that is left out below stands under it. */
  readonly keyId: string;
  rewrapped: number;
  /** Erased, or re-wrapped by another run, while this one had it in hand. */
  changedMeanwhile: number;
  /** Ids of subject keys and names of cell secrets that do not open: altered, or their key is gone. */
  readonly unreadable: string[];
}

interface Row {
  readonly id: string;
  readonly wrapped: Buffer;
  readonly keyId: string;
  readonly context: string;
}

const pageRows = 256;
/** Requests to a key service at once: a gateway beside us needs its share of the quota. */
const concurrency = 8;

/**
 * Puts every wrapped key of the store under the key that is active now. Only the wrapping changes, no
 * ciphertext of a record is touched. Safe beside running gateways, and when stopped, to be run again: what
 * stands under the active key is passed over.
 *
 * @param onProgress Told how many rows were looked at so far.
 * @throws KeyringUnavailableError, StoreUnavailableError; what was done until then stays done
 */
export async function rewrapKeys(
  query: Query,
  keyring: KeyWrapper,
  cell: string,
  onProgress: (rows: number) => void,
): Promise<RewrapReport> {
  const active = await keyring.wrap(Buffer.alloc(32), `${cell}/self-test/rewrap`);
  const report: RewrapReport = { keyId: active.keyId, rewrapped: 0, changedMeanwhile: 0, unreadable: [] };
  let rows = 0;
  const rewrap = async (row: Row, replace: Replace) => {
    const outcome = await rewrapRow(row, keyring, replace);
    if (outcome === 'unreadable') report.unreadable.push(row.id);
    else report[outcome] += 1;
    rows += 1;
    onProgress(rows);
  };
  for (const secret of await staleSecrets(query, cell, active.keyId)) {
    await rewrap(secret, replaceSecret(query));
  }
  for await (const page of staleSubjectKeys(query, active.keyId)) {
    const waiting = [...page];
    const work = async () => {
      for (let row = waiting.shift(); row; row = waiting.shift()) await rewrap(row, replaceSubjectKey(query));
    };
    await Promise.all(Array.from({ length: concurrency }, work));
  }
  report.unreadable.sort();
  return report;
}

/** How many rows of the store need a key for unwrapping. */
export async function rowsUnderKey(query: Query, keyId: string): Promise<number> {
  const rows = await query<{ count: number }>({
    text: `SELECT (SELECT count(*) FROM subject_keys WHERE keyring_key_id = $1)::int
                + (SELECT count(*) FROM cell_secrets WHERE keyring_key_id = $1)::int AS count`,
    values: [keyId],
    timeoutMs: scanTimeoutMs,
  });
  return rows[0]?.count ?? 0;
}

/** Reading through a whole table takes longer than a request may wait for it. */
const scanTimeoutMs = 120_000;

type Replace = (row: Row, wrapped: Buffer, keyId: string) => Promise<boolean>;

async function rewrapRow(
  row: Row,
  keyring: KeyWrapper,
  replace: Replace,
): Promise<'rewrapped' | 'changedMeanwhile' | 'unreadable'> {
  let secret: Buffer;
  try {
    secret = await keyring.unwrap(row.wrapped, row.keyId, row.context);
  } catch (error) {
    // Reported by its id. One bad row must not keep all others under an old key.
    if (error instanceof KeyringError) return 'unreadable';
    throw error;
  }
  const { wrapped, keyId } = await keyring.wrap(secret, row.context);
  secret.fill(0);
  return (await replace(row, wrapped, keyId)) ? 'rewrapped' : 'changedMeanwhile';
}

async function* staleSubjectKeys(query: Query, keyId: string): AsyncGenerator<Row[]> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const rows = await query<Row>({
      name: 'stale_subject_keys',
      text: `SELECT key_id AS id, wrapped_key AS wrapped, keyring_key_id AS "keyId",
                    cell || '/' || tenant || '/' || key_id AS context
               FROM subject_keys WHERE key_id > $1::uuid AND keyring_key_id <> $2
              ORDER BY key_id LIMIT $3`,
      values: [after, keyId, pageRows],
      timeoutMs: scanTimeoutMs,
    });
    yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < pageRows) return;
    after = last.id;
  }
}

function staleSecrets(query: Query, cell: string, keyId: string): Promise<Row[]> {
  return query<Row>({
    text: `SELECT name AS id, wrapped, keyring_key_id AS "keyId", $2 || name AS context FROM cell_secrets
            WHERE keyring_key_id <> $1 ORDER BY name`,
    values: [keyId, cellSecretContext(cell, '')],
  });
}

function replaceSubjectKey(query: Query): Replace {
  return async (row, wrapped, keyId) => {
    const [result] = await query<{ done: boolean }>({
      name: 'rewrap_subject_key',
      text: 'SELECT rewrap_subject_key($1, $2, $3, $4) AS done',
      values: [row.id, row.wrapped, wrapped, keyId],
    });
    return result?.done ?? false;
  };
}

function replaceSecret(query: Query): Replace {
  return async (row, wrapped, keyId) => {
    const [result] = await query<{ done: boolean }>({
      text: 'SELECT rewrap_cell_secret($1, $2, $3, $4) AS done',
      values: [row.id, row.wrapped, wrapped, keyId],
    });
    return result?.done ?? false;
  };
}
