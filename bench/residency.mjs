// Measures what lawful filtering adds to a request (50 endpoints, 200 rules, 200 mechanisms), and how many
// states a second the prover walks through (12 endpoints). See README.md.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { createLawfulFilter } from '../dist/residency/lawful.js';
import { checkPolicy } from '../dist/residency/policy-check.js';
import { proveInThreads } from '../dist/residency/prover/parallel.js';
import { largePolicy, models, nowMs, provenPolicy, requestsOf } from './residency/large-policy.mjs';

const askedUs = 50;
const askedStates = 5_000_000;
const askedMs = 10_000;
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '7' },
  },
});
const rounds = Number(values.rounds);
const progress = (line) => process.stderr.write(`${line}\n`);
const machine = () => `${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}`;

const policy = largePolicy();
const problems = checkPolicy(policy);
if (problems.length > 0) throw new Error(`the policy does not hold together: ${JSON.stringify(problems[0])}`);
const requests = requestsOf(policy);
progress(machine());
progress(`${requests.length} different requests, ${rounds} rounds after one to warm up`);

const coldRounds = [];
const rememberedRounds = [];
for (let round = 0; round <= rounds; round++) {
  // A filter that has answered nothing yet: each of the requests is new to it.
  const filter = createLawfulFilter(policy);
  const cold = requests.map((request) => timeUs(() => filter.lawful(request)));
  const remembered = shuffled(requests, round).map((request) => timeUs(() => filter.lawful(request)));
  // What was measured must be the filter at work, not its refusing everything.
  const passed = requests.filter((request) => filter.lawful(request).kind === 'pass').length;
  if (passed === 0 || passed === requests.length) throw new Error(`${passed} of ${requests.length} passed`);
  if (round === 0) continue;
  coldRounds.push(cold);
  rememberedRounds.push(remembered);
  progress(
    `round ${round}: cold ${figures(cold).p50Us} µs, remembered ${figures(remembered).p50Us} µs (p50)`,
  );
}

const prover = await proverFigures();
const result = {
  machine: machine(),
  node: process.version,
  endpoints: policy.endpoints.length,
  rules: policy.transferRules.length,
  mechanisms: policy.mechanisms.length,
  models: models.length,
  rounds,
  askedUs,
  remembered: figures(rememberedRounds.flat()),
  cold: figures(coldRounds.flat()),
  prover,
  clockUs: figures(requests.map(() => timeUs(() => nowMs))).p50Us,
};
const ok = result.remembered.p99Us < askedUs && result.cold.p50Us < askedUs && prover.ok;
if (values.json) process.stdout.write(`${JSON.stringify({ ...result, ok })}\n`);
else print(result);
process.exitCode = ok ? 0 : 1;

/** The whole proof, as `countersign residency prove` does it, on as many threads as there are cores. */
async function proverFigures() {
  const proven = provenPolicy();
  if (checkPolicy(proven).length > 0) throw new Error('the policy to prove does not hold together');
  const runs = [];
  for (let run = 0; run < 3; run++) {
    const proof = await proveInThreads(proven, { assertions: [], attempts: 3, nowMs, depth: 'full' });
    if (proof.violations.length > 0) throw new Error(proof.violations[0].sentence);
    progress(`prover: ${proof.states} states in ${proof.elapsedMs} ms`);
    runs.push(proof);
  }
  const { states, elapsedMs } = runs.toSorted((a, b) => a.elapsedMs - b.elapsedMs)[1];
  const perSecond = Math.round((states / elapsedMs) * 1_000);
  const isEnough = states >= askedStates && perSecond >= askedStates / (askedMs / 1_000);
  return { endpoints: proven.endpoints.length, states, elapsedMs, perSecond, ok: isEnough };
}

function timeUs(work) {
  const beforeMs = performance.now();
  work();
  return (performance.now() - beforeMs) * 1_000;
}

/** Median and 99th percentile, microseconds; the clock's own cost is in them. */
function figures(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share) => Number((sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(2));
  return { samples: sorted.length, p50Us: at(0.5), p99Us: at(0.99) };
}

/** Another order each round: what is remembered is found, not guessed from the request before. */
function shuffled(items, seed) {
  const keyed = items.map((item, i) => [Math.imul(i + 1, 2_654_435_761 ^ (seed * 40_503)) >>> 0, item]);
  return keyed.sort(([a], [b]) => a - b).map(([, item]) => item);
}

function print({ endpoints, rules, mechanisms, remembered, cold, clockUs, prover: proof }) {
  const line = (text) => process.stdout.write(`${text}\n`);
  line(`lawful filtering at ${endpoints} endpoints, ${rules} rules, ${mechanisms} mechanisms, one request:`);
  line(`  remembered  p50 ${remembered.p50Us} µs, p99 ${remembered.p99Us} µs`);
  line(
    `  cold        p50 ${cold.p50Us} µs, p99 ${cold.p99Us} µs (first of its label, class, purpose and model)`,
  );
  line(`  the clock   p50 ${clockUs} µs, which is in all of these`);
  line(
    `the prover at ${proof.endpoints} endpoints: ${proof.states} states in ${proof.elapsedMs} ms, ${proof.perSecond} a second`,
  );
  const asked = `under ${askedUs} µs, and ${askedStates} states in ${askedMs / 1_000} s`;
  line(ok ? `${asked}: yes` : `${asked}: NO`);
}
