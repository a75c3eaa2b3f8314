import { canonicalise } from '../src/validation/canonicaliser.ts';
import { folded } from '../src/validation/canonical/folding.ts';
import type { Reading } from '../src/validation/classifier/reading.ts';
import {
  contextFeatures,
  contextOf,
  groupOf,
  segmentsOf,
  surroundingsOf,
} from '../src/validation/classifier/segments.ts';
import { defaultValidationPolicy } from '../src/validation/policy.ts';
import type { Row } from './row.ts';

/** How much of a segment belongs to the attack. */
export const parts = { none: 0, some: 1, most: 2, unknown: 3 } as const;

/** One view of a row, ready to be learned from. */
export interface Page {
  readonly featureStarts: Int32Array;
  readonly features: Int32Array;
  readonly values: Uint8Array;
  readonly segmentFirst: Int32Array;
  readonly segmentLast: Int32Array;
  readonly context: Int16Array;
  /** For each segment one of {@link parts}. */
  readonly part: Uint8Array;
}

export interface Example {
  readonly row: Row;
  readonly group: number;
  readonly pages: readonly Page[];
}

const viewsMax = 6;
const charactersMax = 6_000;

/** Reads a row once, with the same code that reads it at work. */
export function exampleOf(row: Row, reading: Reading): Example {
  const { views } = canonicalise(row.text.slice(0, charactersMax), defaultValidationPolicy.canonical);
  const pages = views.slice(0, viewsMax).map((view) => pageOf(folded(view.text), row, reading));
  return { row, group: groupOf(row.surface), pages: pages.filter(({ part }) => part.length > 0) };
}

function pageOf(text: string, row: Row, reading: Reading): Page {
  reading.read(text);
  const segments = segmentsOf(reading);
  const around = surroundingsOf(reading, row.surface);
  const context = new Int16Array(segments.length * contextFeatures);
  const into = new Int32Array(contextFeatures);
  const attack = attackIn(text, row);
  const part = new Uint8Array(segments.length);
  for (const [index, segment] of segments.entries()) {
    contextOf(segment, around, into);
    context.set(into, index * contextFeatures);
    const start = reading.tokenStarts.at(segment.firstToken);
    const end = reading.tokenEnds.at(segment.lastToken - 1);
    part[index] = attack === null ? parts.unknown : partOf(attack, start, end);
  }
  return {
    featureStarts: reading.featureStarts.items.slice(0, reading.tokenCount + 1),
    features: reading.features.items.slice(0, reading.features.length),
    values: Uint8Array.from(reading.values.items.subarray(0, reading.values.length)),
    segmentFirst: Int32Array.from(segments, ({ firstToken }) => firstToken),
    segmentLast: Int32Array.from(segments, ({ lastToken }) => lastToken),
    context,
    part,
  };
}

/** Where the attack stands in a text; null where that is not known. */
function attackIn(text: string, row: Row): { start: number; end: number } | null {
  if (row.label === 'benign') return { start: -1, end: -1 };
  if (row.payload === undefined) return null;
  const start = text.indexOf(folded(row.payload));
  return start < 0 ? null : { start, end: start + row.payload.length };
}

function partOf(attack: { start: number; end: number }, start: number, end: number): number {
  const shared = Math.min(end, attack.end) - Math.max(start, attack.start);
  if (shared <= 0) return parts.none;
  return shared >= 0.6 * (end - start) ? parts.most : parts.some;
}
