import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordAccess } from '../src/audit/access.ts';
import { detachArchivedMonth, isPastHotWindow } from '../src/audit/archive/detach.ts';
import { ArchiveError } from '../src/audit/archive/error.ts';
import { rebuildIndex } from '../src/audit/archive/rebuild.ts';
import { lastSegment } from '../src/audit/archive/repository.ts';
import { verifyArchive } from '../src/audit/archive/verify.ts';
import { expireDue } from '../src/audit/retention/expiry.ts';
import { findKeepings } from '../src/audit/retention/keeping.ts';
import { findDecisionsOfKey, hasPayloads } from '../src/audit/retention/repository.ts';
import { tellStory } from '../src/audit/story.ts';
import type { ArchiveWay } from '../src/gateway/archive-way.ts';
import { startArchiving } from '../src/gateway/archiving.ts';
import type { Cell } from '../src/gateway/rooms.ts';
import { createLawfulFilter } from '../src/residency/lawful.ts';
import { policyFixture } from '../src/residency/policy-fixture.ts';
import { openFolderStore } from '../src/storage/object-store/folder.ts';
import type { ObjectStore } from '../src/storage/object-store/object-store.ts';
import { type Alert, createAlerts } from '../src/telemetry/alerts.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { type ArchiveStage, inHour, openArchiveStage } from './support/archive.ts';
import { tamper, until } from './support/ledger.ts';
import { type TestPostgres, startTestPostgres } from './support/postgres.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

let stage: ArchiveStage;
beforeEach(async () => {
  stage = await openArchiveStage(postgres, openFolderStore);
});
afterEach(() => stage.stop());

async function objectNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const name of stage.archive.objects.list('eu/')) names.push(name);
  return names;
}

const check = async () => {
  const last = await lastSegment(stage.store.query);
  const log = (period: string) => stage.desk.ledger.verifier(period);
  return verifyArchive(stage.archive.objects, 'eu', () => undefined, last, log);
};

/** Three hours: two decisions, none, and one that was made in the first hour and sequenced in the third. */
async function sealThreeHours() {
  const first = await stage.decide(inHour(0), 'in the first hour');
  await stage.decide(inHour(0, 20));
  await stage.sequence(inHour(0, 30));
  const late = await stage.decide(inHour(0, 59), 'sequenced two hours later');
  await stage.sequence(inHour(2));
  const sealed = await stage.seal(inHour(3, 2));
  return { first, late, sealed };
}

/** The month of the decisions is taken out as `detach` does it, without what it checks. */
async function dropMonth(): Promise<void> {
  await tamper(stage.cell.owner, 'DELETE FROM entries');
}

