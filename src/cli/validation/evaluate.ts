import { statSync } from 'node:fs';
import { Command, Option } from 'commander';
import { loadConfig } from '../../config/load.ts';
import { operatorModelOf } from '../../gateway/operator-model.ts';
import { createDetector } from '../../validation/detector.ts';
import {
  type Evaluation,
  type LabelledText,
  type MeasuredText,
  type Measurement,
  createMeter,
  evaluationOf,
} from '../../validation/evaluation/measurement.ts';
import { LabelledTextError, readLabelledTexts } from '../../validation/evaluation/labelled-text.ts';
import type { OperatorModel } from '../../validation/operator-model/operator-model.ts';
import { OperatorModelError } from '../../validation/operator-model/problem.ts';
import { defaultValidationPolicy, type ValidationPolicy } from '../../validation/policy.ts';
import { CheckFailed, exitCodes } from '../exit.ts';
import { jsonOption, printJson } from '../options.ts';
import { ProgressBar } from '../progress-bar.ts';

interface Options {
  data: string;
  config?: string;
  json?: boolean;
}

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('Measure the detectors on labelled texts, by surface and by source.')
    .requiredOption(
      '--data <file>',
      'JSON Lines: {"text", "label": "attack" or "benign", "surface", "source"}',
    )
    .addOption(
      new Option(
        '-c, --config <file>',
        'countersign.yaml whose thresholds, and whose own model, apply; what ships without it',
      ),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A text is detected when the gate would refuse it or hand it to a person. AUC and recall at a share of false
positives rank texts by their highest score, whatever the thresholds; a dash stands where one of the two labels is
missing. Intervals are Wilson's at 95 %.

Examples:
  countersign validation evaluate --data texts.jsonl
  countersign validation evaluate --data texts.jsonl --config countersign.yaml --json`,
    )
    .action(evaluate);
}

async function evaluate({ data, config, json }: Options): Promise<void> {
  try {
    const evaluation = evaluationOf(await measure(data, await detectionOf(config)));
    if (json) printJson(evaluation);
    else printEvaluation(evaluation);
  } catch (error) {
    const isUnreadable = ['ENOENT', 'EISDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
    const isExpected = error instanceof LabelledTextError || error instanceof OperatorModelError;
    if (!isExpected && !isUnreadable) throw error;
    console.error((error as Error).message);
    throw new CheckFailed(exitCodes.usage);
  }
}

/** What a configuration detects with: its thresholds, and the operator's own model where it names one. */
export interface Detection {
  readonly policy: ValidationPolicy;
  readonly operatorModel: OperatorModel | null;
}

/** @throws ConfigError, also when the model cannot be loaded */
export async function detectionOf(config: string | undefined): Promise<Detection> {
  if (config === undefined) return { policy: defaultValidationPolicy, operatorModel: null };
  const loaded = loadConfig(config);
  const policy = loaded.gateway.validation ?? defaultValidationPolicy;
  return { policy, operatorModel: await operatorModelOf(loaded, config) };
}

async function measure(data: string, detection: Detection): Promise<MeasuredText[]> {
  try {
    return await measureWith(data, detection);
  } finally {
    await detection.operatorModel?.close();
  }
}

async function measureWith(data: string, { policy, operatorModel }: Detection): Promise<MeasuredText[]> {
  const meter = createMeter(createDetector(policy, undefined, operatorModel?.digests ?? null));
  const progress = new ProgressBar('evaluating', process.stderr.isTTY);
  const bytes = statSync(data).size;
  const measured: MeasuredText[] = [];
  let read = 0;
  for await (const text of readLabelledTexts(data)) {
    measured.push(meter(text, operatorModel === null ? undefined : await asked(text, policy, operatorModel)));
    // Quotes and names of a row are some sixty bytes; the bar need not be exact.
    read += Buffer.byteLength(text.text) + 60;
    progress.show(Math.min(read, bytes), bytes, `${measured.length} texts`);
  }
  progress.done();
  return measured;
}

async function asked({ surface, text }: LabelledText, policy: ValidationPolicy, model: OperatorModel) {
  const startedNs = process.hrtime.bigint();
  const [seen] = await model.score([{ surface, origin: '/text', text }], policy);
  return { scored: seen?.scored ?? [], elapsedUs: Number(process.hrtime.bigint() - startedNs) / 1000 };
}

function printEvaluation({ surfaces, sources }: Evaluation): void {
  printTable('surface', surfaces);
  console.log('');
  printTable('source', sources);
}

function printTable(title: string, parts: Readonly<Record<string, Measurement>>): void {
  const columns = [
    'n',
    'attacks',
    'benign',
    'AUC',
    'R@0.5%',
    'R@1%',
    'R@5%',
    'recall',
    '',
    'FPR',
    '',
    'µs/1,000',
  ];
  const widths = [7, 8, 8, 7, 8, 8, 8, 8, 15, 8, 15, 10];
  const line = (name: string, cells: readonly string[]) =>
    name.padEnd(24) + cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join('');
  console.log(line(title, columns));
  for (const [name, part] of Object.entries(parts)) {
    const { n, attacks, benign, auc, recallAtFpr, recall, recallInterval, fpr, fprInterval } = part;
    console.log(
      line(name, [
        ...[n, attacks, benign].map(String),
        ...[auc, recallAtFpr['0.005'], recallAtFpr['0.01'], recallAtFpr['0.05'], recall].map(shown),
        shownInterval(recallInterval),
        shown(fpr),
        shownInterval(fprInterval),
        part.usPer1000Characters === null ? '-' : part.usPer1000Characters.toFixed(0),
      ]),
    );
  }
}

function shown(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}

function shownInterval(interval: readonly [number, number] | null): string {
  return interval === null ? '' : `[${interval[0].toFixed(3)}, ${interval[1].toFixed(3)}]`;
}
