import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import pg from 'pg';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createKeyStore } from '../src/audit/key-store.ts';
import { recordAfter } from '../src/audit/continue.ts';
import { findEntries } from '../src/audit/repository.ts';
import { type ClockEvent, recordClockStart } from '../src/audit/retention/clock.ts';
import { planErasure } from '../src/audit/retention/erasure-plan.ts';
import { type Erasure, pursueErasure, requestErasure } from '../src/audit/retention/erasure.ts';
import { expireDue } from '../src/audit/retention/expiry.ts';
import { placeHold } from '../src/audit/retention/hold.ts';
import { findKeepings } from '../src/audit/retention/keeping.ts';
import { destroySubjectKey, expirePayloads } from '../src/audit/retention/repository.ts';
import { enqueue } from '../src/audit/retention/queue.ts';
import { auditCommands } from '../src/cli/audit.ts';
import { canonicalJson, sha256 } from '../src/decision/canonical.ts';
import type { RetentionTerm, SystemFacts } from '../src/decision/entry.ts';
import type { DecisionId, Digest } from '../src/decision/ids.ts';
import { erasurePorts } from '../src/gateway/erasing.ts';
import { retain } from '../src/gateway/retaining.ts';
import type { Cell } from '../src/gateway/rooms.ts';
import { superuser, superuserSecret } from '../src/storage/cluster.ts';
import { placeDataFolder } from '../src/storage/data-folder.ts';
import { databaseUrl } from '../src/storage/embedded.ts';
import { StoreUnavailableError } from '../src/storage/errors.ts';
import { serverAccount } from '../src/storage/server-account.ts';
import type { Store } from '../src/storage/store.ts';
import { type TestGateway, startTestGateway } from './support/gateway.ts';
import { recordOld } from './support/old-decisions.ts';

const dayMs = 24 * 60 * 60 * 1000;
const yearMs = 366 * dayMs;
const note = 'The kitchen tap leaked over night.';
const sound = {
  amount: 5_000,
  termMonths: 24,
  annualIncome: 60_000,
  monthlyDebtPayments: 200,
  employmentMonths: 80,
  creditHistoryMonths: 120,
  utilisationPercent: 10,
  missedPayments24Months: 0,
  enquiries6Months: 0,
  note,
};

let gateway: TestGateway;
let cell: Cell;
let store: Store;
let configFile: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  const eu = gateway.rooms.cells.get('eu');
  if (!eu) throw new Error('the test gateway hosts no cell eu');
  cell = eu;
  store = eu.store;
  configFile = join(gateway.folder, 'countersign.yaml');
});
afterAll(() => gateway.stop());

const ports = (nowMs = () => Date.now()) => erasurePorts(gateway.rooms.config, cell, nowMs);
const yearsAgo = (years: number) => Date.now() - years * yearMs;
const why = { reason: 'data-subject-request', case: 'DSR-17' } as const;

async function decideFor(subject: string): Promise<string> {
  const headers = { 'countersign-subject': subject };
  const answer = await gateway.post(
    '/v1/decisions',
    { input: sound },
    { decisionType: 'credit-application', headers },
  );
  expect(answer.status).toBe(200);
  return answer.decisionId;
}

async function erase(body: object, sending = {}) {
  const answer = await gateway.post('/v1/erasures', { ...why, ...body }, sending);
  const [erasure] = (answer.body['erasures'] ?? []) as (Erasure & { cell: string })[];
  return { answer, erasure };
}

const actions = (erasure: Erasure | undefined) => erasure?.steps.map((step) => step['action']);

async function states(decisionId: string) {
  const story = await gateway.story(decisionId);
  return { intact: story?.intact, states: [...new Set(story?.entries.map((entry) => entry.state))] };
}

/** As the owner of the tables; `around` goes around the triggers, as who owns the machine can. */
async function asOwner(text: string, values: unknown[], around = false): Promise<pg.QueryResult> {
  const [row] = await store.query<{ name: string; port: number }>({
    text: 'SELECT current_database() AS name, inet_server_port() AS port',
    values: [],
  });
  const folder = await placeDataFolder(join(gateway.folder, 'data'), serverAccount());
  const password = (await readFile(join(folder, superuserSecret), 'utf8')).trim();
  const connectionString = databaseUrl({
    user: superuser,
    password,
    port: row?.port ?? 0,
    database: row?.name ?? '',
  });
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    if (around) await client.query('SET session_replication_role = replica');
    return await client.query(text, values);
  } finally {
    await client.end();
  }
}

