import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../../test/support/postgres.ts';
import { StoreUnavailableError } from './errors.ts';
import type { Store } from './store.ts';
import type { TableSpec, Unit } from './table.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const parts: TableSpec = {
  name: 'parts',
  columns: [
    { name: 'digest', type: 'bytea' },
    { name: 'media_type', type: 'text' },
    { name: 'bytes', type: 'bytea' },
    { name: 'tenant', type: 'text' },
    { name: 'cell', type: 'text' },
  ],
};
const part = (): Unit => ({
  inserts: [{ table: parts, row: [randomBytes(32), 'text/plain', Buffer.alloc(10), 't', 'eu'] }],
});

async function count(store: Store): Promise<number | undefined> {
  const rows = await store.query<{ n: number }>({ text: 'SELECT count(*)::int AS n FROM parts', values: [] });
  return rows[0]?.n;
}

/** The postmaster and its children: what an operator's SIGSTOP or a frozen machine would hold. */
function serverProcesses(): number[] {
  const postmaster = postgres.server.pid();
  const children = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === postmaster;
  });
  return [postmaster!, ...children.map(Number)];
}

it.runIf(process.platform === 'linux')('gives up a frozen server in time, and recovers with it', async () => {
  const store = await postgres.freshStore('eu', { timeoutMs: 300 });
  await Promise.all(Array.from({ length: 20 }, () => store.healthy()));
  await Promise.all(Array.from({ length: 20 }, () => store.commit(part())));
  const frozen = serverProcesses();
  for (const pid of frozen) process.kill(pid, 'SIGSTOP');
  const inFlight = part();
  const results = await Promise.allSettled([
    store.commit(inFlight),
    store.query({ text: 'SELECT 1', values: [] }),
    store.transaction((query) => query({ text: 'SELECT 1', values: [] })),
    ...Array.from({ length: 600 }, () => store.commit(part())),
  ]);
  const healthyWhileFrozen = await store.healthy();
  for (const pid of frozen) process.kill(pid, 'SIGCONT');
  expect(healthyWhileFrozen).toBe(false);
  const reasons = results.map((result) => (result.status === 'rejected' ? result.reason : null));
  expect(reasons.every((reason) => reason instanceof StoreUnavailableError)).toBe(true);
  // Two lanes of 256 were in flight; the rest never left this process and must not appear.
  const late = await Promise.all(reasons.map((reason: StoreUnavailableError) => reason.late));
  expect(reasons.filter((reason: StoreUnavailableError) => !reason.sent).length).toBeGreaterThanOrEqual(
    601 - 512,
  );
  expect(late[0]).toBe(true);
  await expect.poll(() => store.healthy()).toBe(true);
  expect(await count(store)).toBe(20 + late.filter(Boolean).length);
  await store.commit(part());
});

it('fails fast while the server is down, and recovers when it is back', async () => {
  const store = await postgres.freshStore();
  await store.commit(part());
  const before = postgres.server.pid();
  process.kill(before!, 'SIGKILL');
  const failed = await Promise.allSettled([
    store.commit(part()),
    store.query({ text: 'SELECT pg_sleep(4)', values: [] }),
  ]);
  expect(failed[1]).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailableError) });
  await expect.poll(() => store.healthy(), { timeout: 20_000 }).toBe(true);
  expect(postgres.server.pid()).not.toBe(before);
  await store.commit(part());
  expect(await count(store)).toBe(failed[0].status === 'fulfilled' ? 3 : 2);
});

it('survives a connection that is lost between two statements of a transaction', async () => {
  const store = await postgres.freshStore();
  const pidOf = `SELECT pg_backend_pid() AS pid`;
  const lost = store.transaction(async (query) => {
    const [session] = await query<{ pid: number }>({ text: pidOf, values: [] });
    const alive = { text: 'SELECT FROM pg_stat_activity WHERE pid = $1', values: [session?.pid] };
    await store.query({ text: 'SELECT pg_terminate_backend($1)', values: [session?.pid] });
    await expect.poll(() => store.query(alive)).toEqual([]);
    // One turn more, so that the message has arrived before the next statement is written.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return query({ text: pidOf, values: [] });
  });
  await expect(lost).rejects.toBeInstanceOf(StoreUnavailableError);
  expect(await store.healthy()).toBe(true);
});
