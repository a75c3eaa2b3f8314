import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pursueErasure } from '../src/audit/retention/erasure.ts';
import type { OutcomeFacts } from '../src/decision/entry.ts';
import type { DecisionId } from '../src/decision/ids.ts';
import { erasurePorts } from '../src/gateway/erasing.ts';
import { createReplayer } from '../src/gateway/replay/replayer.ts';
import { generateApplications } from '../src/simulator/applications.ts';
import { openWatch } from '../src/validation/probing/watch.ts';
import { type Answer, type TestGateway, startTestGateway } from './support/gateway.ts';
import { type ScriptedUpstream, startScriptedUpstream } from './support/scripted-upstream.ts';

/*
 * Somebody walks along the boundary of a scorecard with one case; honest callers ask beside them.
 */

let upstream: ScriptedUpstream;
let gateway: TestGateway;
const replayer = createReplayer();

beforeAll(async () => {
  upstream = await startScriptedUpstream();
  // One field of the case decides, so that a walk over it turns the outcome as often as the test wants.
  upstream.script = ({ text }) => {
    const amount = Number(/amount\\*":\s*(\d+)/.exec(text)?.[1] ?? 0);
    const good = amount % 200 === 0;
    return JSON.stringify({
      recommendation: good ? 'approve' : 'decline',
      probabilityGood: good ? 0.9637 : 0.0412,
      reasons: ['R01'],
    });
  };
  gateway = await startTestGateway({
    euUrl: upstream.url,
    change: (config) => ({ ...config, probing: { mode: 'enforce', clusterSize: 8, throttleSeconds: 3_600 } }),
  });
});
afterAll(async () => {
  replayer.close();
  await gateway.stop();
  await upstream.close();
});

const application = (amount: number) => ({
  product: 'personal-loan',
  purpose: 'car',
  currency: 'EUR',
  amount,
  termMonths: 36,
  annualIncome: 41_000,
  monthlyDebtPayments: 380,
  employmentMonths: 50,
  creditHistoryMonths: 90,
  utilisationPercent: 30,
  missedPayments24Months: 0,
  enquiries6Months: 1,
});

const ask = (input: unknown, key: string, subject = 'customer-1', at = gateway) =>
  at.post(
    '/v1/decisions',
    { input },
    { key, decisionType: 'credit-application', headers: { 'countersign-subject': subject } },
  );

async function recordOf({ decisionId, text }: Answer, at = gateway) {
  const story = await at.story(decisionId);
  const outcome = story?.entries.find(({ header }) => header.type === 'outcome');
  const cell = [...at.rooms.cells.values()].find(({ id }) => id === outcome?.header.cell);
  if (!story || !outcome || !cell) throw new Error(`no outcome: ${text}`);
  return { story, cell, facts: outcome.header.facts as OutcomeFacts };
}

async function replayed(answer: Answer, at = gateway) {
  const { story, cell } = await recordOf(answer, at);
  const { result } = await replayer.replay(cell.store, story, { reveal: true });
  return { result: result.result, firstDifference: result.firstDifference };
}

const equal = { result: 'equal', firstDifference: null };

describe('a walk along the boundary', () => {
  const walk: Answer[] = [];
  let key: string;
  beforeAll(async () => {
    key = await gateway.keyFor();
    for (let i = 0; i < 40; i += 1) walk.push(await ask(application(5_000 + 100 * i), key));
  });
  const first = (did: string, answers: readonly { facts: OutcomeFacts }[]) =>
    answers.findIndex(({ facts }) => facts.probing?.did === did);

  it('meets the rungs in their order, each in the record', async () => {
    const records = await Promise.all(walk.map((answer) => recordOf(answer)));
    const coarse = first('coarse', records);
    const throttled = first('throttled', records);
    expect(coarse).toBeGreaterThan(6);
    expect(throttled).toBeGreaterThan(coarse);
    expect(records[coarse]?.facts.probing).toMatchObject({ monitor: 'near-duplicates', rung: 'coarse' });
    expect(records.slice(0, coarse).every(({ facts }) => facts.probing === undefined)).toBe(true);
    // Who is refused any answer goes on, and comes to the last rung.
    expect(records.at(-1)?.facts.probing).toMatchObject({ did: 'throttled', rung: 'review' });
  });

  it('gets a coarser confidence, then 429 with the time to wait, and nothing of why', async () => {
    const records = await Promise.all(walk.map((answer) => recordOf(answer)));
    const exact = walk[0]?.body as { confidence: number; answer: { probabilityGood: number } };
    expect([exact.confidence, exact.answer.probabilityGood]).toEqual([0.9637, 0.9637]);
    const coarse = records.findIndex(
      ({ facts }) => facts.probing?.did === 'coarse' && facts.status === 'decided',
    );
    expect(walk[coarse]?.body).toMatchObject({ confidence: 1, answer: { probabilityGood: 1 } });
    expect(records[coarse]?.facts.score?.value).toBe(0.9637);
    const throttled = walk[first('throttled', records)];
    expect(throttled).toMatchObject({ status: 429, code: 'PROBING_THROTTLED' });
    expect(throttled?.headers.get('retry-after')).toBe('3600');
    expect(throttled?.text).not.toMatch(/near-duplicates|cluster/);
  });

  it('raises an alert at each step, without content', () => {
    const alerts = gateway.logLines.filter((line) => line.includes('"kind":"probing"'));
    for (const rung of ['coarse', 'throttle', 'review'])
      expect(alerts.some((line) => line.includes(`"rung":"${rung}"`))).toBe(true);
    expect(alerts.join('\n')).not.toContain('customer-1');
  });

  it('replays to the same bytes on every rung', async () => {
    for (const answer of walk) expect(await replayed(answer)).toEqual(equal);
  });

  it('is stopped at whoever goes on with it, and costs no call', async () => {
    const stranger = await gateway.keyFor();
    const calls = upstream.asked.length;
    // A turn is due once; after that another account of the same walker is throttled as well.
    const answers = [
      await ask(application(9_050), stranger, 'x'),
      await ask(application(9_150), stranger, 'x'),
    ];
    const records = await Promise.all(answers.map((answer) => recordOf(answer)));
    expect(records.map(({ facts }) => facts.probing?.did)).toEqual(['review', 'throttled']);
    expect(records[0]?.facts).toMatchObject({ status: 'in_review', decidedBy: 'gate' });
    expect(await Promise.all(answers.map((answer) => replayed(answer)))).toEqual([equal, equal]);
    expect(upstream.asked.length).toBe(calls);
  });

  it('leaves honest callers alone', async () => {
    const honest = await gateway.keyFor();
    for (const { id, application: client } of generateApplications({ seed: 3, count: 5 })) {
      const { facts } = await recordOf(await ask(client, honest, id));
      expect(facts.probing).toBeUndefined();
    }
  });

  it('is known to other processes of the cell, and after a restart', async () => {
    const cell = [...gateway.rooms.cells.values()].find(({ id }) => id === 'eu');
    if (!cell) throw new Error('no cell');
    await gateway.rooms.probing.watchOf(cell.id).refresh();
    const watch = await openWatch({
      store: cell.store,
      settings: gateway.rooms.probing.settings,
      mac: (purpose, data) => cell.keyring.mac(purpose, data),
      log: () => undefined,
    });
    const sender = {
      tenant: 'acme',
      decisionType: 'credit-application',
      caller: 'anybody',
      subject: null,
      sketch: watch.sketch(application(9_250)),
    };
    expect(watch.standing(sender, Date.now())).toMatchObject({ rung: 'review', of: 'cluster' });
    await watch.stop();
    const rows = await cell.store.query<{ sealed: Buffer }>({
      text: 'SELECT sealed FROM probing_sketches',
      values: [],
    });
    expect(rows.length).toBeGreaterThan(40);
    expect(Buffer.concat(rows.map(({ sealed }) => sealed)).toString('latin1')).not.toContain(
      'credit-application',
    );
  });
});

describe('the sketches of a subject', () => {
  const inTwentyYears = () => Date.now() + 20 * 366 * 86_400_000;
  /** Far from what was walked above. */
  const elsewhere = (amount: number) => ({
    ...application(amount),
    annualIncome: 96_000,
    creditHistoryMonths: 300,
    termMonths: 12,
  });
  async function sketchesOf(answer: Answer) {
    const { story, cell } = await recordOf(answer);
    const keyId = story.entries[0]?.header.payload?.keyId;
    if (keyId === undefined) throw new Error('a decision without a key');
    const count = async () => {
      await gateway.rooms.probing.watchOf(cell.id).refresh();
      const rows = await cell.store.query({
        text: 'SELECT FROM probing_sketches WHERE key_id = $1',
        values: [keyId],
      });
      return rows.length;
    };
    return { cell, count, keyId };
  }
  async function erase(subject: string, cell: Parameters<typeof erasurePorts>[1]) {
    const asked = await gateway.post('/v1/erasures', {
      subject,
      cell: cell.id,
      reason: 'data-subject-request',
      case: 'DSR-1',
    });
    const [erasure] = asked.body['erasures'] as { erasureId: DecisionId }[];
    if (!erasure) throw new Error(`no erasure: ${asked.text}`);
    const ports = erasurePorts(gateway.rooms.config, cell, inTwentyYears);
    expect(await pursueErasure(ports, erasure.erasureId)).toMatchObject({ status: 'erased' });
  }

  it('go when the subject is erased, and nobody else loses any', async () => {
    const key = await gateway.keyFor();
    const anna = await ask(elsewhere(21_000), key, 'anna');
    const ben = await ask(elsewhere(22_000), key, 'ben');
    const [ofAnna, ofBen] = [await sketchesOf(anna), await sketchesOf(ben)];
    expect([await ofAnna.count(), await ofBen.count()]).toEqual([1, 1]);
    await erase('anna', ofAnna.cell);
    expect([await ofAnna.count(), await ofBen.count()]).toEqual([0, 1]);
  });

  it('are not written any more when the erasure was faster', async () => {
    const carl = await ask(elsewhere(23_000), await gateway.keyFor(), 'carl');
    const { cell, count, keyId } = await sketchesOf(carl);
    await erase('carl', cell);
    const watch = gateway.rooms.probing.watchOf(cell.id);
    watch.observe(
      {
        tenant: 'acme',
        decisionType: 'credit-application',
        caller: 'late',
        subject: null,
        sketch: watch.sketch(elsewhere(23_000)),
        result: { outcome: 'approve', unwelcome: false },
        refused: false,
        throttled: false,
        atMs: Date.now(),
      },
      keyId,
    );
    expect(await count()).toBe(0);
  });
});

describe('monitors that only tell', () => {
  let quiet: TestGateway;
  beforeAll(async () => {
    quiet = await startTestGateway({
      euUrl: upstream.url,
      change: (config) => ({ ...config, probing: { mode: 'monitor', clusterSize: 8 } }),
    });
  });
  afterAll(() => quiet.stop());

  it('change no answer, and say in the record and in alerts what they would have done', async () => {
    const key = await quiet.keyFor();
    const walk: Answer[] = [];
    for (let i = 0; i < 40; i += 1)
      walk.push(await ask(application(5_000 + 100 * i), key, 'customer-1', quiet));
    for (const [i, { status, body }] of walk.entries()) {
      // Low confidence goes to a person, as it does without monitors.
      expect(status).toBe(i % 2 === 0 ? 200 : 202);
      if (status === 200)
        expect(body).toMatchObject({ confidence: 0.9637, answer: { probabilityGood: 0.9637 } });
    }
    const records = await Promise.all(walk.map((answer) => recordOf(answer, quiet)));
    const told = records.flatMap(({ facts }) => facts.probing ?? []);
    expect([...new Set(told.map(({ did }) => did))]).toEqual(['nothing']);
    expect([...new Set(told.map(({ rung }) => rung))]).toEqual(['coarse', 'throttle', 'review']);
    const alerts = quiet.logLines.filter((line) => line.includes('"kind":"probing"'));
    for (const rung of ['coarse', 'throttle', 'review'])
      expect(
        alerts.some((line) => line.includes(`"rung":"${rung}"`) && line.includes('"mode":"monitor"')),
      ).toBe(true);
    for (const answer of walk) expect(await replayed(answer, quiet)).toEqual(equal);
  });
});