describe('an erasure', () => {
  it('is scheduled while a law asks for the record, and carried out when it does no longer', async () => {
    const subject = 'anna-4711';
    const ids = [await decideFor(subject), await decideFor(subject)];
    const { answer, erasure } = await erase({ subject, cell: 'eu' });
    expect(answer.status).toBe(200);
    expect(erasure).toMatchObject({ status: 'scheduled', cell: 'eu' });
    expect(actions(erasure)).toEqual(['requested', 'scheduled']);
    const scheduled = erasure?.steps[1];
    expect(scheduled).toMatchObject({
      basis: 'GDPR Art. 17(3)(b)',
      decisions: 2,
      under: [{ class: 'credit-decision', law: null }],
    });
    const untilMs = Date.parse(String(scheduled?.['until']));
    expect(untilMs).toBeGreaterThan(Date.now() + 7 * 365 * dayMs);
    expect(answer.text).not.toContain(subject);
    // Asked again, it is the same erasure.
    expect((await erase({ subject })).erasure?.erasureId).toBe(erasure?.erasureId);
    await retain(gateway.rooms, cell, { nowMs: () => untilMs - 1 });
    expect(await states(ids[0] ?? '')).toEqual({ intact: true, states: ['opened'] });
    await pursueErasure(
      ports(() => untilMs),
      erasure?.erasureId as DecisionId,
    );
    const told = await gateway.get(`/v1/erasures/${erasure?.erasureId}`);
    expect(told.body).toMatchObject({ status: 'erased' });
    const steps = told.body['steps'] as SystemFacts[];
    expect(steps.map((step) => step['action'])).toEqual(['requested', 'scheduled', 'executed', 'proven']);
    const remains = ((steps[2]?.['remains'] ?? []) as { what: string }[]).map(({ what }) => what);
    expect(remains).toEqual([
      'headers-and-proofs',
      'ciphertext',
      'archive-segments',
      'key-backups',
      'idempotency-keys',
      'provider-logs:simulator-eu',
    ]);
    expect(steps[3]).toMatchObject({ payloads: 6, keyMissing: 6 });
    for (const id of ids) expect(await states(id)).toEqual({ intact: true, states: ['erased'] });
    const read = await gateway.get(`/v1/decisions/${ids[0]}`);
    expect(read).toMatchObject({ status: 410, code: 'RECORD_GONE' });
    expect(read.body).toMatchObject({ state: 'erased' });
    expect((await erase({ subject })).answer).toMatchObject({ status: 404, code: 'NOTHING_TO_ERASE' });
    // Seen again, the subject has a new key and readable records.
    expect(await states(await decideFor(subject))).toEqual({ intact: true, states: ['opened'] });
  });

  it('is done at once where nothing keeps the record, by the decision where no subject was named', async () => {
    const { decisionId, keyId } = await recordOld(cell, { atMs: yearsAgo(1) });
    const { erasure } = await erase({ decisionId });
    expect(erasure?.status).toBe('erased');
    expect(actions(erasure)).toEqual(['requested', 'executed', 'proven']);
    expect(await states(decisionId)).toEqual({ intact: true, states: ['erased'] });
    expect(await cell.keys.keyOf('acme', keyId)).toBeNull();
    expect((await erase({ decisionId })).answer.code).toBe('NOTHING_TO_ERASE');
  });

  it('waits for a decision that is still open', async () => {
    const { decisionId } = await recordOld(cell, { atMs: yearsAgo(9), status: 'in_review' });
    const { erasure } = await erase({ decisionId });
    expect(erasure).toMatchObject({ status: 'scheduled' });
    expect(erasure?.steps[1]).toMatchObject({ until: null, under: [] });
  });

  it('takes only what the key may see, and a decision of a subject only with the subject', async () => {
    const { decisionId } = await recordOld(cell, { atMs: yearsAgo(1), subject: 'bert' });
    expect((await erase({ decisionId })).answer).toMatchObject({ status: 409, code: 'ERASE_BY_SUBJECT' });
    const elsewhere = await gateway.keyFor({}, 'other-tenant');
    expect((await erase({ decisionId }, { key: elsewhere })).answer.code).toBe('DECISION_UNKNOWN');
    expect((await erase({ subject: 'bert' }, { key: elsewhere })).answer.code).toBe('NOTHING_TO_ERASE');
    const narrow = await gateway.keyFor({ decisionTypes: ['chat-test'] });
    expect((await erase({ subject: 'bert' }, { key: narrow })).answer.code).toBe('LABEL_UNGRANTED');
    const auditor = await gateway.keyFor({ roles: ['auditor', 'caller', 'reviewer'] });
    expect((await erase({ subject: 'bert' }, { key: auditor })).answer.code).toBe('ROLE_MISSING');
    expect((await erase({ subject: 'bert', decisionId })).answer.code).toBe('REQUEST_INVALID');
    expect((await erase({ subject: 'bert', reason: 'she asked' })).answer.code).toBe('REQUEST_INVALID');
    expect((await erase({ subject: 'bert', case: 'Mr Bert' })).answer.code).toBe('REQUEST_INVALID');
    expect(await states(decisionId)).toEqual({ intact: true, states: ['opened'] });
    const { erasure } = await erase({ subject: 'bert' });
    expect(erasure?.status).toBe('erased');
    const seen = await gateway.get(`/v1/erasures/${erasure?.erasureId}`, { key: elsewhere });
    expect(seen.code).toBe('ERASURE_UNKNOWN');
  });

  it('is named, not the person, in every plain column', async () => {
    await recordOld(cell, { atMs: yearsAgo(1), subject: 'canary-subject-0815' });
    await gateway.post('/v1/holds', {
      subject: 'canary-subject-0815',
      reason: 'audit',
      case: 'A-1',
      cell: 'eu',
    });
    await erase({ subject: 'canary-subject-0815' });
    const rows = await asOwner(
      `SELECT convert_from(header, 'UTF8') AS text FROM entries UNION ALL SELECT row_to_json(h)::text FROM legal_holds h
       UNION ALL SELECT row_to_json(e)::text FROM erasures e`,
      [],
    );
    const all = (rows.rows as { text: string }[]).map((row) => row.text).join('\n');
    expect(all).not.toContain('canary-subject');
    expect(gateway.logLines.join('\n')).not.toContain('canary-subject');
    expect(await gateway.databaseLog()).not.toContain('canary-subject');
  });
});

