import { randomBytes } from 'node:crypto';
import type { Query } from './connections.ts';
import type { KeyWrapper, WrappedSecret } from './keyring/keyring.ts';

/** A secret of a whole cell, such as its MAC key, as the store keeps it. */
export interface CellSecretRow extends WrappedSecret {
  readonly name: string;
}

export interface CellSecrets {
  find(name: string): Promise<WrappedSecret | null>;
  /** Durable on return. Does nothing when the name is taken: the first one counts. */
  insertIfAbsent(row: CellSecretRow): Promise<void>;
}

export function storedCellSecrets(query: Query, cell: string): CellSecrets {
  return {
    async find(name) {
      const rows = await query<WrappedSecret>({
        text: 'SELECT wrapped, keyring_key_id AS "keyId" FROM cell_secrets WHERE name = $1',
        values: [name],
      });
      return rows[0] ?? null;
    },
    async insertIfAbsent({ name, wrapped, keyId }) {
      await query({
        text: `INSERT INTO cell_secrets (name, wrapped, keyring_key_id, cell) VALUES ($1, $2, $3, $4)
               ON CONFLICT DO NOTHING`,
        values: [name, wrapped, keyId, cell],
      });
    },
  };
}

/** What a cell's secret is bound to when it is wrapped. */
export function cellSecretContext(cell: string, name: string): string {
  return `${cell}/secret/${name}`;
}

/** @returns null when the cell has no secret of this name. */
export async function findCellSecret(
  keyring: KeyWrapper,
  secrets: CellSecrets,
  cell: string,
  name: string,
): Promise<Buffer | null> {
  const stored = await secrets.find(name);
  return stored && keyring.unwrap(stored.wrapped, stored.keyId, cellSecretContext(cell, name));
}

/**
 * The cell's secret of this name: made of random bytes when it is first asked for, the same for every
 * gateway ever after.
 *
 * @param bytes How many random bytes; or the secret itself, for one that was kept elsewhere until now.
 * @throws KeyringError when the stored one was altered; KeyringUnavailableError; StoreUnavailableError
 */
export async function cellSecret(
  keyring: KeyWrapper,
  secrets: CellSecrets,
  cell: string,
  name: string,
  bytes: number | Buffer,
): Promise<Buffer> {
  const found = await findCellSecret(keyring, secrets, cell, name);
  if (found) return found;
  const made = typeof bytes === 'number' ? randomBytes(bytes) : bytes;
  await secrets.insertIfAbsent({ name, ...(await keyring.wrap(made, cellSecretContext(cell, name))) });
  // Another gateway may have been first; what is in the store counts.
  const kept = await findCellSecret(keyring, secrets, cell, name);
  if (!kept) throw new Error(`the secret ${name} of the cell ${cell} was written and is not there`);
  return kept;
}
