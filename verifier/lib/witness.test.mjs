import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from '../testing/folder.mjs';
import { testLeaves } from '../testing/leaves.mjs';
import { naiveProof, naiveRoot } from '../testing/naive-tree.mjs';
import { runProgram, startWitness } from '../testing/program.mjs';
import { signCheckpoint, signText, testLogKey, testWitnessKey } from '../testing/test-log.mjs';
import { makePolicy, openCheckpoint } from './checkpoint.mjs';
import { emptyRoot } from './merkle.mjs';
import { formatVerifierKey, parseVerifierKey } from './vkey.mjs';
import { initWitness } from './witness-state.mjs';

const leaves = testLeaves(40);
const log = testLogKey();
const vkey = formatVerifierKey(log.key);
const signed = (/** @type {number} */ size, /** @type {Buffer[]} */ of = leaves) =>
  signCheckpoint(log, size, naiveRoot(of.slice(0, size)));
const proofOf = (
  /** @type {number} */ old,
  /** @type {number} */ size,
  /** @type {Buffer[]} */ of = leaves,
) => (old === 0 ? [] : naiveProof(old, of.slice(0, size)));

let state = '';
/** @type {import('./vkey.mjs').VerifierKey} */
let witnessKey;
/** @type {Awaited<ReturnType<typeof startWitness>>[]} */
let running = [];

beforeEach(() => {
  state = makeFolder();
  witnessKey = parseVerifierKey(initWitness(state, 'witness.example/w1'));
});
afterEach(async () => {
  await Promise.all(running.map((witness) => witness.stop('SIGKILL')));
  running = [];
});

async function serve(args = ['--log', vkey]) {
  const witness = await startWitness(state, args);
  running.push(witness);
  return witness;
}

/**
 * @param {number} old
 * @param {readonly Buffer[]} proof
 * @param {Buffer} checkpoint
 */
const bodyOf = (old, proof, checkpoint) =>
  [`old ${old}`, ...proof.map((hash) => hash.toString('base64')), '', checkpoint.toString()].join('\n');

/**
 * @param {{url: string}} witness
 * @param {string | Buffer} body
 */
async function post({ url }, body) {
  const response = await fetch(url, { method: 'POST', body });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}

/**
 * Submits the step from one size to another.
 * @param {{url: string}} witness
 * @param {number} old
 * @param {number} size
 * @param {Buffer[]} [of]
 */
const step = (witness, old, size, of = leaves) =>
  post(witness, bodyOf(old, proofOf(old, size, of), signed(size, of)));