describe('a legal hold', () => {
  it.each(['decision', 'subject'] as const)(
    'on a %s stops an erasure until it is released',
    async (scope) => {
      const subject = `held-by-${scope}`;
      const { decisionId } = await recordOld(cell, { atMs: yearsAgo(2), subject });
      const target = scope === 'decision' ? { decisionId } : { subject, cell: 'eu' };
      const placed = await gateway.post('/v1/holds', { ...target, reason: 'litigation', case: 'LIT-3' });
      const { holdId } = (placed.body['holds'] as { holdId: string }[])[0] ?? { holdId: '' };
      const listed = (await gateway.get('/v1/holds')).body['holds'] as object[];
      expect(listed).toContainEqual(
        expect.objectContaining({ holdId, scope, case: 'LIT-3', reason: 'litigation' }),
      );
      const { erasure } = await erase({ subject });
      expect(erasure?.status).toBe('held');
      expect(erasure?.steps.at(-1)).toMatchObject({ action: 'held', holds: [holdId] });
      await retain(gateway.rooms, cell, { nowMs: () => Date.now() + 2 * dayMs });
      expect(await states(decisionId)).toEqual({ intact: true, states: ['opened'] });
      const other = await gateway.keyFor({}, 'other-tenant');
      expect((await releaseById(holdId, other)).code).toBe('HOLD_UNKNOWN');
      expect((await releaseById(holdId)).status).toBe(200);
      expect((await releaseById(holdId)).code).toBe('HOLD_UNKNOWN');
      await retain(gateway.rooms, cell, { nowMs: () => Date.now() + 4 * dayMs });
      const told = await gateway.get(`/v1/erasures/${erasure?.erasureId}`);
      expect(told.body).toMatchObject({ status: 'erased' });
      expect(await states(decisionId)).toEqual({ intact: true, states: ['erased'] });
    },
  );

  it('may be placed on a subject before there is any record, and holds when there is', async () => {
    const body = { subject: 'not-yet-seen', cell: 'eu', reason: 'regulator', case: 'R-1' };
    expect((await gateway.post('/v1/holds', body)).status).toBe(200);
    await recordOld(cell, { atMs: yearsAgo(2), subject: 'not-yet-seen' });
    expect((await erase({ subject: 'not-yet-seen' })).erasure?.status).toBe('held');
  });

  it('keeps a decision from expiring', async () => {
    const { decisionId } = await recordOld(cell, { atMs: yearsAgo(2) });
    await placeHold(
      store,
      { tenant: 'acme', on: { decisionId }, reason: 'audit', caseReference: 'A', by: 't' },
      Date.now,
    );
    await enqueue(store, decisionId, 0);
    expect((await expireDue(store, { nowMs: Date.now, dryRun: false })).held).toContain(decisionId);
    expect(await states(decisionId)).toEqual({ intact: true, states: ['opened'] });
  });
});

async function releaseById(holdId: string, key?: string) {
  const response = await fetch(`${gateway.url}/v1/holds/${holdId}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${key ?? (await gateway.keyFor())}` },
  });
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, code: body['code'] };
}

/** An erasure that a crash left behind: requested, ordered with the right counts, and nothing done. */
async function crashedErasure(keyId: string, decisions = 1): Promise<DecisionId> {
  // A store whose connection is lost at the moment of the destruction.
  const lost: Store = {
    ...store,
    query: (statement) =>
      statement.text.includes('destroy_subject_key')
        ? Promise.reject(new StoreUnavailableError('lost', { sent: false }))
        : store.query(statement),
  };
  const request = {
    tenant: 'acme',
    keyId,
    decisionId: null,
    reason: why.reason,
    caseReference: null,
    by: 't',
  };
  await expect(requestErasure({ ...ports(), store: lost }, request)).rejects.toThrow(StoreUnavailableError);
  const [row] = await store.query<{ id: DecisionId }>({
    text: 'SELECT erasure_id AS id FROM erasures WHERE key_id = $1 AND closed_at IS NULL',
    values: [keyId],
  });
  const last = (await findEntries(store, row?.id as DecisionId)).at(-1)?.header.facts as SystemFacts;
  expect(last).toMatchObject({ action: 'executed', decisions });
  return row?.id as DecisionId;
}

