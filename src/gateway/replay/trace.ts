import { canonicalJson, digestOf } from '../../decision/canonical.ts';
import type { Difference, ReplayStep } from './replay-result.ts';

const shownMax = 300;
const excerptBefore = 40;
const excerptAfter = 80;
const absent = 'absent';

/** Collects what a replay compared, step by step, and keeps the first difference. */
export class Trace {
  readonly #steps = new Map<string, ReplayStep>();
  readonly #reveal: boolean;
  #first: Difference | null = null;

  /** @param reveal shows content as text; for the eyes of somebody who may read the record anyway */
  constructor(reveal: boolean) {
    this.#reveal = reveal;
  }

  get steps(): readonly ReplayStep[] {
    return [...this.#steps.values()];
  }

  get firstDifference(): Difference | null {
    return this.#first;
  }

  /** Compares what stands in plain headers: codes, ids, places and digests, which may be shown. */
  facts(step: string, at: string, recorded: unknown, replayed: unknown): void {
    if (canonical(recorded) === canonical(replayed)) {
      this.#note(step, 'equal', null);
      return;
    }
    this.#differ(step, firstDifference(recorded, replayed, at));
  }

  /** Compares what stands in payloads, byte by byte; it may be personal. */
  content(step: string, at: string, recorded: string | null, replayed: string | null): void {
    if (recorded === replayed) {
      this.#note(step, 'equal', null);
      return;
    }
    const place = differingAt(recorded ?? '', replayed ?? '');
    const shown = (text: string | null) => this.#content(text, place);
    this.#differ(step, { at, recorded: shown(recorded), replayed: shown(replayed) });
  }

  /** A step whose result hangs on the world of that day. */
  notRepeated(step: string, note: string): void {
    this.#note(step, 'not-repeated', note);
  }

  #content(text: string | null, place: number): string {
    if (text === null) return absent;
    if (this.#reveal)
      return JSON.stringify(text.slice(Math.max(0, place - excerptBefore), place + excerptAfter));
    const byte = Buffer.byteLength(text.slice(0, place));
    return `${digestOf(text)}, ${Buffer.byteLength(text)} bytes, differs from byte ${byte}`;
  }

  #differ(step: string, difference: Omit<Difference, 'step'>): void {
    this.#first ??= { step, ...difference };
    this.#note(step, 'different', null);
  }

  /** A step has one line, however much is compared in it; a difference in it stays. */
  #note(step: string, result: ReplayStep['result'], note: string | null): void {
    const before = this.#steps.get(step);
    const strictest = [before?.result, result].includes('different') ? 'different' : result;
    this.#steps.set(step, { step, result: strictest, note: note ?? before?.note ?? null });
  }
}

function canonical(value: unknown): string {
  return value === undefined ? absent : canonicalJson(value);
}

/** The first place, in key order, at which two JSON values part. */
function firstDifference(recorded: unknown, replayed: unknown, at: string): Omit<Difference, 'step'> {
  if (isContainer(recorded) && isContainer(replayed) && Array.isArray(recorded) === Array.isArray(replayed)) {
    const keys = [...new Set([...Object.keys(recorded), ...Object.keys(replayed)])];
    if (!Array.isArray(recorded)) keys.sort();
    for (const key of keys) {
      const [one, other] = [recorded[key], replayed[key]];
      if (canonical(one) !== canonical(other)) return firstDifference(one, other, `${at}/${escaped(key)}`);
    }
  }
  return { at, recorded: shortened(recorded), replayed: shortened(replayed) };
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** RFC 6901, section 3. */
function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function shortened(value: unknown): string {
  const text = canonical(value);
  return text.length <= shownMax ? text : `${text.slice(0, shownMax)}…`;
}

function differingAt(one: string, other: string): number {
  let place = 0;
  while (place < one.length && one[place] === other[place]) place += 1;
  return place;
}
