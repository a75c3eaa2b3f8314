import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  mkdirSync,
  openSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { CallId } from '../decision/ids.ts';
import type { EgressResult } from './exchange.ts';

/** One call at the way out: ids and configured names only, nothing of its content (I8). */
export interface CountedCall {
  readonly callId: CallId;
  readonly cell: string;
  readonly endpoint: string;
  readonly model: string;
}

/**
 * The count of what left, kept apart from the store so that the two can be held against each other: one
 * append-only file for each cell and UTC day of the call's id, `<folder>/<cell>/<yyyy-mm-dd>.ndjson`. Several
 * processes append to the same file; each line is one write.
 */
export interface EgressCounter {
  /**
   * Writes that a call leaves now; it must not leave when this throws.
   * @throws the system's error when the line is not in the file
   */
  out(call: CountedCall): void;
  /** Writes what came of it. The call has left and is counted: a failure is reported, not thrown. */
  back(call: CountedCall, result: EgressResult): void;
  /** Flushes and closes the files. */
  close(): void;
}

export interface EgressCounterOptions {
  readonly folder: string;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  /** Told each time a line or a flush failed, with the system's code. */
  readonly onFault: (cell: string, fault: string) => void;
}

interface CountFile {
  readonly cell: string;
  readonly path: string;
  readonly fd: number;
  readonly inode: bigint;
  checkedMs: number;
  usedMs: number;
  isDirty: boolean;
  /** A line that is not whole stands at the end; the next one must not grow out of it. */
  isTorn: boolean;
}

const periodMs = 1_000;
/** Longer than a call lives: nothing is written to the day before any more. */
const idleMs = 60 * 60 * 1_000;

export function createEgressCounter(options: EgressCounterOptions): EgressCounter {
  return new CounterFiles(options);
}

class CounterFiles implements EgressCounter {
  readonly #options: EgressCounterOptions;
  readonly #files = new Map<string, CountFile>();
  /** Cells and days whose last flush failed: the system may have forgotten what it could not write. */
  readonly #suspect = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: EgressCounterOptions) {
    this.#options = options;
  }

  out({ callId, cell, endpoint, model }: CountedCall): void {
    try {
      this.#append(
        cell,
        callId,
        JSON.stringify({ at: this.#at(), callId, cell, endpoint, event: 'out', model }),
      );
    } catch (error) {
      this.#options.onFault(cell, codeOf(error));
      throw error;
    }
  }

  back({ callId, cell }: CountedCall, result: EgressResult): void {
    const head = { at: this.#at(), callId, event: 'in' };
    const line =
      result.kind === 'answer'
        ? { ...head, providerRequestId: result.providerRequestId, httpStatus: result.httpStatus }
        : { ...head, providerRequestId: null, fault: result.fault };
    try {
      this.#append(cell, callId, JSON.stringify(line));
    } catch (error) {
      this.#options.onFault(cell, codeOf(error));
    }
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const [key, file] of this.#files) {
      try {
        fdatasyncSync(file.fd);
      } catch (error) {
        this.#options.onFault(file.cell, codeOf(error));
      }
      this.#drop(key, file);
    }
  }

  #at(): string {
    return new Date(this.#options.nowMs()).toISOString();
  }

  #append(cell: string, callId: CallId, line: string): void {
    const file = this.#fileOf(cell, dayOf(callId));
    const bytes = Buffer.from(file.isTorn ? `\n${line}\n` : `${line}\n`);
    file.isDirty = true;
    this.#flushSoon();
    const written = writeSync(file.fd, bytes);
    file.isTorn = written !== bytes.length;
    if (file.isTorn) throw Object.assign(new Error('a line was cut short'), { code: 'ENOSPC' });
  }

  #fileOf(cell: string, day: string): CountFile {
    const key = `${cell}/${day}`;
    const known = this.#files.get(key);
    const nowMs = this.#options.nowMs();
    if (known !== undefined) {
      known.usedMs = nowMs;
      if (Math.abs(nowMs - known.checkedMs) < periodMs) return known;
      known.checkedMs = nowMs;
      if (isStill(known)) return known;
      this.#drop(key, known);
    }
    const opened = open(this.#options.folder, cell, day, nowMs);
    if (this.#suspect.has(key)) mustFlush(opened.fd);
    this.#suspect.delete(key);
    this.#files.set(key, opened);
    return opened;
  }

  #flushSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      for (const [key, file] of this.#files) this.#tend(key, file);
    }, periodMs).unref();
  }

  /**
   * Flushes a file in the background: what a power cut may take is the last second, whose calls the record then
   * shows as uncounted. One that has long been left alone is closed.
   */
  #tend(key: string, file: CountFile): void {
    if (!file.isDirty) {
      if (this.#options.nowMs() - file.usedMs > idleMs) this.#drop(key, file);
      return;
    }
    file.isDirty = false;
    this.#flushSoon();
    fdatasync(file.fd, (error) => {
      if (error === null || this.#files.get(key) !== file) return;
      this.#suspect.add(key);
      this.#drop(key, file);
      this.#options.onFault(file.cell, codeOf(error));
    });
  }

  #drop(key: string, file: CountFile): void {
    this.#files.delete(key);
    closeSync(file.fd);
  }
}

/** After a failed flush nothing is counted on a file before a flush of it has succeeded. */
function mustFlush(fd: number): void {
  try {
    fdatasyncSync(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function open(folder: string, cell: string, day: string, checkedMs: number): CountFile {
  mkdirSync(join(folder, cell), { recursive: true });
  const path = join(folder, cell, `${day}.ndjson`);
  const fd = openSync(path, 'a', 0o640);
  const inode = fstatSync(fd, { bigint: true }).ino;
  return { cell, path, fd, inode, checkedMs, usedMs: checkedMs, isDirty: false, isTorn: false };
}

/** False when the file was removed or replaced under its name: then nobody would find what is written to it. */
function isStill(file: CountFile): boolean {
  return statSync(file.path, { bigint: true, throwIfNoEntry: false })?.ino === file.inode;
}

/** UTC day, yyyy-mm-dd, of a UUIDv7: its first 48 bits are milliseconds (RFC 9562, section 5.7). */
function dayOf(callId: CallId): string {
  const ms = Number.parseInt(callId.slice(0, 8) + callId.slice(9, 13), 16);
  return new Date(ms).toISOString().slice(0, 10);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
}