describe('sealing', () => {
  it('seals every hour since the first checkpoint, also the empty one, once', async () => {
    const { sealed } = await sealThreeHours();
    expect(sealed.map(({ hour, number, firstIndex, size }) => [hour, number, firstIndex, size])).toEqual([
      ['2026-08-14T09:00:00Z', 0, 0, 2],
      ['2026-08-14T10:00:00Z', 1, 2, 2],
      ['2026-08-14T11:00:00Z', 2, 2, 3],
    ]);
    expect(await stage.seal(inHour(3, 50))).toEqual([]);
    expect(await check()).toEqual({
      segments: 3,
      entries: 3,
      lastHour: '2026-08-14T11:00:00Z',
      problem: null,
    });
    const empty = (await objectNames()).filter((name) => name.startsWith('eu/2026h2/2026/08/14/10/'));
    expect(empty.map((name) => name.replace(/\.[0-9a-f]{16}\./, '.'))).toEqual([
      'eu/2026h2/2026/08/14/10/checkpoint-0000.txt',
      'eu/2026h2/2026/08/14/10/manifest.json',
    ]);
  });

  it('does not seal an hour before it has settled', async () => {
    await stage.decide(inHour(0));
    await stage.sequence(inHour(0));
    expect(await stage.seal(inHour(1, 0))).toEqual([]);
    expect(await stage.seal(inHour(1, 1))).toHaveLength(1);
  });

  it('keeps one chain over the end of a period', async () => {
    await stage.sequence(Date.UTC(2026, 11, 31, 23, 30));
    await stage.decide(Date.UTC(2026, 11, 31, 23, 59));
    await stage.sequence(Date.UTC(2026, 11, 31, 23, 59));
    // The last round of a period may come when the next has begun.
    await tamper(stage.cell.owner, 'UPDATE ledger_checkpoints SET signed_at = $1 WHERE size = 1', [
      new Date(Date.UTC(2027, 0, 1)),
    ]);
    await stage.decide(Date.UTC(2027, 0, 1, 0, 6));
    await stage.sequence(Date.UTC(2027, 0, 1, 0, 10));
    const sealed = await stage.seal(Date.UTC(2027, 0, 1, 1, 5));
    expect(sealed.map(({ hour, period, number }) => [hour, period, number])).toEqual([
      ['2026-12-31T23:00:00Z', '2026h2', 0],
      ['2027-01-01T00:00:00Z', '2026h2', 1],
      ['2027-01-01T00:00:00Z', '2027h1', 2],
    ]);
    expect(await check()).toMatchObject({ segments: 3, problem: null });
  });

  it('writes several parts for a large hour, and the tiles that it filled', async () => {
    const text = 'x'.repeat(200);
    for (let i = 0; i < 300; i++) await stage.decide(inHour(0), text);
    const noise = Array.from({ length: 400_000 }, (_, i) =>
      String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000)),
    );
    const large = noise.join('');
    const ids = [];
    for (let i = 0; i < 20; i++) ids.push(await stage.decide(inHour(0), `${i} ${large}`));
    await stage.sequence(inHour(0));
    const [manifest] = await stage.seal(inHour(1, 2));
    const names = Object.keys(manifest?.objects ?? {}).map((name) => name.split('.')[0]);
    expect(names).toContain('entries-0001');
    expect(names).toContain('leaves-0001');
    const tile = await stage.store.query<{ bytes: Buffer }>({
      text: 'SELECT bytes FROM ledger_tiles WHERE level = 0 AND tile = 0',
      values: [],
    });
    const tiles = (await objectNames()).find((name) => name.includes('/tiles-0-0000.'));
    expect(await stage.archive.objects.get(tiles ?? '')).toEqual(tile[0]?.bytes);
    expect(await check()).toMatchObject({ entries: 320, problem: null });
    await dropMonth();
    const story = await tellStory(stage.store, stage.keys, ids[19]!);
    expect(story).toMatchObject({ intact: true, source: 'archive' });
    expect(JSON.stringify(story)).toContain(`19 ${large.slice(0, 50)}`);
  });

  it('stops at an entry that is not what its leaf says, and names it', async () => {
    await stage.decide(inHour(0));
    const second = await stage.decide(inHour(0));
    await stage.sequence(inHour(0));
    await tamper(
      stage.cell.owner,
      `UPDATE entries SET header = convert_to(replace(convert_from(header, 'UTF8'), 'acme', 'acne'), 'UTF8') WHERE decision_id = $1`,
      [second],
    );
    await expect(stage.seal(inHour(1, 2))).rejects.toThrow(
      `of decision ${second}): the header does not match its leaf`,
    );
    await tamper(stage.cell.owner, 'DELETE FROM entries WHERE decision_id = $1', [second]);
    await expect(stage.seal(inHour(1, 2))).rejects.toThrow(`of decision ${second}): the entry is missing`);
    expect(await lastSegment(stage.store.query)).toBeNull();
  });

  it('stops at an altered ciphertext', async () => {
    const id = await stage.decide(inHour(0));
    await stage.sequence(inHour(0));
    await tamper(
      stage.cell.owner,
      'UPDATE entries SET payload = set_byte(payload, 20, 255 - get_byte(payload, 20))',
    );
    await expect(stage.seal(inHour(1, 2))).rejects.toThrow(
      `of decision ${id}): the ciphertext does not match`,
    );
  });
});