describe('between the order and the destruction', () => {
  it('a crash loses nothing: the next round finishes it', async () => {
    const { decisionId, keyId } = await recordOld(cell, { atMs: yearsAgo(1), subject: 'crash-1' });
    const erasureId = await crashedErasure(keyId);
    expect(await states(decisionId)).toEqual({ intact: true, states: ['opened'] });
    await retain(gateway.rooms, cell, { nowMs: () => Date.now() + 1000 });
    expect((await gateway.get(`/v1/erasures/${erasureId}`)).body).toMatchObject({ status: 'erased' });
    expect(await cell.keys.keyOf('acme', keyId)).toBeNull();
  });

  it('a crash after it is finished, too: the proof follows', async () => {
    const { keyId } = await recordOld(cell, { atMs: yearsAgo(1), subject: 'crash-2' });
    const erasureId = await crashedErasure(keyId);
    expect(await destroySubjectKey(store, keyId, erasureId)).toBe('destroyed');
    const erasure = await pursueErasure(ports(), erasureId);
    expect(actions(erasure)).toEqual(['requested', 'executed', 'proven']);
  });

  it('a hold still counts', async () => {
    const { decisionId, keyId } = await recordOld(cell, { atMs: yearsAgo(1), subject: 'late-hold' });
    const erasureId = await crashedErasure(keyId);
    const mac = cell.keys.subjectMac('acme', 'late-hold');
    const hold = { tenant: 'acme', reason: 'litigation', caseReference: 'L', by: 't' } as const;
    await placeHold(store, { ...hold, on: { subjectMac: mac, keyId } }, Date.now);
    expect(await destroySubjectKey(store, keyId, erasureId)).toBe('held');
    expect((await pursueErasure(ports(), erasureId)).status).toBe('held');
    expect(await states(decisionId)).toEqual({ intact: true, states: ['opened'] });
  });

  it('a new decision, or a clock that was reported, still counts', async () => {
    const { keyId } = await recordOld(cell, { atMs: yearsAgo(1), subject: 'late-decision' });
    const erasureId = await crashedErasure(keyId);
    const later = await recordOld(cell, { atMs: Date.now(), subject: 'late-decision' });
    expect(later.keyId).toBe(keyId);
    expect(await destroySubjectKey(store, keyId, erasureId)).toBe('changed');
    const erasure = await pursueErasure(ports(), erasureId);
    expect(actions(erasure)).toEqual(['requested', 'executed', 'scheduled']);
    const noticed = await recordOld(cell, {
      atMs: yearsAgo(3),
      subject: 'late-clock',
      retention: [{ class: 'n', clockStart: 'notice', months: 1 }],
    });
    const start = { decisionId: noticed.decisionId, tenant: 'acme', event: 'notice', by: 't' } as const;
    await recordClockStart(store, { ...start, atMs: yearsAgo(2) }, Date.now);
    const second = await crashedErasure(noticed.keyId);
    await recordClockStart(store, { ...start, atMs: Date.now() - 1000 }, Date.now);
    expect(await destroySubjectKey(store, noticed.keyId, second)).toBe('changed');
    expect((await pursueErasure(ports(), second)).status).toBe('scheduled');
  });

  it('the store destroys nothing that no record orders', async () => {
    const { decisionId, keyId } = await recordOld(cell, { atMs: yearsAgo(1) });
    const other = await recordOld(cell, { atMs: yearsAgo(1) });
    const erasureId = await crashedErasure(other.keyId);
    expect(await destroySubjectKey(store, keyId, erasureId)).toBe('unordered');
    expect(await destroySubjectKey(store, keyId, decisionId)).toBe('unordered');
    expect(await expirePayloads(store, decisionId, erasureId)).toBe('unordered');
    // An order that was followed by another plan is none any more.
    const last = (await findEntries(store, erasureId)).at(-1);
    if (!last) throw new Error('the erasure has no entries');
    const digest = `sha256:${last.headerDigest.toString('hex')}` as Digest;
    const held = { action: 'held', holds: [], keyId: other.keyId, kind: 'erasure' } as const;
    await recordAfter(store, { header: last.header, digest }, null, Date.now).system('erasure', held, []);
    expect(await destroySubjectKey(store, other.keyId, erasureId)).toBe('unordered');
  });

  it('a deletion needs the functions: the gateway’s own role can neither empty nor delete', async () => {
    const { decisionId } = await recordOld(cell, { atMs: yearsAgo(1) });
    for (const text of [
      'UPDATE entries SET payload = NULL WHERE decision_id = $1',
      'DELETE FROM entries WHERE decision_id = $1',
      'DELETE FROM subject_keys WHERE key_id = $1',
      'DELETE FROM legal_holds WHERE decision_id = $1',
      'DELETE FROM hold_releases WHERE hold_id = $1',
      "INSERT INTO destroyed_keys (key_id, tenant, cell, entry) VALUES ($1::uuid, '', '', $1::uuid)",
    ]) {
      await expect(store.query({ text, values: [decisionId] })).rejects.toThrow('42501');
    }
    const setting = `SELECT set_config('countersign.expiring', $1::uuid::text, true)`;
    const statement = (set: string) =>
      `WITH s AS (${setting}) UPDATE entries SET ${set} FROM s WHERE decision_id = $1::uuid`;
    await expect(
      asOwner('UPDATE entries SET payload = NULL WHERE decision_id = $1', [decisionId]),
    ).rejects.toThrow('append-only');
    for (const set of ["payload = NULL, tenant = 'x'", "payload = '\\x00'", "tenant = 'x'"]) {
      await expect(asOwner(statement(set), [decisionId])).rejects.toThrow('append-only');
    }
    expect((await asOwner(statement('payload = NULL'), [decisionId])).rowCount).toBe(1);
  });
});

