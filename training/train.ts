import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { createTextClassifier } from '../src/validation/classifier/classifier.ts';
import { Lexicon } from '../src/validation/classifier/lexicon.ts';
import { Reading } from '../src/validation/classifier/reading.ts';
import {
  calibrated,
  packModel,
  shippedWeightsPath,
  unpackModel,
} from '../src/validation/classifier/weights.ts';
import { createDetector } from '../src/validation/detector.ts';
import { createMeter, evaluationOf, type MeasuredText } from '../src/validation/evaluation/measurement.ts';
import { defaultValidationPolicy } from '../src/validation/policy.ts';
import { modelCard } from './card.ts';
import { grammarRows } from './corpus.ts';
import { type Example, exampleOf } from './example.ts';
import { fittedModel, leaveOneOut, logitsOf, type LoggedRow, type Setting } from './leave-one-out.ts';
import { readLexicon } from './lexicon.ts';
import { readRows } from './row.ts';
import { calibrate } from './thresholds.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: shippedWeightsPath },
    card: { type: 'string', default: 'docs/model-card.md' },
    grammar: { type: 'string', default: '12000' },
    'held-out': { type: 'string', default: '4000' },
  },
});
if (values.data === undefined) throw new Error('which data? tsx training/train.ts --data dev.jsonl');

const seed = Number(values.seed);
const tell = (line: string) => process.stderr.write(`${line}\n`);
const rows = readRows(values.data);
const lexicon = readLexicon();
const reading = new Reading(new Lexicon(lexicon));
const kept = new Map<string, Example>();
const setting: Setting = {
  lexicon,
  // Rows are read once; what differs from fold to fold is their weight.
  exampleOf: (row) => {
    const isLasting = !row.id.startsWith('mixture-');
    const known = isLasting ? kept.get(row.id) : undefined;
    const example = known ?? exampleOf(row, reading);
    if (isLasting && known === undefined) kept.set(row.id, example);
    return { ...example, row };
  },
  grammar: grammarRows(Number(values.grammar), seed + 10, 'train'),
  own: { grammar: Number(values.grammar), honest: 2400, mixture: 5000, lines: 5000, seed },
  fitting: { seed, epochs: 3, rate: 0.15, decay: 2e-4, dropout: 0.3, sourcesMin: 2 },
};

const out = leaveOneOut(rows, setting, tell);
tell('all sources');
const raw = fittedModel(rows, setting);
const heldOut = logitsOf(grammarRows(Number(values['held-out']), seed + 11, 'held-out'), raw);
const calibration = calibrate([...out, ...heldOut].filter(({ row }) => row.label === 'benign'));
const bytes = packModel({ ...raw.header, calibration }, raw.weights);
mkdirSync(dirname(values.out), { recursive: true });
writeFileSync(values.out, bytes);
const model = unpackModel(bytes);
tell(`${values.out}: ${bytes.length} bytes, ${model.digest}`);

const ruled = createMeter(createDetector(defaultValidationPolicy, null));
writeFileSync(
  values.card,
  modelCard({
    rows,
    model,
    classifier: createTextClassifier(model).version,
    setting,
    unseenSources: { ...evaluationOf(out.map(measured)), texts: out.map(measured) },
    unseenFamilies: { ...evaluationOf(heldOut.map(measured)), texts: heldOut.map(measured) },
    heldOutRows: heldOut.map(({ row }) => row),
    command: `npx tsx training/train.ts --data dev.jsonl --seed ${seed}`,
  }),
);
tell(values.card);

/** What rules and classifier together make of a row whose logit is known. */
function measured({ row, logit }: LoggedRow): MeasuredText {
  const text = { text: row.text, label: row.label, surface: row.surface, source: row.source };
  const byRules = ruled(text);
  const score = calibrated(logit, calibration[row.surface]);
  const isFlagged = Math.round(score) >= defaultValidationPolicy.thresholds[row.surface].review;
  return {
    ...byRules,
    score: Math.max(byRules.score, score),
    isDetected: byRules.isDetected || isFlagged,
  };
}
