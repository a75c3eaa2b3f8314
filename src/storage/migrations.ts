import { createHash } from 'node:crypto';
import { Client } from 'pg';
import { codeOf, StorageSetupError } from './errors.ts';
import type { StorageLog } from './log.ts';
import { spine } from './migrations/0001-spine.ts';
import { audit } from './migrations/0002-audit.ts';
import { completeness } from './migrations/0003-completeness.ts';
import { retention } from './migrations/0004-retention.ts';
import { archive } from './migrations/0005-archive.ts';
import { residency } from './migrations/0006-residency.ts';
import { assurance } from './migrations/0007-assurance.ts';
import { reviewers } from './migrations/0008-reviewers.ts';
import { probing } from './migrations/0009-probing.ts';
import { profiles } from './migrations/0010-profiles.ts';
import { review } from './migrations/0011-review.ts';

/** One step of the schema. Once released it is never edited: a digest of it is kept in the database. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [
  spine,
  audit,
  completeness,
  retention,
  archive,
  residency,
  assurance,
  reviewers,
  probing,
  profiles,
  review,
];

interface Applied {
  readonly version: number;
  readonly name: string;
  readonly digest: string;
}

/**
 * Brings the schema up to this version of the code, as the owner of the tables. Safe to run from many
 * gateways at once.
 *
 * @throws StorageSetupError when the database is newer than the code, or was made by edited migrations.
 */
export async function migrate(ownerUrl: string, log: StorageLog, steps = migrations): Promise<void> {
  const client = new Client({
    connectionString: ownerUrl,
    application_name: 'countersign-migrate',
    options: '-c search_path=public',
  });
  // A lost connection also fails the statement that waits for it, which is where it is reported.
  client.on('error', (error) =>
    log('warn', 'connection of the migrations lost', { code: codeOf(error) ?? error.name }),
  );
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(727401, 1)');
    await client.query(`CREATE TABLE IF NOT EXISTS schema_migrations (
      version int PRIMARY KEY, name text NOT NULL, digest text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT clock_timestamp())`);
    const { rows } = await client.query<Applied>('SELECT version, name, digest FROM schema_migrations');
    for (const step of pendingMigrations(rows, steps)) {
      await apply(client, step);
      log('info', 'applied a migration', { version: step.version, name: step.name });
    }
  } finally {
    // Ending the session gives the advisory lock free.
    await client.end();
  }
}

async function apply(client: Client, step: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(step.sql);
    await client.query('INSERT INTO schema_migrations (version, name, digest) VALUES ($1, $2, $3)', [
      step.version,
      step.name,
      digestOf(step),
    ]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/**
 * The migrations that the database still lacks, in order.
 *
 * @throws StorageSetupError when what was applied is not what this code would have applied.
 */
export function pendingMigrations(applied: readonly Applied[], steps = migrations): readonly Migration[] {
  const known = new Map(steps.map((step) => [step.version, step]));
  for (const row of applied) {
    const step = known.get(row.version);
    if (step === undefined) {
      throw new StorageSetupError(
        `The database has migration ${row.version} (${row.name}), which this version of Countersign does not know. Start the newer version that made it.`,
      );
    }
    if (digestOf(step) !== row.digest) {
      throw new StorageSetupError(
        `Migration ${row.version} (${row.name}) was edited after it had been applied to this database. Restore its text; changes go into a new migration.`,
      );
    }
  }
  const done = new Set(applied.map((row) => row.version));
  return steps.filter((step) => !done.has(step.version)).sort((a, b) => a.version - b.version);
}

function digestOf(step: Migration): string {
  return createHash('sha256').update(step.sql).digest('hex');
}