describe('an erasure beside new decisions', () => {
  it('never takes one of them: each is recorded under a key that is there', async () => {
    for (const round of [1, 2, 3]) {
      const subject = `busy-${round}`;
      const old = await recordOld(cell, { atMs: yearsAgo(1), subject });
      const [first, ...ids] = await Promise.all([
        requestErasure(ports(), {
          tenant: 'acme',
          keyId: old.keyId,
          decisionId: null,
          reason: why.reason,
          caseReference: null,
          by: 't',
        }),
        ...Array.from({ length: 12 }, () => decideFor(subject)),
      ]);
      for (const id of ids) expect(await states(id)).toEqual({ intact: true, states: ['opened'] });
      const expected = first.status === 'erased' ? 'erased' : 'opened';
      expect(await states(old.decisionId)).toEqual({ intact: true, states: [expected] });
    }
  });

  it('in another process, which still has the key in memory, begins again under a new one', async () => {
    const subject = 'cached-elsewhere';
    const old = await recordOld(cell, { atMs: yearsAgo(1), subject });
    const elsewhere = { ...ports(), keys: createKeyStore(store, cell.keyring) };
    const request = {
      tenant: 'acme',
      keyId: old.keyId,
      decisionId: null,
      reason: why.reason,
      caseReference: null,
      by: 't',
    };
    expect((await requestErasure(elsewhere, request)).status).toBe('erased');
    const before = gateway.callsReceived();
    const id = await decideFor(subject);
    expect(await states(id)).toEqual({ intact: true, states: ['opened'] });
    expect(gateway.callsReceived()).toBe(before + 1);
    expect(await states(old.decisionId)).toEqual({ intact: true, states: ['erased'] });
  });
});

describe('expiry', () => {
  it('is an entry, empties the payload, destroys a key that seals nothing more, and verifies', async () => {
    const { decisionId, keyId } = await recordOld(cell, { atMs: yearsAgo(2) });
    await enqueue(store, decisionId, 0);
    const dry = await expireDue(store, { nowMs: Date.now, dryRun: true });
    expect(dry.expired.map((one) => one.decisionId)).toContain(decisionId);
    expect(await states(decisionId)).toEqual({ intact: true, states: ['opened'] });
    const done = await expireDue(store, { nowMs: Date.now, dryRun: false });
    expect(done.expired).toContainEqual(
      expect.objectContaining({ decisionId, payloads: 1, classes: ['short'] }),
    );
    expect(await states(decisionId)).toEqual({ intact: true, states: ['expired'] });
    expect(await cell.keys.keyOf('acme', keyId)).toBeNull();
    const [about] = await store.query<{ header: Buffer }>({
      text: `SELECT header FROM entries WHERE about = $1 AND type = 'retention'`,
      values: [decisionId],
    });
    const facts = (JSON.parse(String(about?.header)) as { facts: SystemFacts }).facts;
    expect(facts).toMatchObject({ action: 'expired', classes: ['short'], entries: 1, keyId, payloads: 1 });
    expect((await expireDue(store, { nowMs: Date.now, dryRun: false })).expired).toEqual([]);
  });

  it('keeps the key of a subject as long as one decision is kept', async () => {
    const subject = 'half-expired';
    const over = await recordOld(cell, { atMs: yearsAgo(2), subject });
    const kept = await recordOld(cell, {
      atMs: yearsAgo(2),
      subject,
      retention: [{ class: 'long', clockStart: 'decision', months: 240 }],
    });
    for (const one of [over, kept]) await enqueue(store, one.decisionId, 0);
    await expireDue(store, { nowMs: Date.now, dryRun: false });
    expect((await states(over.decisionId)).states).toEqual(['expired']);
    expect((await states(kept.decisionId)).states).toEqual(['opened']);
    await expireDue(store, { nowMs: () => Date.now() + 21 * yearMs, dryRun: false });
    expect((await states(kept.decisionId)).states).toEqual(['expired']);
    expect(await cell.keys.keyOf('acme', kept.keyId)).toBeNull();
  });

  it('finishes what a crash left after the entry, with the same order', async () => {
    const { decisionId } = await recordOld(cell, { atMs: yearsAgo(2) });
    await enqueue(store, decisionId, 0);
    const lost: Store = {
      ...store,
      query: (statement) =>
        statement.text.includes('expire_payloads')
          ? Promise.reject(new StoreUnavailableError('lost', { sent: false }))
          : store.query(statement),
    };
    await expect(expireDue(lost, { nowMs: Date.now, dryRun: false })).rejects.toThrow(StoreUnavailableError);
    expect((await states(decisionId)).states).toEqual(['opened']);
    await expireDue(store, { nowMs: () => Date.now() + 1000, dryRun: false });
    expect(await states(decisionId)).toEqual({ intact: true, states: ['expired'] });
    const orders = await store.query({
      text: `SELECT 1 FROM entries WHERE about = $1 AND type = 'retention'`,
      values: [decisionId],
    });
    expect(orders).toHaveLength(1);
  });

  it.each(['decision', 'subject'] as const)(
    'refuses an order that a hold on a %s has overtaken',
    async (on) => {
      const subject = `overtaken-${on}`;
      const { decisionId, keyId } = await recordOld(cell, { atMs: yearsAgo(2), subject });
      await enqueue(store, decisionId, 0);
      const mac = cell.keys.subjectMac('acme', subject);
      const target = on === 'decision' ? { decisionId } : { subjectMac: mac, keyId };
      const hold = { tenant: 'acme', on: target, reason: 'audit', caseReference: 'A', by: 't' } as const;
      const late: Store = {
        ...store,
        async query(statement) {
          if (statement.text.includes('expire_payloads')) await placeHold(store, hold, Date.now);
          return store.query(statement);
        },
      };
      await expireDue(late, { nowMs: Date.now, dryRun: false });
      expect((await states(decisionId)).states).toEqual(['opened']);
      expect(await cell.keys.keyOf('acme', keyId)).not.toBeNull();
    },
  );

  it('walks through the decisions by itself, each once', async () => {
    const nowMs = () => Date.now() + 40 * dayMs;
    const { decisionId } = await recordOld(cell, { atMs: Date.now() });
    await expireDue(store, { nowMs: Date.now, dryRun: false });
    expect((await states(decisionId)).states).toEqual(['opened']);
    const first = await expireDue(store, { nowMs, dryRun: false });
    expect(first.expired.map((one) => one.decisionId)).toContain(decisionId);
    const second = await expireDue(store, { nowMs, dryRun: false });
    expect(second.looked).toBeLessThan(first.looked);
  });

  it('reads the years of a record of schema 1 from the release it names', async () => {
    const release = gateway.rooms.releases.get('claims-triage');
    const ids = await Promise.all(
      [release ?? null, `sha256:${'0'.repeat(64)}`].map((named) => insertSchema1(named)),
    );
    const [known, unknown] = await findKeepings(store, ids);
    expect(known?.until).toMatchObject({ kind: 'until', terms: [{ class: 'insurance-claim', months: 120 }] });
    expect(unknown?.until).toMatchObject({
      kind: 'open',
      terms: [{ class: 'insurance-claim', months: null }],
    });
  });
});