/** A cell without an archive of its own has nothing in its way. */
const anyArchive = {
  config: { gateway: { cells: [] } } as unknown as ArchiveWay['config'],
  lawfulFilter: createLawfulFilter(policyFixture()),
};

describe('the archivist', () => {
  it('raises one alert while something does not hold, and goes on by itself', async () => {
    const id = await stage.decide(inHour(0));
    await stage.sequence(inHour(0));
    await tamper(stage.cell.owner, "UPDATE entries SET header = header || ' '::bytea");
    const raised: Alert[] = [];
    const metrics = createMetrics(() => []);
    const alerts = createAlerts({
      log: () => undefined,
      count: () => undefined,
      keep: (alert) => Promise.resolve(void raised.push(alert)),
    });
    const cell = { id: 'eu', store: stage.store, archive: stage.archive } as unknown as Cell;
    const rooms = {
      cells: new Map([['eu', cell]]),
      alerts,
      metrics,
      nowMs: () => inHour(1, 30),
      ...anyArchive,
    };
    const archivist = startArchiving(rooms, () => undefined, 20);
    const metric = async (name: string) =>
      Number(
        (await metrics.registry.metrics()).match(
          new RegExp(`^countersign_${name}{cell="eu"} (.*)$`, 'm'),
        )?.[1],
      );
    try {
      await until(async () => (await metric('archive_failures_total')) > 2);
      await tamper(
        stage.cell.owner,
        'UPDATE entries SET header = substring(header FROM 1 FOR length(header) - 1)',
      );
      await until(async () => (await metric('archive_segments_total')) === 1);
    } finally {
      await archivist.stop();
    }
    expect(raised).toMatchObject([{ kind: 'archive-failed', cell: 'eu' }]);
    expect(raised[0]?.detail['fault']).toContain(`of decision ${id}): the header does not match its leaf`);
    expect(await metric('archive_lag_seconds')).not.toBeNaN();
  });
});

describe('reading back', () => {
  it('does not count what cannot be read back, and goes on when it can', async () => {
    await stage.decide(inHour(0));
    await stage.sequence(inHour(0));
    const { objects } = stage.archive;
    const worn: ObjectStore = {
      ...objects,
      async get(name) {
        const bytes = await objects.get(name);
        if (bytes && name.includes('/leaves-')) bytes[0]! ^= 1;
        return bytes;
      },
    };
    await expect(stage.seal(inHour(1, 2), worn)).rejects.toThrow(/leaves-0000.*: the object was altered/);
    expect(await lastSegment(stage.store.query)).toBeNull();
    // The manifest that was written is taken over.
    const sealed = await stage.seal(inHour(1, 3));
    expect(sealed).toMatchObject([{ number: 0, sealedAt: new Date(inHour(1, 2)).toISOString() }]);
    expect(await check()).toMatchObject({ segments: 1, problem: null });
  });

  it('takes over nothing that contradicts the ledger', async () => {
    await stage.decide(inHour(0));
    await stage.sequence(inHour(0));
    const foreign = await openArchiveStage(postgres, openFolderStore);
    try {
      await foreign.decide(inHour(0));
      await foreign.sequence(inHour(0));
      await foreign.seal(inHour(1, 2));
      for await (const name of foreign.archive.objects.list('eu/')) {
        const bytes = await foreign.archive.objects.get(name);
        await stage.archive.objects.put(name, bytes!, { lockUntil: null });
      }
    } finally {
      await foreign.stop();
    }
    await expect(stage.seal(inHour(1, 2))).rejects.toThrow('does not continue what this store has sealed');
  });
});

