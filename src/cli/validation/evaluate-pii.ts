import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { createOutputFilter } from '../../validation/output-filter.ts';
import {
  evaluateSpans,
  type MarkedSentence,
  type TypeScore,
} from '../../validation/output/span-evaluation.ts';
import { jsonOption, printJson } from '../options.ts';

export function evaluatePiiCommand(): Command {
  return new Command('evaluate-pii')
    .description('Measure the output filter on sentences whose personal data is marked, type by type.')
    .requiredOption(
      '--data <file>',
      'JSON Lines: {"text", "spans": [{"type", "start", "end"}]}; UTF-16 offsets',
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A marked span is found when a finding of the same type overlaps it; a finding is right when it overlaps a marked
span of its type. Every sentence is filtered as an answer that shares nothing with its request. Names, places and
dates are not looked for: the filter knows them only by the decision's own inputs, so their recall is 0.

Example:
  countersign validation evaluate-pii --data sentences.jsonl --json`,
    )
    .action(evaluatePii);
}

async function evaluatePii({ data, json }: { data: string; json?: boolean }): Promise<void> {
  const sentences = readSentences(await readFile(data, 'utf8'), data);
  const startedNs = process.hrtime.bigint();
  const types = evaluateSpans(sentences, createOutputFilter());
  const elapsedUs = Number(process.hrtime.bigint() - startedNs) / 1000;
  const characters = sentences.reduce((sum, { text }) => sum + text.length, 0);
  const result = {
    matching: 'overlap, same type',
    sentences: sentences.length,
    usPer1000Characters: characters === 0 ? 0 : Math.round((elapsedUs / characters) * 1000),
    types,
  };
  if (json) printJson(result);
  else
    printTable(types, `${sentences.length} sentences, ${result.usPer1000Characters} µs per 1,000 characters`);
}

function readSentences(content: string, file: string): MarkedSentence[] {
  return content.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    const row = parsed(line);
    if (!isSentence(row))
      throw new TypeError(`${file}:${i + 1} is no object with "text" and "spans" of type, start and end`);
    return [row];
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isSentence(row: unknown): row is MarkedSentence {
  if (typeof row !== 'object' || row === null) return false;
  const { text, spans } = row as { text?: unknown; spans?: unknown };
  return (
    typeof text === 'string' &&
    Array.isArray(spans) &&
    spans.every(
      (span: Partial<MarkedSentence['spans'][number]> | null) =>
        typeof span?.type === 'string' && Number.isInteger(span.start) && Number.isInteger(span.end),
    )
  );
}

function printTable(types: Readonly<Record<string, TypeScore>>, summary: string): void {
  const share = (value: number, [low, high]: readonly [number, number]) =>
    `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
  console.log(`${'type'.padEnd(24)}${'n'.padStart(6)}  recall                precision             fp`);
  for (const [type, score] of Object.entries(types)) {
    const recall = share(score.recall, score.recallInterval);
    const precision = score.tp + score.fp === 0 ? '-' : share(score.precision, score.precisionInterval);
    console.log(
      `${type.padEnd(24)}${String(score.n).padStart(6)}  ${recall}  ${precision.padEnd(20)}  ${score.fp}`,
    );
  }
  console.log(summary);
}
