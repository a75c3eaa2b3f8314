// Measures Countersign beside others. See README.md.
import { parseArgs } from 'node:util';
import { load, verifyAnswer } from './load.mjs';
import { describeMachine, formatTable, summarize } from './report.mjs';
import { startTargets, targetNames } from './targets.mjs';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    connections: { type: 'string', default: '64' },
    'delay-ms': { type: 'string', default: '0' },
    targets: { type: 'string', default: targetNames.join(',') },
  },
});
const rounds = readPositive('rounds', values.rounds ?? (values.quick ? '2' : '5'));
const durationS = readPositive('seconds', values.seconds ?? (values.quick ? '3' : '6'));
const connections = readPositive('connections', values.connections);
// Just-in-time compilation settles within this; shorter warm-ups measure it instead of the targets.
const warmUpS = 8;
// Answers counted one by one against the store after the timed rounds.
const countedAnswers = 2000;

/** @typedef {import('./targets.mjs').Target} Target */

progress(`${describeMachine()}; ${connections} connections, ${rounds} rounds of ${durationS} s`);
const running = await startTargets({
  names: values.targets.split(','),
  delayMs: Number(values['delay-ms']),
});
let summary;
try {
  summary = summarize(await measure(running.targets));
  for (const target of running.targets) await checkDurable(target);
} finally {
  await running.stop();
}
progress(describeMachine());
process.stdout.write(`${values.json ? JSON.stringify(summary) : formatTable(summary)}\n`);

/**
 * Rounds run forwards and backwards in turn, so that a machine that slows down or warms up weighs on
 * every target alike.
 * @param {readonly Target[]} all
 */
async function measure(all) {
  /** @type {Map<string, import('./report.mjs').Sample[]>} */
  const samples = new Map(all.map(({ name }) => [name, []]));
  for (const target of all) {
    await verifyAnswer(target.name, target.address);
    await load(target.name, target.address, { connections, durationS: warmUpS });
  }
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? all : all.toReversed();
    for (const target of order) {
      const sample = await measureOnce(target);
      samples.get(target.name)?.push(sample);
      const figures = `${sample.requestsPerSecond.toFixed(0)} req/s, p99 ${sample.p99Ms.toFixed(1)} ms`;
      progress(`round ${round + 1}/${rounds} ${target.name}: ${figures}`);
    }
  }
  return samples;
}

/** @param {Target} target @returns {Promise<import('./report.mjs').Sample>} */
async function measureOnce(target) {
  const committedBefore = await target.answersCommitted?.();
  const before = target.cpuMs();
  const { answers, ...figures } = await load(target.name, target.address, { connections, durationS });
  const after = target.cpuMs();
  if (committedBefore !== undefined) {
    const committed = ((await target.answersCommitted?.()) ?? 0) - committedBefore;
    // When time is up, each connection may leave one request without its answer.
    if (committed < answers || committed > answers + connections) {
      throw new Error(`${target.name} gave ${answers} answers and committed ${committed}`);
    }
  }
  const perRequest = Object.entries(after).map(([part, ms]) => [part, (ms - (before[part] ?? 0)) / answers]);
  return { ...figures, cpuMsPerRequest: Object.fromEntries(perRequest) };
}

/**
 * With a fixed number of requests nothing is cut off: answers and commits have to be equal.
 * @param {Target} target
 */
async function checkDurable(target) {
  if (target.answersCommitted === undefined) return;
  const before = await settledCount(target.answersCommitted);
  const { answers } = await load(target.name, target.address, { connections, amount: countedAnswers });
  const committed = (await settledCount(target.answersCommitted)) - before;
  if (answers !== countedAnswers || committed !== countedAnswers) {
    throw new Error(
      `${target.name}: of ${countedAnswers} requests ${answers} were answered and ${committed} committed`,
    );
  }
  progress(`${target.name}: ${answers} answers, ${committed} committed`);
}

/**
 * The count once it no longer grows: requests that the timed rounds cut off are still being finished.
 * @param {() => Promise<number>} count
 */
async function settledCount(count) {
  for (let last = await count(); ; ) {
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
    const now = await count();
    if (now === last) return now;
    last = now;
  }
}

/** @param {string} line */
function progress(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * @param {string} name
 * @param {string} text
 */
function readPositive(name, text) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} is a positive integer, not "${text}"`);
  return value;
}
