import type { ExtractedPiece, Extraction, Viewing } from './extraction.ts';

/*
 * Children are where hostile files are met, so their answers are looked at before they are believed: a
 * place that came from a file would end up in plain headers (I8).
 */

const PLACE = /^(?:[a-z]{1,20}=\d{1,6}(?:;(?=.))?){1,32}$/;
const LAYER = /^[a-z0-9:-]{1,40}$/;
const KIND = /^[a-z0-9.+/-]{1,100}$/;

/** @returns null for anything but an extraction */
export function asExtraction(message: unknown): Extraction | null {
  const { kind, detail, pieces, viewings } = record(message);
  if (kind === 'read') {
    if (!isPieces(pieces) || !Array.isArray(viewings) || !viewings.every(isViewing)) return null;
    return { kind, pieces, viewings };
  }
  if (kind !== 'unreadable' && kind !== 'too-large' && kind !== 'unsupported') return null;
  if (typeof detail !== 'string') return null;
  return { kind, detail: detail.replace(/[^\w-]/g, '').slice(0, 60) };
}

export function isPieces(value: unknown): value is ExtractedPiece[] {
  return Array.isArray(value) && value.every(isPiece);
}

function isPiece(value: unknown): boolean {
  const { page, part, layer, text, within } = record(value);
  const isPage = page === null || Number.isSafeInteger(page);
  const isPart = part === undefined || (typeof part === 'string' && LAYER.test(part));
  return (
    isPage &&
    isPart &&
    typeof layer === 'string' &&
    LAYER.test(layer) &&
    typeof text === 'string' &&
    isPlace(within)
  );
}

function isViewing(value: unknown): value is Viewing {
  const { within, mediaType, pages, textless, others, bytes } = record(value);
  return (
    isPlace(within) &&
    typeof mediaType === 'string' &&
    KIND.test(mediaType) &&
    Array.isArray(pages) &&
    pages.every(Number.isSafeInteger) &&
    Array.isArray(others) &&
    others.every(Number.isSafeInteger) &&
    Number.isSafeInteger(textless) &&
    (bytes === undefined || bytes instanceof Uint8Array)
  );
}

function isPlace(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && PLACE.test(value));
}

function record(value: unknown): Record<string, unknown> {
  return (value ?? {}) as Record<string, unknown>;
}