describe('add-checkpoint', () => {
  it('cosigns a ledger that grows, from the first entry or from none', async () => {
    const witness = await serve();
    const policy = makePolicy([log.key], [witnessKey]);
    const empty = signCheckpoint(log, 0, emptyRoot);
    expect(await post(witness, bodyOf(0, [], empty))).toMatchObject({ status: 200 });
    let old = 0;
    for (const size of [1, 2, 7, 8, 8, 9, 31, 32, 40]) {
      const answer = await step(witness, old, size);
      expect(answer.status, answer.body).toBe(200);
      const cosigned = openCheckpoint(Buffer.concat([signed(size), Buffer.from(answer.body)]), policy);
      expect(cosigned.cosignatures).toMatchObject([{ name: 'witness.example/w1' }]);
      old = size;
    }
  });

  it('tells the size it knows to whoever has another', async () => {
    const witness = await serve();
    expect((await step(witness, 0, 20)).status).toBe(200);
    for (const old of [0, 10, 19, 21]) {
      expect(await step(witness, old, 30)).toEqual({ status: 409, type: 'text/x.tlog.size', body: '20\n' });
    }
    expect((await step(witness, 20, 30)).status).toBe(200);
  });

  it('refuses a rollback, though it is told honestly', async () => {
    const witness = await serve();
    await step(witness, 0, 20);
    // The old size is that of the witness, and larger than the checkpoint.
    expect((await post(witness, bodyOf(20, [], signed(10)))).status).toBe(400);
    expect(await step(witness, 5, 10)).toMatchObject({ status: 409, body: '20\n' });
    expect(await step(witness, 10, 10)).toMatchObject({ status: 409, body: '20\n' });
  });

  it('refuses a fork, at the same size and at a larger one', async () => {
    const witness = await serve();
    const fork = leaves.with(3, Buffer.alloc(64));
    await step(witness, 0, 20);
    const conflict = await step(witness, 20, 20, fork);
    expect(conflict.status).toBe(409);
    expect(conflict.type).not.toBe('text/x.tlog.size');
    expect((await step(witness, 20, 30, fork)).status).toBe(422);
    expect((await post(witness, bodyOf(20, proofOf(20, 30), signed(30, fork)))).status).toBe(422);
    // And still goes on with the history it saw.
    expect((await step(witness, 20, 30)).status).toBe(200);
  });

  it('refuses a proof that is wrong, cut off, too long or not due', async () => {
    const witness = await serve();
    expect((await post(witness, bodyOf(0, [emptyRoot], signed(20)))).status).toBe(422);
    await step(witness, 0, 20);
    const proof = proofOf(20, 30);
    for (const wrong of [[], proof.slice(1), proof.slice(0, -1), [...proof, emptyRoot], proof.toReversed()]) {
      expect((await post(witness, bodyOf(20, wrong, signed(30)))).status).toBe(422);
    }
    expect((await post(witness, bodyOf(20, [emptyRoot], signed(20)))).status).toBe(422);
  });

  it('refuses strangers: unknown logs, other keys, and signatures that do not verify', async () => {
    const witness = await serve();
    const unknown = testLogKey('ledger.example/us/2026h2');
    const root = naiveRoot(leaves);
    expect((await post(witness, bodyOf(0, [], signCheckpoint(unknown, 40, root)))).status).toBe(404);
    expect((await post(witness, bodyOf(0, [], signCheckpoint(testLogKey(), 40, root)))).status).toBe(403);
    const altered = signed(40).toString().replace('\n40\n', '\n39\n');
    expect((await post(witness, bodyOf(0, [], Buffer.from(altered)))).status).toBe(403);
    // A signature of somebody it does not know beside the log's is ignored.
    const others = signCheckpoint(log, 40, root, [testWitnessKey()]);
    expect((await post(witness, bodyOf(0, [], others))).status).toBe(200);
  });

  it('refuses an empty ledger with a root', async () => {
    const witness = await serve();
    const answer = await post(witness, bodyOf(0, [], signCheckpoint(log, 0, naiveRoot(leaves))));
    expect(answer.status).toBe(409);
    expect((await step(witness, 0, 5)).status).toBe(200);
  });

  it('refuses what is not of the form', async () => {
    const witness = await serve();
    const good = bodyOf(0, [], signed(5));
    for (const body of [
      '',
      'old 0\n',
      good.replace('old 0', 'old 00'),
      good.replace('old 0', 'old -1'),
      good.replace('old 0', 'Old 0'),
      good.replace('old 0', `old ${'9'.repeat(17)}`),
      good.replace('old 0', 'old 0\nAAAA'),
      good.replace('old 0', `old 0${`\n${emptyRoot.toString('base64')}`.repeat(64)}`),
      good.slice(0, -1),
      good.replaceAll('\n', '\r\n'),
      bodyOf(0, [], Buffer.from(signText(`${log.key.name}\n5\n`, log))),
    ]) {
      expect((await post(witness, body)).status, JSON.stringify(body)).toBe(400);
    }
    expect((await post(witness, Buffer.alloc(2_000_000, 0x41))).status).toBe(413);
    expect((await fetch(witness.url)).status).toBe(405);
    expect((await fetch(witness.url.replace('add-checkpoint', 'other'), { method: 'POST' })).status).toBe(
      404,
    );
    expect((await post(witness, good)).status).toBe(200);
  });

  it('lets one of many at once win, and never goes back', async () => {
    const witness = await serve();
    await step(witness, 0, 8);
    const attempts = Array.from({ length: 32 }, (_, i) => step(witness, 8, 9 + i));
    const answers = await Promise.all(attempts);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const winner = 9 + answers.findIndex(({ status }) => status === 200);
    for (const answer of answers) {
      if (answer.status !== 200)
        expect(answer).toEqual({ status: 409, type: 'text/x.tlog.size', body: `${winner}\n` });
    }
    const seen = JSON.parse(readFileSync(join(state, 'state.json'), 'utf8'));
    expect(seen[log.key.name]).toMatchObject({ size: winner });
  });
});