describe('verifying', () => {
  it('names the object in which one byte was altered, whichever it is', async () => {
    await sealThreeHours();
    const names = await objectNames();
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      const path = join(stage.archive.objects.place, name);
      const bytes = await readFile(path);
      const altered = Buffer.from(bytes);
      altered[altered.length >> 1]! ^= 1;
      await chmod(path, 0o644);
      await writeFile(path, altered);
      const { problem } = await check();
      expect(problem?.segment, name).toBe(name.slice(0, name.lastIndexOf('/') + 1));
      await writeFile(path, bytes);
    }
    expect((await check()).problem).toBeNull();
  });

  it('names what is missing: an object, a segment in the middle, the last one', async () => {
    await sealThreeHours();
    const names = await objectNames();
    for (const name of names) {
      const path = join(stage.archive.objects.place, name);
      const bytes = await readFile(path);
      await rm(path);
      const { problem } = await check();
      const hour = name.slice(0, name.lastIndexOf('/') + 1);
      const isChain = name.endsWith('/10/manifest.json') || name.endsWith('/09/manifest.json');
      // A missing manifest is noticed at the segment that follows it.
      if (isChain) expect(problem?.problem).toContain('missing');
      else expect(problem?.segment, name).toBe(hour);
      await writeFile(path, bytes);
    }
    expect((await check()).problem).toBeNull();
  });
});

describe('finding', () => {
  it('finds a decision whose month has left the store, also what was sequenced in another hour', async () => {
    const { first, late } = await sealThreeHours();
    const before = await tellStory(stage.store, stage.keys, late);
    expect(before?.source).toBe('store');
    await dropMonth();
    for (const [id, text] of [
      [first, 'in the first hour'],
      [late, 'sequenced two hours later'],
    ] as const) {
      const story = await tellStory(stage.store, stage.keys, id);
      expect(story).toMatchObject({ intact: true, source: 'archive', tenant: 'acme' });
      expect(story?.entries[0]?.payload).toMatchObject({ answer: text });
    }
    expect({ ...(await tellStory(stage.store, stage.keys, late)), source: 'store' }).toEqual(before);
    expect(await tellStory(stage.store, stage.keys, await unknownId())).toBeNull();
  });

  it('refuses to show what was altered in the archive', async () => {
    const { first } = await sealThreeHours();
    await dropMonth();
    const name = (await objectNames()).find((object) => object.includes('/09/entries-'));
    const path = join(stage.archive.objects.place, name ?? '');
    const bytes = await readFile(path);
    bytes[100]! ^= 1;
    await chmod(path, 0o644);
    await writeFile(path, bytes);
    await expect(tellStory(stage.store, stage.keys, first)).rejects.toMatchObject({
      name: 'RecordAlteredError',
      cause: expect.any(ArchiveError) as unknown,
    });
  });

  it('leaves an erased decision unreadable', async () => {
    const { first } = await sealThreeHours();
    await dropMonth();
    const keyId = (await tellStory(stage.store, stage.keys, first))?.entries[0]?.header.payload?.keyId;
    await tamper(stage.cell.owner, 'DELETE FROM subject_keys WHERE key_id = $1', [keyId]);
    const story = await tellStory(stage.store, stage.keys, first);
    expect(story?.entries[0]).toMatchObject({ payload: null });
    expect(JSON.stringify(story)).not.toContain('in the first hour');
    const names = await objectNames();
    for (const name of names) {
      const bytes = await stage.archive.objects.get(name);
      expect(bytes?.toString('latin1')).not.toContain('in the first hour');
    }
  });

  it('makes the tables again from the objects alone', async () => {
    const { late } = await sealThreeHours();
    const rows = () =>
      stage.cell.owner.query(
        `SELECT period, hour, number, manifest_digest, first_index, size, subtrees, sealed_at,
           (SELECT array_agg(decision_id) FROM archive_continuations c WHERE c.hour = s.hour) AS continued
           FROM archive_segments s ORDER BY number`,
      );
    const before = (await rows()).rows;
    await stage.cell.owner.query('TRUNCATE archive_segments, archive_continuations');
    const logOf = (period: string) => stage.desk.ledger.verifier(period);
    const desk = {
      cell: 'eu',
      query: stage.store.query,
      store: stage.archive.objects,
      nowMs: Date.now,
      logOf,
    };
    expect(await rebuildIndex(desk, () => undefined)).toEqual({ segments: 3, added: 3 });
    expect((await rows()).rows).toEqual(before);
    await dropMonth();
    expect(await tellStory(stage.store, stage.keys, late)).toMatchObject({ intact: true });
    expect(await rebuildIndex(desk, () => undefined)).toEqual({ segments: 3, added: 0 });
  });
});

