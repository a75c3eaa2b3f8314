import { parseArgs } from 'node:util';
import type { SurfaceText } from '../src/decision/surface.ts';
import {
  lossyTransforms,
  type Transform,
  transforms,
} from '../src/validation/canonical/transforms-fixture.ts';
import { createDetector } from '../src/validation/detector.ts';
import { readLabelledTexts } from '../src/validation/evaluation/labelled-text.ts';
import { judge } from '../src/validation/judgement.ts';
import { defaultValidationPolicy as policy } from '../src/validation/policy.ts';

/*
 * What a disguise costs the detector: the share of attacks that is stopped as they are, and under each transform, as
 * the whole text and behind an honest sentence. Ends with 1 where a disguised whole text loses over 5 points.
 */

const lossMax = 0.05;
const honest = 'Good morning, here is what I was sent yesterday: ';
const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    max: { type: 'string', default: '200' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help || values.data === undefined) {
  process.stderr.write('usage: npx tsx training/obfuscation.ts --data FILE.jsonl [--max N] [--json]\n');
  process.exit(2);
}

const detector = createDetector(policy);
const attacks = await attacksOf(values.data, Number(values.max));
const plain = { alone: recall((text) => text), inside: recall((text) => honest + text) };
const rows = Object.entries({ ...transforms, ...lossyTransforms }).map(([name, transform]) => {
  process.stderr.write(`${name}\n`);
  return { name, alone: recall(transform), inside: recall((text) => honest + transform(text)) };
});
const short = rows.filter(({ alone }) => alone < plain.alone - lossMax).map(({ name }) => name);
if (values.json)
  process.stdout.write(
    `${JSON.stringify({ ok: short.length === 0, n: attacks.length, plain, rows, short })}\n`,
  );
else print();
process.exitCode = short.length === 0 ? 0 : 1;

/** Attacks in plain letters, evenly from the whole file: a disguise of a disguise would measure something else. */
async function attacksOf(path: string, max: number): Promise<readonly SurfaceText[]> {
  const found: SurfaceText[] = [];
  for await (const { text, label, surface } of readLabelledTexts(path)) {
    const isPlain = /^[\n -~]{1,1500}$/.test(text);
    if (label === 'attack' && isPlain) found.push({ surface, origin: '/text', text });
  }
  const step = Math.max(1, Math.floor(found.length / max));
  return found.filter((_, i) => i % step === 0).slice(0, max);
}

function recall(transform: Transform): number {
  const stopped = attacks.filter((attack) => {
    const text = { ...attack, text: transform(attack.text) };
    return judge([text], new Set(), policy, detector).kind !== 'pass';
  });
  return stopped.length / Math.max(1, attacks.length);
}

function print(): void {
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const line = (name: string, one: { alone: number; inside: number }) =>
    say(`${name.padEnd(32)} ${one.alone.toFixed(3)}  ${one.inside.toFixed(3)}`);
  say(`${attacks.length} attacks; stopped as the whole text, and behind an honest sentence`);
  line('plain', plain);
  for (const row of rows) line(row.name, row);
  say(short.length === 0 ? 'no transform loses over 5 points' : `over 5 points lost: ${short.join(', ')}`);
}