describe('a witness process', () => {
  it('remembers through a kill and a restart', async () => {
    const before = await serve();
    expect((await step(before, 0, 20)).status).toBe(200);
    await before.stop('SIGKILL');
    const after = await serve();
    expect(await step(after, 0, 30)).toMatchObject({ status: 409, body: '20\n' });
    expect((await step(after, 20, 20, leaves.with(3, Buffer.alloc(64)))).status).toBe(409);
    expect((await step(after, 20, 30)).status).toBe(200);
    expect(await after.stop('SIGTERM')).toBe(0);
  });

  it('is recorded before it is answered: killed in the middle of many, it never forgets an answer', async () => {
    const witness = await serve();
    let answered = 0;
    /** @type {() => void} */
    let begun;
    const some = new Promise((resolve) => (begun = () => resolve(null)));
    const climb = async () => {
      for (let size = 1; size <= leaves.length; size++) {
        if ((await step(witness, size - 1, size)).status === 200) answered = size;
        if (answered === 5) begun();
      }
    };
    // The kill cuts off the request under way, and refuses what comes after.
    const climbed = climb().catch((/** @type {unknown} */ error) => expect(error).toBeInstanceOf(TypeError));
    await some;
    await witness.stop('SIGKILL');
    await climbed;
    const again = await serve();
    const { status, body } = await step(again, 40, 40);
    expect(status === 409 ? Number(body) : 40).toBeGreaterThanOrEqual(answered);
  });

  it('does not start twice on one state, nor without it', async () => {
    await serve();
    await expect(startWitness(state, ['--log', vkey])).rejects.toThrow(/another witness runs/);
    await running[0]?.stop('SIGTERM');
    rmSync(join(state, 'state.json'));
    await expect(startWitness(state, ['--log', vkey])).rejects.toThrow(/state\.json/);
  });

  it('takes up a log that is added to its file, and keeps its own while the file is broken', async () => {
    const file = join(makeFolder(), 'logs');
    writeFileSync(file, '# none yet\n');
    const witness = await serve(['--logs', file]);
    expect((await step(witness, 0, 5)).status).toBe(404);
    writeFileSync(file, `# the ledger\n${vkey}\n`);
    utimesSync(file, 1, 1);
    expect((await step(witness, 0, 5)).status).toBe(200);
    writeFileSync(file, vkey.slice(0, 30));
    utimesSync(file, 2, 2);
    expect((await step(witness, 5, 6)).status).toBe(200);
  });

  it('is made once: a second key under its name is refused', async () => {
    const again = await runProgram('countersign-witness', [
      'init',
      '--name',
      'witness.example/w1',
      '--state',
      state,
    ]);
    expect(again).toMatchObject({ code: 2 });
    expect(again.stderr).toContain('witness.key');
    const other = await runProgram('countersign-witness', ['init', '--name', 'w+2', '--state', makeFolder()]);
    expect(other).toMatchObject({ code: 2 });
    const made = await runProgram('countersign-witness', [
      'init',
      '--name',
      'w2',
      '--state',
      makeFolder(),
      '--json',
    ]);
    expect(parseVerifierKey(JSON.parse(made.stdout).vkey)).toMatchObject({ name: 'w2', algorithm: 4 });
  });
});
