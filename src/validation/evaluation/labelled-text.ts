import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type SurfaceKind, surfaceKinds } from '../../decision/surface.ts';
import type { LabelledText } from './measurement.ts';

/** A line that cannot be measured; the message names the file and the line. */
export class LabelledTextError extends Error {
  override name = 'LabelledTextError';
}

/**
 * Rows of a JSON Lines file, one at a time.
 * @throws LabelledTextError at the first line that is no labelled text
 */
export async function* readLabelledTexts(path: string): AsyncGenerator<LabelledText> {
  const lines = createInterface({
    input: createReadStream(path, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() !== '') yield labelledText(line, `${path}:${number}`);
  }
}

function labelledText(line: string, place: string): LabelledText {
  const row = parsed(line, place);
  const { text, label, surface, source = 'unnamed' } = row;
  if (typeof text !== 'string') throw new LabelledTextError(`${place}: "text" is missing or no string`);
  if (label !== 'attack' && label !== 'benign') {
    throw new LabelledTextError(`${place}: "label" has to be "attack" or "benign"`);
  }
  if (!isSurface(surface)) {
    throw new LabelledTextError(`${place}: "surface" has to be one of ${surfaceKinds.join(', ')}`);
  }
  if (typeof source !== 'string') throw new LabelledTextError(`${place}: "source" is no string`);
  return { text, label, surface, source };
}

function parsed(line: string, place: string): Record<'text' | 'label' | 'surface' | 'source', unknown> {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) throw new LabelledTextError(`${place}: no JSON`, { cause: error });
    throw error;
  }
  if (typeof row !== 'object' || row === null) throw new LabelledTextError(`${place}: no JSON object`);
  return row as Record<'text' | 'label' | 'surface' | 'source', unknown>;
}

function isSurface(surface: unknown): surface is SurfaceKind {
  return surfaceKinds.some((kind) => kind === surface);
}
