import { StorageSetupError } from './errors.ts';
import type { Query } from './connections.ts';
import { pendingMigrations } from './migrations.ts';

const versionMin = 150_000;
const appendOnly = [
  'entries',
  'subject_keys',
  'cell_secrets',
  'parts',
  'ledger_checkpoints',
  'ledger_tiles',
  'legal_holds',
  'hold_releases',
  'archive_segments',
];

/**
 * What a committed record rests on: a server that flushes before it says "committed".
 *
 * @returns The session's synchronous_commit, to be fixed on every connection.
 * @throws StorageSetupError that names the setting and the fix.
 */
export async function checkDurability(query: Query): Promise<string> {
  const { version, fsync, pages, commit } = await only<
    Record<'version' | 'fsync' | 'pages' | 'commit', string>
  >(
    query,
    `SELECT current_setting('server_version_num') AS version, current_setting('fsync') AS fsync,
      current_setting('full_page_writes') AS pages, current_setting('synchronous_commit') AS commit`,
  );
  if (Number(version) < versionMin) {
    throw new StorageSetupError(
      `PostgreSQL 15 or newer is needed; this server has version number ${version}.`,
    );
  }
  for (const [name, value] of Object.entries({
    fsync,
    full_page_writes: pages,
    synchronous_commit: commit,
  })) {
    // Every other value of synchronous_commit flushes at least the server's own write-ahead log.
    if (value !== 'off') continue;
    throw new StorageSetupError(
      `${name} is off: a committed record could be lost in a crash. Set "${name} = on" in postgresql.conf (or ALTER SYSTEM, ALTER ROLE, ALTER DATABASE … SET ${name} = on, wherever it was turned off), reload the server and start again.`,
    );
  }
  return commit;
}

/** @throws StorageSetupError when the schema is not the one of this version of the code. */
export async function checkSchema(query: Query, database: string): Promise<void> {
  const { present } = await only<{ present: boolean }>(
    query,
    `SELECT to_regclass('schema_migrations') IS NOT NULL AS present`,
  );
  const applied = present
    ? await query<{ version: number; name: string; digest: string }>({
        text: 'SELECT version, name, digest FROM schema_migrations',
        values: [],
      })
    : [];
  const missing = pendingMigrations(applied);
  if (missing.length === 0) return;
  throw new StorageSetupError(
    `The schema of the database "${database}" lacks ${missing.length} migration(s). Give the cell an ownerUrl (a role that owns the tables) so that they are applied at start.`,
  );
}

/**
 * The role of the gateway must not be able to change what it has written.
 *
 * @throws StorageSetupError that names the role and the fix.
 */
export async function checkRole(query: Query): Promise<void> {
  const role = await only<{ name: string; superuser: boolean }>(
    query,
    'SELECT rolname AS name, rolsuper AS superuser FROM pg_roles WHERE rolname = current_user',
  );
  if (role.superuser) throw roleError(role.name, 'is a superuser');
  const tables = await query<{ name: string; owns: boolean; changes: boolean; writes: boolean }>({
    text: `SELECT c.oid::regclass::text AS name, pg_has_role(c.relowner, 'MEMBER') AS owns,
        has_any_column_privilege(c.oid, 'UPDATE') OR has_table_privilege(c.oid, 'DELETE, TRUNCATE') AS changes,
        has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'SELECT') AS writes
      FROM pg_class c WHERE c.oid = ANY ($1::text[]::regclass[])
        OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'entries'::regclass)`,
    values: [appendOnly],
  });
  for (const { name, owns, changes, writes } of tables) {
    if (owns) throw roleError(role.name, `owns the table ${name}, or may become its owner`);
    if (changes) throw roleError(role.name, `may update, delete or truncate the table ${name}`);
    if (!writes && appendOnly.includes(name))
      throw roleError(role.name, `may not insert into ${name} and read it`);
  }
}

function roleError(role: string, fault: string): StorageSetupError {
  return new StorageSetupError(
    `The database role "${role}" ${fault}. Give the cell a login of its own: CREATE ROLE … LOGIN PASSWORD …; GRANT countersign_gateway TO …; and put that into the cell's url.`,
  );
}

async function only<Row>(query: Query, text: string): Promise<Row> {
  const [row] = await query<Row>({ text, values: [] });
  if (row === undefined)
    throw new StorageSetupError('The server gave no answer to a question about its settings.');
  return row;
}
