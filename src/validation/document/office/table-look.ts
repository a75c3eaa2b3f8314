import type { StyleSheet } from './style-sheet.ts';
import { type Ground, shadeLook, type TextLook, textLook } from './text-look.ts';
import type { Theme } from './theme.ts';
import { attributeOf, childOf, childrenOf, isOn, type XmlElement } from './xml.ts';

/** What a table gives its cells, by where they stand (ECMA-376-1, 17.7.6). */
export class TableLook {
  readonly #properties: XmlElement | null;
  readonly #chain: readonly XmlElement[];
  readonly #theme: Theme;
  readonly #rows: number;

  constructor(table: XmlElement, styles: StyleSheet, theme: Theme) {
    this.#properties = childOf(table, 'tblPr');
    this.#chain = styles.chain(attributeOf(childOf(this.#properties, 'tblStyle'), 'val') ?? '');
    this.#theme = theme;
    this.#rows = childrenOf(table, 'tr').length;
  }

  /** The ground of a cell and the look of text in it, from the table's style; direct shading is the cell's own. */
  cell(row: number, column: number, columns: number): { readonly ground: Ground; readonly text: TextLook } {
    const conditions = this.#conditions(row, column, columns);
    let ground: Ground = null;
    const texts: TextLook[] = [];
    const layers = [null, ...conditions].flatMap((condition) =>
      this.#chain.map((style) => conditional(style, condition)),
    );
    for (const layer of layers) {
      if (layer === null) continue;
      const cell = childOf(childOf(layer, 'tcPr'), 'shd') ?? childOf(childOf(layer, 'tblPr'), 'shd');
      ground = shadeLook(cell, this.#theme).shade ?? ground;
      ground = shadeLook(childOf(childOf(layer, 'pPr'), 'shd'), this.#theme).shade ?? ground;
      texts.push(textLook(childOf(layer, 'rPr'), this.#theme));
    }
    const own = shadeLook(childOf(this.#properties, 'shd'), this.#theme).shade ?? null;
    return { ground: ground ?? own, text: Object.assign({}, ...texts) as TextLook };
  }

  /** Later ones go before earlier ones (17.7.6.6). */
  #conditions(row: number, column: number, columns: number): string[] {
    const isRow = (name: string) => this.#shows(name);
    const found: string[] = [];
    const firstBody = isRow('firstRow') ? 1 : 0;
    const firstColumn = isRow('firstColumn') ? 1 : 0;
    if (!isRow('noVBand')) found.push((column - firstColumn) % 2 === 0 ? 'band1Vert' : 'band2Vert');
    if (!isRow('noHBand')) found.push((row - firstBody) % 2 === 0 ? 'band1Horz' : 'band2Horz');
    if (isRow('lastColumn') && column === columns - 1) found.push('lastCol');
    if (isRow('firstColumn') && column === 0) found.push('firstCol');
    if (isRow('lastRow') && row === this.#rows - 1) found.push('lastRow');
    if (isRow('firstRow') && row === 0) found.push('firstRow');
    return found;
  }

  /** Either written out, or as bits (17.4.55). */
  #shows(name: string): boolean {
    const look = childOf(this.#properties, 'tblLook');
    const written = attributeOf(look, name);
    if (written !== null) return isOn(written);
    const bits = Number.parseInt(attributeOf(look, 'val') ?? '04A0', 16);
    return (bits & (lookBits[name] ?? 0)) !== 0;
  }
}

const lookBits: Readonly<Record<string, number>> = {
  firstRow: 0x20,
  lastRow: 0x40,
  firstColumn: 0x80,
  lastColumn: 0x100,
  noHBand: 0x200,
  noVBand: 0x400,
};

function conditional(style: XmlElement, condition: string | null): XmlElement | null {
  if (condition === null) return style;
  return childrenOf(style, 'tblStylePr').find((one) => attributeOf(one, 'type') === condition) ?? null;
}