async function insertSchema1(release: string | null): Promise<DecisionId> {
  const decisionId = uuidV7({ msecs: yearsAgo(1) }) as DecisionId;
  const header = {
    callId: null,
    cell: 'eu',
    dataClass: null,
    decisionId,
    decisionType: 'claims-triage',
    entryId: uuidV7(),
    facts: { kind: 'refusal', caller: 'c', code: 'X', verdicts: [] },
    jurisdiction: 'EU',
    payload: null,
    previous: null,
    release,
    retention: { class: 'insurance-claim', clockStart: 'decision' },
    schema: 1,
    tenant: 'acme',
    time: new Date(yearsAgo(1)).toISOString(),
    type: 'refusal',
  };
  const bytes = Buffer.from(canonicalJson(header));
  await store.query({
    text: `INSERT INTO entries (entry_id, decision_id, type, tenant, cell, header, header_digest)
           VALUES ($1, $2, 'refusal', 'acme', 'eu', $3, $4)`,
    values: [header.entryId, decisionId, bytes, sha256(bytes)],
  });
  return decisionId;
}

describe('what is missing without an entry that says why', () => {
  it('is a problem: a payload', async () => {
    const { decisionId } = await recordOld(cell, { atMs: yearsAgo(1) });
    await asOwner('UPDATE entries SET payload = NULL WHERE decision_id = $1', [decisionId], true);
    expect(await states(decisionId)).toEqual({ intact: false, states: ['unreadable'] });
    await asOwner('DELETE FROM entries WHERE decision_id = $1', [decisionId], true);
  });

  it('is a problem: a key, even with a row that pretends', async () => {
    const { decisionId, keyId } = await recordOld(cell, { atMs: yearsAgo(1) });
    const other = await recordOld(cell, { atMs: yearsAgo(1) });
    const { erasure } = await erase({ decisionId: other.decisionId });
    await asOwner('DELETE FROM subject_keys WHERE key_id = $1', [keyId], true);
    expect(await states(decisionId)).toEqual({ intact: false, states: ['unreadable'] });
    const pretend = `INSERT INTO destroyed_keys (key_id, tenant, cell, entry) VALUES ($1, 'acme', 'eu', $2)`;
    await asOwner(pretend, [keyId, erasure?.erasureId], true);
    expect(await states(decisionId)).toEqual({ intact: false, states: ['unreadable'] });
    await asOwner('DELETE FROM entries WHERE decision_id = $1', [decisionId], true);
  });

  it('and an erased ciphertext that was altered', async () => {
    const { decisionId } = await recordOld(cell, { atMs: yearsAgo(1) });
    await erase({ decisionId });
    await asOwner(
      'UPDATE entries SET payload = set_byte(payload, 20, get_byte(payload, 20) # 1) WHERE decision_id = $1',
      [decisionId],
      true,
    );
    expect(await states(decisionId)).toEqual({ intact: false, states: ['unreadable'] });
    await asOwner('DELETE FROM entries WHERE decision_id = $1', [decisionId], true);
  });
});

describe('a clock', () => {
  it('starts by a report, the latest of which counts; before, the record is kept', async () => {
    const retention: RetentionTerm[] = [{ class: 'account', clockStart: 'account-closed', months: 12 }];
    const { decisionId } = await recordOld(cell, { atMs: yearsAgo(5), retention });
    const untilOf = async () => (await findKeepings(store, [decisionId]))[0]?.until;
    expect(await untilOf()).toMatchObject({ kind: 'open' });
    const report = (at: string, event = 'account-closed') =>
      gateway.post(`/v1/decisions/${decisionId}/clock`, { event, at });
    expect((await report('2024-05-10T12:00:00Z')).status).toBe(200);
    expect(await untilOf()).toMatchObject({ atMs: Date.UTC(2025, 4, 12, 12) });
    await report('2025-06-10T12:00:00Z');
    await report('2023-01-01T00:00:00Z');
    expect(await untilOf()).toMatchObject({ atMs: Date.UTC(2026, 5, 12, 12) });
    expect((await report('2099-01-01T00:00:00Z')).code).toBe('REQUEST_INVALID');
    expect((await report('yesterday')).code).toBe('REQUEST_INVALID');
    expect((await report('2024-01-01T00:00:00Z', 'decision')).code).toBe('REQUEST_INVALID');
    expect(
      (await gateway.post(`/v1/decisions/${uuidV7()}/clock`, { event: 'notice', at: '2024-01-01T00:00:00Z' }))
        .code,
    ).toBe('DECISION_UNKNOWN');
  });
});

