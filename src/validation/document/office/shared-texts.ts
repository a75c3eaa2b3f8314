import { type CellFont, cellFont, plainFont } from './cell-style.ts';
import type { Theme } from './theme.ts';
import { childOf, childrenOf, textOf, type XmlElement } from './xml.ts';

export interface SharedText {
  readonly runs: readonly TextRun[];
}

export interface TextRun {
  readonly text: string;
  /** null where it is the cell's. */
  readonly font: CellFont | null;
}

/** A text of a cell: plain, or in runs with fonts of their own (ECMA-376-1, 18.4). Readings beside it are left out. */
export function richText(element: XmlElement, theme: Theme): SharedText {
  const plain = childrenOf(element, 't').map((text) => ({ text: textOf(text), font: null }));
  const runs = childrenOf(element, 'r').map((run) => {
    const properties = childOf(run, 'rPr');
    const text = childrenOf(run, 't').map(textOf).join('');
    return { text, font: properties === null ? null : cellFont(properties, theme, plainFont) };
  });
  return { runs: [...plain, ...runs] };
}

/** The table of texts that cells refer to by number, and which of them any cell does refer to. */
export class SharedTexts {
  readonly #texts: readonly SharedText[];
  readonly #used = new Set<number>();

  constructor(tree: XmlElement | null, theme: Theme) {
    this.#texts = childrenOf(tree, 'si').map((one) => richText(one, theme));
  }

  use(index: number): SharedText {
    this.#used.add(index);
    return this.#texts[index] ?? { runs: [] };
  }

  unused(): string[] {
    return this.#texts
      .filter((_, index) => !this.#used.has(index))
      .map(({ runs }) => runs.map(({ text }) => text).join(''));
  }
}
