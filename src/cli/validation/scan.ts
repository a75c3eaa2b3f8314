import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { Command, Option } from 'commander';
import type { Finding } from '../../decision/finding.ts';
import { type SurfaceKind, type SurfaceText, surfaceKinds } from '../../decision/surface.ts';
import { type Inspection, type Submitted, createValidationGate } from '../../validation/gate.ts';
import { reasonFor } from '../../validation/explanation.ts';
import { CheckFailed, exitCodes } from '../exit.ts';
import { jsonOption, printJson } from '../options.ts';
import { detectionOf } from './evaluate.ts';

interface Options {
  surface?: SurfaceKind;
  mediaType?: string;
  config?: string;
  json?: boolean;
}

const mediaTypes: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  '.eml': 'message/rfc822',
  '.gif': 'image/gif',
  '.htm': 'text/html',
  '.html': 'text/html',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.md': 'text/markdown',
  '.msg': 'application/vnd.ms-outlook',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.txt': 'text/plain',
  '.webp': 'image/webp',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

export function scanCommand(): Command {
  return new Command('scan')
    .description('Inspect one file as the gate would, and show what a reviewer would see.')
    .argument('<file>', 'a document of any kind that the gate reads')
    .addOption(
      new Option(
        '--surface <surface>',
        'take the file for plain text that came in this way, not for a document',
      ).choices([...surfaceKinds]),
    )
    .option('--media-type <type>', 'of the document; by the ending of its name when left out')
    .addOption(
      new Option(
        '-c, --config <file>',
        'countersign.yaml whose policy applies; the one that ships without it',
      ),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Exit code 1 when the gate would refuse the file or hand it to a person. The excerpts are content of the file; a
record never holds any.

Examples:
  countersign validation scan statement.pdf
  countersign validation scan message.txt --surface chat --json`,
    )
    .action(scan);
}

interface Shown {
  readonly origin: string;
  readonly rule: string;
  readonly why: string;
  readonly score: number;
  readonly detector: string;
  readonly detectorVersion: string;
  readonly span: Finding['span'];
  readonly via: readonly string[];
  readonly excerpt: string;
}

async function scan(file: string, options: Options): Promise<void> {
  const gate = createValidationGate(await detectionOf(options.config));
  try {
    const inspection = await gate.inspect(await submitted(file, options));
    const { verdict, texts } = inspection;
    const findings = verdict.findings.map((finding) => shownFinding(finding, texts));
    if (options.json) printJson({ ...verdict, findings, texts: texts.map(shownText) });
    else print(inspection, findings);
    if (verdict.kind !== 'pass') throw new CheckFailed();
  } finally {
    await gate.close();
  }
}

async function submitted(file: string, { surface, mediaType }: Options): Promise<Submitted> {
  const bytes = await readBytes(file);
  if (surface !== undefined) {
    return { texts: [{ surface, origin: '/file', text: bytes.toString('utf8') }], documents: [] };
  }
  const known = mediaType ?? mediaTypes[extname(file).toLowerCase()];
  if (known === undefined) {
    console.error(`${file}: the ending says nothing; name the kind with --media-type or --surface`);
    throw new CheckFailed(exitCodes.usage);
  }
  return { texts: [], documents: [{ origin: '/file', mediaType: known, bytes }] };
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    console.error((error as Error).message);
    throw new CheckFailed(exitCodes.usage);
  }
}

function shownFinding(finding: Finding, texts: readonly SurfaceText[]): Shown {
  const { origin, rule, score, detector, detectorVersion, span, via } = finding;
  const text = texts.find((one) => one.origin === origin && one.text.length >= span.end)?.text ?? '';
  const excerpt = text.slice(span.start, span.end);
  return { origin, rule, why: reasonFor(rule), score, detector, detectorVersion, span, via, excerpt };
}

function shownText({ origin, surface, hidden, text }: SurfaceText) {
  return { origin, surface, hidden: hidden === true, characters: text.length };
}

function print({ verdict, texts }: Inspection, findings: readonly Shown[]): void {
  const reasons = verdict.kind === 'pass' ? '' : `  ${verdict.reasons.join(', ')}`;
  console.log(`${verdict.kind}${reasons}`);
  for (const { origin, hidden, text } of texts) {
    console.log(`  ${origin}  ${text.length} characters${hidden === true ? ', hidden from the reader' : ''}`);
  }
  for (const { origin, rule, why, score, detector, span, via, excerpt } of findings) {
    console.log(`\n${score}  ${rule}  (${detector})  ${origin} ${span.start}–${span.end}`);
    console.log(`     ${why}`);
    if (via.length > 0) console.log(`     decoded: ${via.join(' → ')}`);
    if (excerpt !== '') console.log(`     > ${oneLine(excerpt)}`);
  }
}

const excerptMax = 400;

/** Control characters of a file must not reach a terminal. */
function oneLine(text: string): string {
  const visible = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ');
  return visible.length > excerptMax ? `${visible.slice(0, excerptMax)} …` : visible;
}
