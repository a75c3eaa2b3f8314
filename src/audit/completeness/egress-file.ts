import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../decision/ids.ts';

/** One line of the egress counter, as docs/formats/completeness.md describes it. */
export type EgressLine =
  | { readonly event: 'out'; readonly callId: string; readonly endpoint: string; readonly model: string }
  | { readonly event: 'in'; readonly callId: string; readonly providerRequestId: string | null };

export interface EgressReading {
  /** Bytes up to the end of the last whole line, from the beginning of the file. */
  readonly bytes: number;
  /** SHA-256 of those bytes; null when there is no file, or when the reading began in its middle. */
  readonly digest: Digest | null;
  /** Lines that are none, or only in part. */
  readonly damagedLines: number;
  /** Something without the end of a line stands at the end. */
  readonly isCut: boolean;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const lineStart = '{"at":';
const newline = 0x0a;
/** The counter's lines are far shorter. */
const lineBytesMax = 64 * 1024;

/** Path of the counter's file of a cell and day. */
export function egressFilePath(folder: string, cell: string, day: string): string {
  return join(folder, cell, `${day}.ndjson`);
}

/**
 * Reads the counter's lines from an offset on, in pieces, so that a day of any length fits. A line without its
 * end is left for the next reading. No file reads as no lines: whether there should be one is for the counts
 * to say.
 */
export async function readEgressFile(
  path: string,
  fromByte: number,
  onLine: (line: EgressLine) => void,
): Promise<EgressReading> {
  const sha256 = createHash('sha256');
  let bytes = fromByte;
  let damagedLines = 0;
  let rest: Buffer = Buffer.alloc(0);
  try {
    const stream: AsyncIterable<Buffer> = createReadStream(path, {
      start: fromByte,
      highWaterMark: 128 * 1024,
    });
    for await (const chunk of stream) {
      const piece = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = piece.lastIndexOf(newline) + 1;
      rest = piece.subarray(end);
      if (end === 0 && rest.length < lineBytesMax) continue;
      const whole = end === 0 ? piece : piece.subarray(0, end);
      if (end === 0) rest = Buffer.alloc(0);
      sha256.update(whole);
      bytes += whole.length;
      for (const text of whole.toString('utf8').trimEnd().split('\n')) damagedLines += takeLine(text, onLine);
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    return { bytes: 0, digest: null, damagedLines: 0, isCut: false };
  }
  const digest = fromByte === 0 ? (`sha256:${sha256.digest('hex')}` as Digest) : null;
  return { bytes, digest, damagedLines, isCut: rest.length > 0 };
}

/** Returns how many damaged lines this was: a whole line may follow one that was cut short. */
function takeLine(text: string, onLine: (line: EgressLine) => void): 0 | 1 {
  const line = parseLine(text);
  if (line !== null) {
    onLine(line);
    return 0;
  }
  const again = text.lastIndexOf(lineStart);
  const salvaged = again > 0 ? parseLine(text.slice(again)) : null;
  if (salvaged !== null) onLine(salvaged);
  return 1;
}

function parseLine(text: string): EgressLine | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { callId, event, endpoint, model, providerRequestId } = value as Record<string, unknown>;
  if (typeof callId !== 'string' || !uuid.test(callId)) return null;
  if (event === 'out' && typeof endpoint === 'string' && typeof model === 'string') {
    return { event, callId, endpoint, model };
  }
  if (event === 'in' && (typeof providerRequestId === 'string' || providerRequestId === null)) {
    return { event, callId, providerRequestId };
  }
  return null;
}
