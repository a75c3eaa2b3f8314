/** UTF-16 offsets, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One reading of a text, with the way back to the text it was read from. */
export interface View {
  readonly text: string;
  /** The decodings that led here from the source, outermost first; empty for the source itself. */
  readonly via: readonly string[];
  /** Whether it is the text as it came, the text without its disguises, or something decoded from it. */
  readonly kind: 'source' | 'cleaned' | 'decoded';
  /** The smallest span of the source that holds everything the span of this view came from. */
  toSource(start: number, end: number): Span;
}

const cleaningSteps: ReadonlySet<string> = new Set(['invisible', 'nfkc', 'homoglyphs']);

const kindOf = (via: readonly string[]): View['kind'] =>
  via.every((step) => cleaningSteps.has(step)) ? 'cleaned' : 'decoded';

export function sourceView(text: string): View {
  return { text, via: [], kind: 'source', toSource: (start, end) => clamp(start, end, text.length) };
}

/** A view of something that was decoded as one piece: whatever is found in it points at the piece. */
export function blobView(parent: View, text: string, via: readonly string[], piece: Span): View {
  const span = parent.toSource(piece.start, piece.end);
  const steps = [...parent.via, ...via];
  return { text, via: steps, kind: kindOf(steps), toSource: () => span };
}

/** Where a part of a text came from. */
interface Part {
  /** Offset in the new text. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
  /** Each unit of it came from one unit of the parent's text. */
  readonly unitwise: boolean;
}

/**
 * Builds a text out of another one, remembering where each part came from. What is passed over is
 * removed; parts may be added in another order than that of the parent's text.
 */
export class Rewrite {
  readonly #parent: View;
  readonly #texts: string[] = [];
  readonly #parts: Part[] = [];
  #length = 0;
  #reached = 0;
  #inOrder = true;

  constructor(parent: View) {
    this.#parent = parent;
  }

  copy(from: number, to: number): void {
    if (from < to) this.#add(this.#parent.text.slice(from, to), from, to, true);
  }

  replace(from: number, to: number, text: string): void {
    if (text !== '') this.#add(text, from, to, text.length === to - from && text.length === 1);
  }

  /** Puts other characters in the place of as many, one for one. */
  transcribe(from: number, text: string): void {
    if (text !== '') this.#add(text, from, from + text.length, true);
  }

  /** Copies whatever of the parent's text comes after the last part. */
  copyRest(): void {
    this.copy(this.#reached, this.#parent.text.length);
  }

  /** Copies what lies between the last part and an offset. */
  copyUntil(offset: number): void {
    this.copy(this.#reached, offset);
  }

  /** Leaves out what lies between the last part and an offset. */
  skipUntil(offset: number): void {
    this.#reached = Math.max(this.#reached, offset);
  }

  /** The finished view, one step of `via` further than its parent. */
  view(via: readonly string[]): View {
    const parent = this.#parent;
    const steps = [...parent.via, ...via];
    return {
      text: this.#texts.join(''),
      via: steps,
      kind: kindOf(steps),
      toSource: (start, end) => {
        if (this.#parts.length === 0) return parent.toSource(0, 0);
        const within = clamp(start, end, this.#length);
        const span = this.#inOrder ? this.#ends(within) : this.#hull(within);
        return parent.toSource(span.start, span.end);
      },
    };
  }

  #add(text: string, from: number, to: number, unitwise: boolean): void {
    if (from < this.#reached) this.#inOrder = false;
    this.#reached = Math.max(this.#reached, to);
    this.#texts.push(text);
    this.#parts.push({ at: this.#length, from, to, unitwise });
    this.#length += text.length;
  }

  #partAt(offset: number): number {
    let low = 0;
    let high = this.#parts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#parts[middle] as Part).at <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #ends({ start, end }: Span): Span {
    const first = this.#parts[this.#partAt(start)] as Part;
    const last = this.#parts[this.#partAt(Math.max(start, end - 1))] as Part;
    return { start: startIn(first, start), end: endIn(last, end) };
  }

  /** The span of all parts between, where their order is another than in the parent. */
  #hull({ start, end }: Span): Span {
    const last = this.#partAt(Math.max(start, end - 1));
    const hull = this.#ends({ start, end });
    let low = Math.min(hull.start, hull.end);
    let high = Math.max(hull.start, hull.end);
    for (let index = this.#partAt(start); index <= last; index += 1) {
      const part = this.#parts[index] as Part;
      low = Math.min(low, startIn(part, Math.max(start, part.at)));
      high = Math.max(high, endIn(part, Math.min(end, part.at + part.to - part.from)));
    }
    return { start: low, end: high };
  }
}

function startIn({ at, from, unitwise }: Part, offset: number): number {
  return unitwise ? from + offset - at : from;
}

function endIn({ at, from, to, unitwise }: Part, offset: number): number {
  return unitwise ? Math.min(to, from + offset - at) : to;
}

function clamp(start: number, end: number, length: number): Span {
  const from = Math.min(Math.max(0, start), length);
  return { start: from, end: Math.min(Math.max(from, end), length) };
}
