import type { SurfaceKind } from '../src/decision/surface.ts';
import { Random } from './random.ts';
import type { Row } from './row.ts';

const dataSurfaces: readonly SurfaceKind[] = ['document', 'retrieved', 'tool_result'];

/** Texts that ask a model to do something, harmless in a chat. */
const requestSources = new Set(['wildguard_benign', 'asb', 'oai_guardrails_demo', 'deepset', 'xstest_safe']);
/** What customers write; quoted in a document it stays honest. */
const customerSources = new Set(['banking77', 'tau_trajectories', 'tatqa_dev']);
const payloadCharactersMax = 500;

/**
 * Puts attacks, and requests that are harmless in a chat, into honest data, where nobody should ask a
 * model for anything; and what customers say, which may stand there.
 */
export function mixed(rows: readonly Row[], count: number, seed: number): Row[] {
  const random = new Random(seed);
  const carriers = rows.filter(
    (row) => row.label === 'benign' && dataSurfaces.includes(row.surface) && row.text.length > 100,
  );
  const attacks = rows
    .filter((row) => row.label === 'attack' && !row.isSoft && row.base === undefined)
    .map((row) => row.payload ?? row.text)
    .filter((text) => text.length < payloadCharactersMax);
  const requests = rows
    .filter((row) => row.label === 'benign' && row.surface === 'chat' && requestSources.has(row.source))
    .map(({ text }) => text)
    .filter((text) => text.length < payloadCharactersMax);
  const sayings = rows
    .filter((row) => row.surface === 'chat' && customerSources.has(row.source))
    .map(({ text }) => text);
  const made: Row[] = [];
  if (carriers.length === 0) return made;
  for (let index = 0; index < count; index += 1) {
    const carrier = random.pick(carriers);
    const draw = random.next();
    const [texts, label] =
      draw < 0.4
        ? [attacks, 'attack' as const]
        : draw < 0.65
          ? [requests, 'attack' as const]
          : [sayings, 'benign' as const];
    if (texts.length === 0) continue;
    const payload = random.pick(texts);
    // What was encoded stands alone once it is decoded.
    const isBare = texts === attacks && random.next() < 0.25;
    const text = isBare ? payload : placed(payload, excerpt(carrier.text, random), random);
    made.push({ ...madeOf(index, carrier, text, label, random), payload });
  }
  return made;
}

function madeOf(index: number, carrier: Row, text: string, label: Row['label'], random: Random): Row {
  return {
    id: `mixture-${index}`,
    text,
    label,
    // The shape of the data is what counts, and all three surfaces see every shape.
    surface: random.next() < 0.5 ? carrier.surface : random.pick(dataSurfaces),
    source: 'mixture',
    licence: carrier.licence,
    isSoft: true,
    weight: 0.5,
  };
}

/**
 * Lines, sentences, values and words of honest data, and what customers say, each as a text of its own:
 * most texts that reach a gateway are a single field.
 */
export function honestLines(rows: readonly Row[], count: number, seed: number): Row[] {
  const random = new Random(seed);
  const benign = rows.filter(({ label }) => label === 'benign');
  const carriers = benign.filter(({ surface }) => dataSurfaces.includes(surface));
  const sayings = benign.filter(({ surface, source }) => surface === 'chat' && customerSources.has(source));
  if (carriers.length === 0) return [];
  return Array.from({ length: count }, (_, index) => {
    const isSaying = sayings.length > 0 && random.next() < 0.15;
    const row = random.pick(isSaying ? sayings : carriers);
    const line = isSaying ? row.text : lineOf(row.text, random);
    const text = random.next() < 0.2 ? wordsOf(line, random) : line;
    const surface = random.pick([...dataSurfaces, 'chat' as const]);
    return Object.assign(madeOf(index, row, text, 'benign', random), {
      id: `mixture-line-${index}`,
      surface,
    });
  });
}

function wordsOf(line: string, random: Random): string {
  const words = line.split(/\s+/);
  const start = random.below(words.length);
  return words.slice(start, start + 1 + random.below(3)).join(' ');
}

function lineOf(text: string, random: Random): string {
  const lines = text.split(/\n|(?<=[.!?]) |[|{}]|", ?"|" ?: ?"?/).filter((line) => line.trim().length > 3);
  if (lines.length === 0) return text;
  const start = random.below(lines.length);
  return lines
    .slice(start, start + 1 + Number(random.next() < 0.25))
    .join(' ')
    .trim();
}

function excerpt(text: string, random: Random): string {
  if (text.length < 1500) return text;
  const lines = text.split('\n');
  const start = random.below(Math.max(1, lines.length - 4));
  let end = start;
  for (let length = 0; end < lines.length && length < 1200; end += 1) length += (lines[end] as string).length;
  return lines.slice(start, end).join('\n');
}

function placed(payload: string, text: string, random: Random): string {
  if (/^[{[]/.test(text) && text.includes('": "')) {
    const values = [...text.matchAll(/": "([^"]*)"/g)];
    const value = random.pick(values);
    const at = value.index + 4;
    const inner = payload.replaceAll('"', "'");
    return (
      text.slice(0, at) + inner + text.slice(random.next() < 0.5 ? at + (value[1] as string).length : at)
    );
  }
  const lines = text.split(/(?<=[.!?]) |\n/);
  const spaces = text.includes('\n') ? '\n' : ' ';
  const at = random.pick([0, lines.length, random.below(lines.length + 1)]);
  return [...lines.slice(0, at), payload, ...lines.slice(at)].join(spaces);
}
