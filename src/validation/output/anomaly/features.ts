import { languageOf } from './language.ts';

/** What of an answer is held against the answers before it; how many, how long, how deep. */
export const measures = [
  'characters',
  'lines',
  'keys',
  'depth',
  'links',
  'images',
  'markup',
  'code',
  'encoded',
  'toolCalls',
] as const;
export type Measure = (typeof measures)[number];

export interface OutputFeatures {
  readonly measured: Readonly<Record<Measure, number>>;
  readonly form: 'json' | 'text';
  /** Null where it cannot be told. */
  readonly language: string | null;
}

const link = /\b(?:https?|ftp|data|file|javascript):(?:\/\/)?[^\s"'<>)\]]{2,}|\bwww\.[^\s"'<>)\]]{3,}/gi;
const image = /!\[[^\]\n]{0,500}\](?:\(|\[)|<(?:img|svg|picture|video|object|embed|iframe)\b/gi;
const markup = /<\/?[a-z][a-z0-9-]{0,30}(?:\s[^<>]{0,2000})?\/?>/gi;
const code =
  /```|\bfunction\s*\w*\s*\(|=>\s*[{(]|\b(?:import|require|eval|exec|system)\s*\(|^\s*(?:def|class|import|from|#include|SELECT|INSERT|UPDATE|DELETE|DROP|curl|wget|sudo)\s+\S/gm;
/** Base64 and hexadecimal beyond the length of what is usually a digest or an id. */
const encoded = /[A-Za-z0-9+/_-]{48,}={0,2}/g;

/** Pure: the same answer has the same features (I7). */
export function outputFeatures(answer: {
  readonly text: string;
  /** The answer as JSON; null where it is none. */
  readonly parsed: unknown;
  readonly toolCalls: number;
}): OutputFeatures {
  const { text, parsed, toolCalls } = answer;
  const structure = { keys: 0, depth: 0, strings: [] as string[] };
  if (parsed !== null) walk(parsed, 1, structure);
  const prose = parsed === null ? text : structure.strings.join('\n');
  const count = (pattern: RegExp) => prose.match(pattern)?.length ?? 0;
  return {
    measured: {
      characters: text.length,
      lines: prose === '' ? 0 : prose.split('\n').length,
      keys: structure.keys,
      depth: structure.depth,
      links: count(link),
      images: prose.includes('![') || prose.includes('<') ? count(image) : 0,
      markup: prose.includes('<') ? count(markup) : 0,
      code: count(code),
      encoded: (prose.match(encoded) ?? []).reduce((sum, run) => sum + run.length, 0),
      toolCalls,
    },
    form: parsed === null ? 'text' : 'json',
    language: languageOf(prose),
  };
}

const DEPTH_MAX = 200;

function walk(
  value: unknown,
  depth: number,
  into: { keys: number; depth: number; readonly strings: string[] },
): void {
  if (typeof value === 'string') into.strings.push(value);
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return;
  into.depth = Math.max(into.depth, depth);
  if (!Array.isArray(value)) into.keys += Object.keys(value).length;
  for (const item of Object.values(value)) walk(item, depth + 1, into);
}
