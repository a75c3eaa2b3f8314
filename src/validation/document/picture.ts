import type { Extraction } from './extraction.ts';
import { pictureSize } from './viewing/picture-size.ts';

/** Spacers, rules and counting pixels: no word fits in. */
const SIDE_MIN_PIXELS = 8;
const LONG_SIDE_MIN_PIXELS = 24;

/** A picture says nothing until it is looked at; what is too small for a word says nothing at all. */
export function readPicture(mediaType: string, bytes: Uint8Array): Extraction {
  const size = pictureSize(mediaType, bytes);
  if (size === null) return { kind: 'unreadable', detail: 'picture-head' };
  const { width, height } = size;
  const isLegible =
    Math.min(width, height) >= SIDE_MIN_PIXELS && Math.max(width, height) >= LONG_SIDE_MIN_PIXELS;
  const viewings = isLegible ? [{ mediaType, pages: [], textless: 1, bytes }] : [];
  return { kind: 'read', pieces: [], viewings };
}
