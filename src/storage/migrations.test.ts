import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../../test/support/postgres.ts';
import { ensureDatabase } from './embedded-stores.ts';
import { StorageSetupError } from './errors.ts';
import { migrate, migrations, type Migration } from './migrations.ts';
import { openStore } from './store.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const silent = () => undefined;
let databases = 0;

async function emptyDatabase(): Promise<string> {
  databases += 1;
  const name = `empty_${databases}`;
  await ensureDatabase(postgres.server.superuserUrl('postgres'), name);
  return postgres.server.superuserUrl(name);
}

async function select(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const step = (version: number, sql: string): Migration => ({ version, name: `step-${version}`, sql });

it('applies each migration once, in order, also when many start at the same time', async () => {
  const url = await emptyDatabase();
  const steps = [
    step(1, 'CREATE TABLE a (n int)'),
    step(2, 'INSERT INTO a VALUES (2)'),
    step(3, 'INSERT INTO a VALUES (3)'),
  ];
  await Promise.all(Array.from({ length: 6 }, () => migrate(url, silent, steps)));
  await migrate(url, silent, steps);
  expect(await select(url, 'SELECT n FROM a ORDER BY n')).toEqual([{ n: 2 }, { n: 3 }]);
  expect(await select(url, 'SELECT version, name FROM schema_migrations ORDER BY version')).toEqual([
    { version: 1, name: 'step-1' },
    { version: 2, name: 'step-2' },
    { version: 3, name: 'step-3' },
  ]);
});

it('migrates several databases of one server at once, though they share their roles', async () => {
  const urls = await Promise.all([emptyDatabase(), emptyDatabase(), emptyDatabase()]);
  await Promise.all(urls.map((url) => migrate(url, silent)));
  for (const url of urls) {
    expect(await select(url, 'SELECT version FROM schema_migrations')).toHaveLength(migrations.length);
  }
});

it('leaves nothing of a migration that fails, and goes on after it is mended', async () => {
  const url = await emptyDatabase();
  const first = step(1, 'CREATE TABLE a (n int)');
  await expect(migrate(url, silent, [first, step(2, 'CREATE TABLE b (n int); SELECT 1/0')])).rejects.toThrow(
    'division',
  );
  expect(await select(url, `SELECT to_regclass('b') AS b`)).toEqual([{ b: null }]);
  await migrate(url, silent, [first, step(2, 'CREATE TABLE b (n int)')]);
  expect(await select(url, 'SELECT count(*)::int AS n FROM schema_migrations')).toEqual([{ n: 2 }]);
});

it('refuses a migration that was edited after it was applied', async () => {
  const url = await emptyDatabase();
  await migrate(url, silent, [step(1, 'CREATE TABLE a (n int)')]);
  await expect(migrate(url, silent, [step(1, 'CREATE TABLE a (n bigint)')])).rejects.toThrow('was edited');
});

it('refuses a database that is newer than the code', async () => {
  const url = await emptyDatabase();
  await migrate(url, silent, [step(1, 'SELECT 1'), step(2, 'SELECT 2')]);
  const error = await migrate(url, silent, [step(1, 'SELECT 1')]).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StorageSetupError);
  expect(String(error)).toContain('newer version');
});

it('says how to migrate when a store is opened without the owner on an old schema', async () => {
  const ownerUrl = await emptyDatabase();
  const url = new URL((await postgres.freshAddress()).url);
  url.pathname = new URL(ownerUrl).pathname;
  const options = { cell: 'eu', url: url.href, timeoutMs: 2000, log: silent };
  await expect(openStore(options)).rejects.toThrow('ownerUrl');
  await (await openStore({ ...options, ownerUrl })).close();
  await (await openStore(options)).close();
});
