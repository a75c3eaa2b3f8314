// Measures what inspection costs: CPU to canonicalise and detect 2,200 characters of each surface, and time a page for
// a PDF's text and structure. See README.md.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { canonicalise } from '../dist/validation/canonicaliser.js';
import { createDetector } from '../dist/validation/detector.js';
import { defaultValidationPolicy } from '../dist/validation/policy.js';
import { honestTexts } from './validation/honest-texts.mjs';
import { benchDocuments } from './validation-documents.mjs';

const askedCpuMs = 0.5;
const askedMsPerPage = 60;
const characters = 2_200;
const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '9' } },
});
const rounds = Number(values.rounds);
const progress = (line) => process.stderr.write(`${line}\n`);
const machine = () => `${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}`;

const detector = createDetector(defaultValidationPolicy);
const texts = honestTexts(characters, 400);
progress(machine());

const samples = { canonicalise: [], whole: [] };
for (let round = 0; round <= rounds; round++) {
  const canonical = cpuMs(() => {
    for (const { text } of texts) canonicalise(text, defaultValidationPolicy.canonical);
  });
  const whole = cpuMs(() => {
    for (const text of texts) detector.detect(text);
  });
  // The first round warms up.
  if (round === 0) continue;
  samples.canonicalise.push(canonical / texts.length);
  samples.whole.push(whole / texts.length);
  progress(`round ${round}: ${samples.whole.at(-1).toFixed(3)} ms a text`);
}
const documents = await benchDocuments(rounds);
const result = {
  machine: machine(),
  node: process.version,
  rounds,
  characters,
  texts: texts.length,
  canonicaliseCpuMs: median(samples.canonicalise),
  canonicaliseAndDetectCpuMs: median(samples.whole),
  askedCpuMs,
  pdf: { ...documents, askedMsPerPage },
};
const ok = result.canonicaliseAndDetectCpuMs <= askedCpuMs && documents.warmMsPerPage <= askedMsPerPage;
if (values.json) process.stdout.write(`${JSON.stringify({ ...result, ok })}\n`);
else print(result);
process.exitCode = ok ? 0 : 1;

/** Of this process alone, so that other work on the machine does not count. */
function cpuMs(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function median(list) {
  return Number(list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)].toFixed(4));
}

function print({ canonicaliseCpuMs, canonicaliseAndDetectCpuMs, pdf }) {
  const line = (text) => process.stdout.write(`${text}\n`);
  line(`canonicalise               ${canonicaliseCpuMs} ms CPU for ${characters} characters`);
  line(
    `canonicalise and detect    ${canonicaliseAndDetectCpuMs} ms CPU for ${characters} characters (asked: ${askedCpuMs})`,
  );
  line(
    `PDF, text and structure    ${pdf.warmMsPerPage.toFixed(1)} ms a page (asked: ${askedMsPerPage}), ${pdf.coldMsPerPage.toFixed(1)} with the start of the reader, ${pdf.isolation}`,
  );
}