describe('detaching a month', () => {
  const month = '2026-08';
  const afterwards = Date.UTC(2026, 10, 1);

  /** The store has a partition of the month, as one that was opened then would have. */
  async function makePartition() {
    await stage.cell.owner.query(
      `DO $$ BEGIN EXECUTE format('CREATE TABLE entries_2026_08 PARTITION OF entries FOR VALUES FROM (%L) TO (%L)',
         uuid_from_time('2026-08-01Z'), uuid_from_time('2026-09-01Z')); END $$`,
    );
  }
  const detach = (dryRun = false) =>
    detachArchivedMonth(month, {
      store: stage.store,
      archive: stage.archive,
      ownerUrl: stage.ownerUrl,
      logOf: (period) => stage.desk.ledger.verifier(period),
      by: 'cli/0',
      dryRun,
      nowMs: () => afterwards,
      log: () => undefined,
    });
  const count = async (where: string) =>
    (await stage.cell.owner.query<{ n: number }>(`SELECT count(*)::int AS n FROM entries WHERE ${where}`))
      .rows[0]?.n;

  it('takes it out once everything is sealed, keeps what is about others, and finds the rest', async () => {
    await makePartition();
    const { first, late } = await sealThreeHours();
    const access = { decisionId: first, tenant: 'acme', by: 'k', action: 'read', reason: 'audit' } as const;
    await expireDue(stage.store, { nowMs: () => afterwards, dryRun: false });
    const before = await tellStory(stage.store, stage.keys, late);
    expect(await detach(true)).toMatchObject({ kind: 'ready', summary: { entries: 3, decisions: 3 } });
    expect(await count("decision_id < uuid_from_time('2026-09-01Z')")).toBe(3);
    expect(await detach()).toMatchObject({ kind: 'detached', summary: { entries: 3, decisions: 3 } });
    expect(await count("decision_id < uuid_from_time('2026-09-01Z')")).toBe(0);
    const facts = await stage.cell.owner.query<{ facts: unknown }>(
      `SELECT convert_from(header, 'UTF8')::json -> 'facts' AS facts FROM entries WHERE type = 'configuration'
        ORDER BY entry_id DESC LIMIT 1`,
    );
    expect(facts.rows[0]?.facts).toMatchObject({
      action: 'month-detached',
      partition: 'entries_2026_08',
      entries: 3,
    });
    expect(await detach()).toMatchObject({ kind: 'absent' });
    expect(await tellStory(stage.store, stage.keys, late)).toEqual({ ...before, source: 'archive' });
    expect(await stage.archive.isArchived(late)).toBe(true);
    // What comes later still goes to the store.
    await recordAccess(stage.store, { ...access, caseReference: null }, () => afterwards);
    expect(await count(`about = '${first}' AND type = 'access'`)).toBe(1);
    const { entryId } = before!.entries[0]!.header;
    const receipt = await stage.desk.ledger.receiptOf({ decisionId: late, entryId });
    expect(receipt).toMatchObject({ kind: 'receipt', index: 2, period: '2026h2' });
  });

  it('keeps it while an entry is not sealed, or altered, or a decision open, or its expiry unplanned', async () => {
    await makePartition();
    await sealThreeHours();
    expect(await detach()).toMatchObject({ kind: 'kept', unsealed: 0, open: 0, unqueued: 3 });
    await expireDue(stage.store, { nowMs: () => afterwards, dryRun: false });
    const more = await stage.decide(inHour(2, 40));
    await expireDue(stage.store, { nowMs: () => afterwards, dryRun: false });
    expect(await detach()).toMatchObject({ kind: 'kept', unsealed: 1, open: 0, unqueued: 0 });
    await stage.sequence(inHour(3));
    await stage.seal(inHour(4, 2));
    expect(await detach(true)).toMatchObject({ kind: 'ready' });
    const header = `convert_to(replace(convert_from(header, 'UTF8'), 'claims-triage', 'claims-triaje'), 'UTF8')`;
    await tamper(stage.cell.owner, `UPDATE entries SET header = ${header} WHERE decision_id = $1`, [more]);
    expect(await detach()).toMatchObject({ kind: 'kept', unsealed: 1 });
    await tamper(
      stage.cell.owner,
      "UPDATE entries SET type = 'intent', call_id = entry_id WHERE decision_id = $1",
      [more],
    );
    expect(await detach()).toMatchObject({ kind: 'kept', open: 1 });
  });

  it('keeps it while a segment of it does not hold', async () => {
    await makePartition();
    await sealThreeHours();
    await expireDue(stage.store, { nowMs: () => afterwards, dryRun: false });
    const name = (await objectNames()).find((object) => object.includes('/11/entries-'));
    await rm(join(stage.archive.objects.place, name ?? ''));
    await expect(detach()).rejects.toThrow('the object is missing');
    expect(await count("decision_id < uuid_from_time('2026-09-01Z')")).toBe(3);
  });

  it('lets retention see what has left: terms, holds, expiry and keys', async () => {
    await makePartition();
    const { first } = await sealThreeHours();
    await expireDue(stage.store, { nowMs: () => afterwards, dryRun: false });
    await detach();
    const keyId = (await tellStory(stage.store, stage.keys, first))?.entries[0]?.header.payload?.keyId ?? '';
    expect(await findDecisionsOfKey(stage.store, keyId)).toEqual([first]);
    expect(await hasPayloads(stage.store, keyId)).toBe(true);
    expect(await findKeepings(stage.store, [first])).toMatchObject([
      { decisionId: first, keyId, payloads: 1 },
    ]);
    // Its twelve months are over in August 2027.
    const early = await expireDue(stage.store, { nowMs: () => Date.UTC(2027, 6, 1), dryRun: false });
    expect(early.expired).toEqual([]);
    const { expired } = await expireDue(stage.store, { nowMs: () => Date.UTC(2027, 8, 1), dryRun: false });
    expect(expired.map(({ decisionId }) => decisionId)).toContain(first);
    const story = await tellStory(stage.store, stage.keys, first);
    expect(story?.entries[0]).toMatchObject({ payload: null, state: 'expired', problem: null });
    const keysLeft = await stage.cell.owner.query('SELECT FROM subject_keys WHERE key_id = $1', [keyId]);
    expect(keysLeft.rowCount).toBe(0);
  });

  it('counts full months of the hot window', () => {
    expect(isPastHotWindow('2026-08', 1, Date.UTC(2026, 8, 30))).toBe(false);
    expect(isPastHotWindow('2026-08', 1, Date.UTC(2026, 9, 1))).toBe(true);
    expect(isPastHotWindow('2026-12', 2, Date.UTC(2027, 1, 28))).toBe(false);
    expect(isPastHotWindow('2026-12', 2, Date.UTC(2027, 2, 1))).toBe(true);
    expect(isPastHotWindow('2020-01', 'all', Date.UTC(2027, 2, 1))).toBe(false);
  });
});

describe('the folder', () => {
  it('never changes what it has', async () => {
    const { objects } = stage.archive;
    const bytes = Buffer.from('one');
    await objects.put('eu/a/b.txt', bytes, { lockUntil: null });
    await objects.put('eu/a/b.txt', bytes, { lockUntil: null });
    await expect(objects.put('eu/a/b.txt', Buffer.from('two'), { lockUntil: null })).rejects.toThrow(
      'exists with other bytes',
    );
    expect(await objects.get('eu/a/b.txt')).toEqual(bytes);
    expect((await stat(join(objects.place, 'eu/a/b.txt'))).mode & 0o222).toBe(0);
    await expect(objects.put('../b.txt', bytes, { lockUntil: null })).rejects.toThrow('no name of an object');
    expect(await objectNames()).toEqual(['eu/a/b.txt']);
  });
});

async function unknownId() {
  const id = await stage.decide(inHour(0));
  await tamper(stage.cell.owner, 'DELETE FROM entries WHERE decision_id = $1', [id]);
  return id;
}
