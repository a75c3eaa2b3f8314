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
  /** The smallest span of the source that holds everything the span of this view came from. */
  toSource(start: number, end: number): Span;
}

export function sourceView(text: string): View {
  return { text, via: [], toSource: (start, end) => clamp(start, end, text.length) };
}

/** A view of something that was decoded as one piece: whatever is found in it points at the piece. */
export function blobView(parent: View, text: string, via: readonly string[], piece: Span): View {
  const span = parent.toSource(piece.start, piece.end);
  return { text, via: [...parent.via, ...via], toSource: () => span };
}

/**
 * Builds a text out of another one, remembering where each part came from. Parts are added in the
 * order of the parent's text; what is passed over is removed.
 */
export class Rewrite {
  readonly #parent: View;
  readonly #parts: string[] = [];
  readonly #viewStarts: number[] = [];
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  readonly #copied: boolean[] = [];
  #length = 0;

  constructor(parent: View) {
    this.#parent = parent;
  }

  copy(from: number, to: number): void {
    if (from < to) this.#add(this.#parent.text.slice(from, to), from, to, true);
  }

  replace(from: number, to: number, text: string): void {
    if (text !== '') this.#add(text, from, to, false);
  }

  /** The finished view, one step of `via` further than its parent. */
  view(via: readonly string[]): View {
    const parent = this.#parent;
    return {
      text: this.#parts.join(''),
      via: [...parent.via, ...via],
      toSource: (start, end) => {
        if (this.#parts.length === 0) return parent.toSource(0, 0);
        const within = clamp(start, end, this.#length);
        const first = this.#partAt(within.start);
        const last = this.#partAt(Math.max(within.start, within.end - 1));
        return parent.toSource(this.#startIn(first, within.start), this.#endIn(last, within.end));
      },
    };
  }

  #add(text: string, from: number, to: number, copied: boolean): void {
    this.#parts.push(text);
    this.#viewStarts.push(this.#length);
    this.#from.push(from);
    this.#to.push(to);
    this.#copied.push(copied);
    this.#length += text.length;
  }

  #partAt(offset: number): number {
    let low = 0;
    let high = this.#viewStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#viewStarts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #startIn(part: number, offset: number): number {
    const from = this.#from[part] as number;
    return this.#copied[part] ? from + offset - (this.#viewStarts[part] as number) : from;
  }

  #endIn(part: number, offset: number): number {
    const to = this.#to[part] as number;
    if (!this.#copied[part]) return to;
    return Math.min(to, (this.#from[part] as number) + offset - (this.#viewStarts[part] as number));
  }
}

function clamp(start: number, end: number, length: number): Span {
  const from = Math.min(Math.max(0, start), length);
  return { start: from, end: Math.min(Math.max(from, end), length) };
}