describe('random histories', () => {
  /** Counted again from the facts of the test, on the calendar's fields. */
  function mayGo(history: History, nowMs: number): boolean {
    if (history.held) return false;
    return history.retention.every(({ clockStart, months }) => {
      const reported = history.clocks
        .filter((clock) => clock.event === clockStart)
        .map((clock) => clock.atMs);
      if (clockStart !== 'decision' && reported.length === 0) return false;
      if (months === null) return false;
      const start = new Date(Math.max(history.atMs, ...reported));
      const end = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + months, 1));
      const days = new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 0)).getUTCDate();
      end.setUTCDate(Math.min(start.getUTCDate(), days));
      return nowMs >= end.getTime() + dayMs;
    });
  }

  interface History {
    readonly atMs: number;
    readonly subject: string | null;
    readonly retention: readonly RetentionTerm[];
    readonly clocks: readonly { readonly event: ClockEvent; readonly atMs: number }[];
    readonly held: boolean;
  }
  const nowMs = Date.now() + 30 * yearMs;
  const ago = fc.integer({ min: 0, max: 60 }).map((months) => nowMs - months * 31 * dayMs);
  const history = fc.record({
    atMs: ago,
    subject: fc.option(fc.constantFrom('random-1', 'random-2', 'random-3')),
    retention: fc.array(
      fc.record({
        class: fc.constantFrom('a', 'b'),
        clockStart: fc.constantFrom('decision', 'decision', 'account-closed', 'notice'),
        months: fc.option(fc.integer({ min: 1, max: 30 }), { freq: 20 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    clocks: fc.array(fc.record({ event: fc.constantFrom('account-closed', 'notice'), atMs: ago }), {
      maxLength: 3,
    }),
    held: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  }) as fc.Arbitrary<History>;

  it('lose no payload early, whatever the terms, events and holds are; and the due ones go', async () => {
    const histories = fc.sample(history, { numRuns: 120, seed: 17 });
    const made = [];
    for (const one of histories) {
      const { decisionId } = await recordOld(cell, one);
      for (const clock of one.clocks)
        await recordClockStart(store, { decisionId, tenant: 'acme', by: 't', ...clock }, Date.now);
      const hold = { tenant: 'acme', reason: 'audit', caseReference: 'A', by: 't' } as const;
      if (one.held) await placeHold(store, { ...hold, on: { decisionId } }, Date.now);
      await enqueue(store, decisionId, 0);
      made.push({ decisionId, one });
    }
    await expireDue(store, { nowMs: () => nowMs, dryRun: false });
    let gone = 0;
    for (const { decisionId, one } of made) {
      const { intact, states: found } = await states(decisionId);
      expect(intact).toBe(true);
      if (found[0] === 'expired') gone += 1;
      expect(['opened', 'expired']).toContain(found[0]);
      if (!mayGo(one, nowMs)) expect(found, JSON.stringify(one)).toEqual(['opened']);
      if (mayGo(one, nowMs - 6 * dayMs)) expect(found, JSON.stringify(one)).toEqual(['expired']);
    }
    expect(gone).toBeGreaterThan(10);
    expect(gone).toBeLessThan(110);
    for (const name of ['random-1', 'random-2', 'random-3']) {
      const keyId = await cell.keys.keyIdOf('acme', name);
      if (keyId !== null)
        expect((await planErasure(ports(), 'acme', keyId)).kind).not.toBe('already-destroyed');
    }
  });
});

describe('a reading', () => {
  const accesses = async (id: string) =>
    (await gateway.get(`/v1/decisions/${id}/accesses`)).body['accesses'] as Record<string, unknown>[];

  it('is an entry with who and why, before anything is shown', async () => {
    const id = await decideFor('read-me');
    const headers = { 'countersign-reason': 'regulator', 'countersign-case': 'BAFIN/2026-4' };
    expect((await gateway.get(`/v1/decisions/${id}/record`, { headers })).status).toBe(200);
    expect((await gateway.get(`/v1/decisions/${id}/record`)).status).toBe(200);
    const read = await accesses(id);
    expect(read).toEqual([
      expect.objectContaining({ action: 'read', reason: 'regulator', caseReference: 'BAFIN/2026-4' }),
      expect.objectContaining({ action: 'read', reason: 'unstated', caseReference: null }),
    ]);
    expect(read[0]?.['by']).toMatch(/^[0-9a-f-]{36}$/);
    expect((await gateway.story(id))?.intact).toBe(true);
  });

  it('is refused when its reason is no code, and shows nothing when the entry cannot be written', async () => {
    const id = await decideFor('read-me-not');
    for (const headers of [{ 'countersign-reason': 'curiosity' }, { 'countersign-case': 'Mr Smith asked' }]) {
      const answer = await gateway.get(`/v1/decisions/${id}/record`, { headers });
      expect(answer).toMatchObject({ status: 400, code: 'HEADER_INVALID' });
    }
    const down = new StoreUnavailableError('down', { sent: true });
    const commit = vi.spyOn(store, 'commit').mockRejectedValueOnce(down);
    const answer = await gateway.get(`/v1/decisions/${id}/record`);
    commit.mockRestore();
    expect(answer).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' });
    expect(answer.text).not.toContain('kitchen');
    expect(await accesses(id)).toEqual([]);
  });

  it('of what is not there for the reader leaves nothing', async () => {
    const id = await decideFor('read-by-others');
    const count = async () =>
      (
        await store.query<{ n: string }>({
          text: `SELECT count(*) AS n FROM entries WHERE type = 'access'`,
          values: [],
        })
      )[0]?.n;
    const before = await count();
    const other = await gateway.keyFor({}, 'other-tenant');
    const narrow = await gateway.keyFor({ decisionTypes: ['chat-test'] });
    expect((await gateway.get(`/v1/decisions/${id}/record`, { key: other })).code).toBe('DECISION_UNKNOWN');
    expect((await gateway.get(`/v1/decisions/${id}/record`, { key: narrow })).code).toBe('DECISION_UNKNOWN');
    expect((await gateway.get(`/v1/decisions/${uuidV7()}/record`)).code).toBe('DECISION_UNKNOWN');
    expect((await gateway.get(`/v1/decisions/${id}/accesses`, { key: other })).code).toBe('DECISION_UNKNOWN');
    expect(await count()).toBe(before);
  });

  it('by a reviewer is one, too', async () => {
    const asked = await gateway.post('/v1/decisions', { input: { note } }, { decisionType: 'claims-triage' });
    expect(asked.status).toBe(202);
    const claimed = await gateway.post('/v1/reviews/claim', {});
    const task = claimed.body['task'] as { taskId: string; decisionId: string } | null;
    expect(task).not.toBeNull();
    const seen = await gateway.get(`/v1/reviews/${task?.taskId}`);
    expect(seen.status).toBe(200);
    expect(await accesses(task?.decisionId ?? '')).toEqual([
      expect.objectContaining({ action: 'read', reason: 'review' }),
    ]);
  });
});

describe('the commands', () => {
  async function run(...args: string[]): Promise<{ text: string; failed: boolean }> {
    const lines: string[] = [];
    const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
    const error = vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
    try {
      await auditCommands()
        .exitOverride()
        .parseAsync([...args, '--config', configFile], { from: 'user' });
      return { text: lines.join('\n'), failed: false };
    } catch (cause) {
      if (!(cause instanceof Error) || cause.name !== 'CheckFailed') throw cause;
      return { text: lines.join('\n'), failed: true };
    } finally {
      log.mockRestore();
      error.mockRestore();
    }
  }

  it('hold, report, erase and show beside a running gateway', async () => {
    const { decisionId } = await recordOld(cell, { atMs: yearsAgo(1), subject: 'cli-subject' });
    const whose = ['--tenant', 'acme'];
    const placed = await run(
      'hold',
      'place',
      ...whose,
      '--subject',
      'cli-subject',
      '--cell',
      'eu',
      '--reason',
      'audit',
      '--case',
      'A-2',
      '--json',
    );
    const { holds } = JSON.parse(placed.text) as { holds: { holdId: string }[] };
    expect((await run('hold', 'list', ...whose)).text).toContain(holds[0]?.holdId);
    const erase1 = await run('erase', ...whose, '--subject', 'cli-subject', '--reason', 'consent-withdrawn');
    expect(erase1).toMatchObject({ failed: true });
    expect(erase1.text).toMatch(/^eu: held/);
    expect((await run('hold', 'release', ...whose, holds[0]?.holdId ?? '')).failed).toBe(false);
    const clock = await run(
      'clock',
      decisionId,
      '--event',
      'notice',
      '--at',
      '2026-01-01T00:00:00Z',
      '--json',
    );
    expect(JSON.parse(clock.text)).toMatchObject({ decisionId, event: 'notice' });
    const shown = await run('show', decisionId, '--reason', 'audit', '--case', 'A-2');
    expect(shown.text).toContain('record intact');
    const erase2 = await run(
      'erase',
      ...whose,
      '--subject',
      'cli-subject',
      '--reason',
      'consent-withdrawn',
      '--json',
    );
    expect(JSON.parse(erase2.text)).toMatchObject({ erasures: [{ cell: 'eu', status: 'erased' }] });
    expect((await run('show', decisionId)).text).toContain('payload erased');
    const readers = (await gateway.get(`/v1/decisions/${decisionId}/accesses`)).body['accesses'] as {
      by: string;
    }[];
    expect(readers.map((access) => access.by)).toEqual(Array(2).fill(expect.stringMatching(/^cli\/\d+$/)));
    expect((await run('erase', ...whose, '--decision', uuidV7(), '--reason', 'purpose-ended')).failed).toBe(
      true,
    );
    const dry = await run('expire', '--dry-run', '--json');
    expect(JSON.parse(dry.text)).toMatchObject({ dryRun: true, cells: [{ cell: 'eu' }, { cell: 'us' }] });
  });
});
