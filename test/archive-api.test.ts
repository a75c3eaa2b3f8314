import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { detachArchivedMonth } from '../src/audit/archive/detach.ts';
import { hourMs } from '../src/audit/archive/hour.ts';
import { lastSegment } from '../src/audit/archive/repository.ts';
import { sealNext } from '../src/audit/archive/seal.ts';
import { expireDue } from '../src/audit/retention/expiry.ts';
import type { Cell } from '../src/gateway/rooms.ts';
import { attachEmbeddedStores } from '../src/storage/embedded-stores.ts';
import { type TestGateway, startTestGateway } from './support/gateway.ts';
import { soundApplication, waitUntil } from './support/waiting.ts';

/*
 * A record that has left the store, through the same API. The clock that the archivist and the owner read is
 * set forward; the gateway and its ledger are real.
 */

let gateway: TestGateway;
let cell: Cell;
let ownerUrl: string;
const month = new Date().toISOString().slice(0, 7);
beforeAll(async () => {
  gateway = await startTestGateway();
  const eu = gateway.rooms.cells.get('eu');
  if (!eu) throw new Error('no cell');
  cell = eu;
  const stores = await attachEmbeddedStores({ dataDir: join(gateway.folder, 'data'), cells: ['eu'] });
  ownerUrl = await stores.ownerUrl('eu');
});
afterAll(() => gateway?.stop());

async function sealEverything(): Promise<void> {
  await waitUntil(async () => {
    const rows = await cell.store.query<{ waiting: boolean }>({
      text: `SELECT EXISTS (SELECT FROM entries e, ledger_heads h
               WHERE (e.committed_in, e.entry_id) > (h.upto_committed_in, h.upto_entry)) AS waiting`,
      values: [],
    });
    return rows[0]?.waiting === false;
  });
  const nowMs = () => Date.now() + 2 * hourMs;
  const store = cell.archive!.objects;
  while (await sealNext({ cell: 'eu', query: cell.store.query, store, nowMs })) continue;
}

/** This month's partition ends now, as if the next month had begun. */
async function endMonth(): Promise<void> {
  const partition = `entries_${month.replace('-', '_')}`;
  const endMs = Date.now() + 500;
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query(`DO $$ BEGIN
    ALTER TABLE entries DETACH PARTITION ${partition};
    EXECUTE format('ALTER TABLE entries ATTACH PARTITION ${partition} FOR VALUES FROM (%L) TO (%L)',
      uuid_from_time('${month}-01Z'), uuid_from_time(to_timestamp(${endMs} / 1000.0)));
  END $$`);
  await owner.end();
  await waitUntil(() => Promise.resolve(Date.now() > endMs));
}

async function detachThisMonth() {
  const nowMs = () => Date.now() + 90 * 24 * hourMs;
  await expireDue(cell.store, { nowMs, dryRun: false });
  return detachArchivedMonth(month, {
    store: cell.store,
    archive: cell.archive!,
    ownerUrl,
    logOf: (period) => cell.ledger.verifier(period),
    by: 'cli/0',
    dryRun: false,
    nowMs,
    log: () => undefined,
  });
}

it('is found, verified and proved as before', async () => {
  const input = { ...soundApplication, note: 'kept in the archive' };
  const { decisionId } = await gateway.post('/v1/decisions', { decisionType: 'credit-application', input });
  const path = `/v1/decisions/${decisionId}`;
  const before = await gateway.get(path);
  const record = await gateway.get(`${path}/record`);
  expect(record.body).toMatchObject({ source: 'store', intact: true });
  await endMonth();
  await sealEverything();
  const sealed = await lastSegment(cell.store.query);
  expect(sealed?.number).toBeGreaterThanOrEqual(0);

  expect(await detachThisMonth()).toMatchObject({ kind: 'detached' });
  const left = { name: 'left', text: 'SELECT 1 FROM entries WHERE decision_id = $1', values: [decisionId] };
  expect(await cell.store.query(left)).toEqual([]);

  expect((await gateway.get(path)).body).toEqual(before.body);
  const found = await gateway.get(`${path}/record`);
  expect(found.body).toEqual({ ...record.body, source: 'archive' });
  expect(found.text).toContain('kept in the archive');
  const receipt = await gateway.get(`${path}/receipt`);
  expect(receipt.status).toBe(200);
  expect(receipt.text).toContain('c2sp.org/tlog-proof@v1');
  // Both readings left an entry in the store, also the one after the decision had left it.
  const accesses = await gateway.get(`${path}/accesses`);
  expect(accesses.body['accesses']).toHaveLength(2);
  // Another tenant does not learn that there is such a decision.
  const other = { key: await gateway.keyFor({}, 'other') };
  expect((await gateway.get(`${path}/record`, other)).status).toBe(404);

  const replayed = await gateway.post(`${path}/replay`, {});
  expect(replayed.body).toMatchObject({ reason: null, firstDifference: null });
  expect((await gateway.get(`${path}/evidence`)).status).toBe(200);
  const next = await gateway.post('/v1/decisions', { decisionType: 'credit-application', input });
  expect(next.status).toBe(200);
});
