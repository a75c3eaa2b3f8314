import type { Layer } from '../extraction.ts';
import type { Gathering } from '../markup/gathering.ts';
import { tooLarge } from '../markup/problem.ts';
import { isPhrase } from '../markup/prose.ts';
import { type CellPlace, type CellRange, cellPlace, cellRange, isWithin } from './cell-range.ts';
import { type CellStyle, fontConcealment, plainStyle } from './cell-style.ts';
import type { SharedText } from './shared-texts.ts';
import { attributeOf, childOf, childrenOf, isOn, textOf, type XmlElement } from './xml.ts';

/**
 * Honest workbooks hide helper columns, look-up lists and whole sheets of labels; they do not hide
 * sentences in them. Formats that conceal a text in its place need less to be strange.
 */
const HIDDEN_AREA_WORDS = 4;
const HIDDEN_FORMAT_WORDS = 2;
/** A reader who scrolls finds what stands beside a table, not what stands beyond this many empty rows or columns. */
const GAP_ROWS = 1000;
const GAP_COLUMNS = 100;

const MERGED_ROWS_MAX = 2_000_000;

export interface SheetContext {
  readonly styles: readonly CellStyle[];
  readonly sharedTexts: (index: number) => SharedText;
  readonly inlineText: (element: XmlElement) => SharedText;
  readonly gathering: Gathering;
  readonly isHidden: boolean;
  /** Where a table's style paints the ground: its colour is not known here. */
  readonly paintedRanges: readonly CellRange[];
  /** Where conditions change colours. */
  readonly conditionalRanges: readonly CellRange[];
}

interface Cell {
  readonly place: CellPlace;
  readonly text: SharedText;
  readonly style: CellStyle;
  readonly rowHidden: boolean;
}

/** The cells of a sheet, row by row, each in the layer in which a reader meets it. */
export function addCells(sheet: XmlElement, context: SheetContext): void {
  const { gathering } = context;
  const cells = cellsOf(sheet, context);
  const hiddenColumns = hiddenColumnsOf(sheet);
  const covered = coveredCells(sheet);
  const bounds = nearBounds(cells);
  let row = 0;
  for (const cell of cells) {
    if (cell.place.row !== row) gathering.breakLine();
    else gathering.add('visible', '\t');
    row = cell.place.row;
    const isAway = cell.place.row > bounds.row || cell.place.column > bounds.column;
    const area: Layer | null = context.isHidden
      ? 'hidden:sheet'
      : cell.rowHidden
        ? 'hidden:row'
        : hiddenColumns.some((range) => isWithin({ row: 1, column: cell.place.column }, range))
          ? 'hidden:column'
          : covered(cell.place)
            ? 'hidden:covered'
            : isAway
              ? 'hidden:off-page'
              : null;
    addCell(cell, area, context);
  }
  gathering.breakLine();
}

function addCell({ text, style, place }: Cell, area: Layer | null, context: SheetContext): void {
  const { gathering } = context;
  const whole = text.runs.map((run) => run.text).join('');
  if (area !== null) {
    const isStrange = isPhrase(whole, HIDDEN_AREA_WORDS);
    gathering.addLine(isStrange ? area : 'annotation', whole, area.replace('hidden:', 'hidden-'));
    return;
  }
  const isAnyOf = (ranges: readonly CellRange[]) => ranges.some((range) => isWithin(place, range));
  const ground = isAnyOf(context.paintedRanges) ? 'unknown' : style.ground;
  const words = isAnyOf(context.conditionalRanges) ? HIDDEN_AREA_WORDS : HIDDEN_FORMAT_WORDS;
  for (const run of text.runs) {
    const concealed = style.isBlanked ? 'hidden:format' : fontConcealment(run.font ?? style.font, ground);
    if (concealed === null) gathering.add('visible', run.text);
    else if (isPhrase(run.text, words)) gathering.addLine(concealed, run.text);
    else gathering.add('annotation', `${run.text} `, 'hidden-format');
  }
}

function cellsOf(sheet: XmlElement, context: SheetContext): Cell[] {
  const cells: Cell[] = [];
  const hiddenByDefault = flag(childOf(sheet, 'sheetFormatPr'), 'zeroHeight');
  let row = 0;
  for (const rowElement of childrenOf(childOf(sheet, 'sheetData'), 'row')) {
    row = Number(attributeOf(rowElement, 'r') ?? row + 1);
    const height = Number.parseFloat(attributeOf(rowElement, 'ht') ?? '15');
    const rowHidden =
      height < 1 || flag(rowElement, 'hidden') || (hiddenByDefault && !flag(rowElement, 'customHeight'));
    let column = 0;
    for (const element of childrenOf(rowElement, 'c')) {
      const place = cellPlace(attributeOf(element, 'r') ?? '') ?? { row, column: column + 1 };
      column = place.column;
      const text = textOfCell(element, context);
      const style = context.styles[Number(attributeOf(element, 's') ?? '0')] ?? plainStyle;
      if (text.runs.some((run) => run.text.trim() !== '')) cells.push({ place, text, style, rowHidden });
      const formula = childOf(element, 'f');
      // Texts inside a formula are shown when the cell is chosen, and only then.
      if (formula !== null && textOf(formula).includes('"'))
        context.gathering.addLine('annotation', textOf(formula), 'formula');
    }
  }
  return cells;
}

function textOfCell(element: XmlElement, { sharedTexts, inlineText }: SheetContext): SharedText {
  const value = childOf(element, 'v');
  const inline = childOf(element, 'is');
  if (inline !== null) return inlineText(inline);
  if (value === null) return { runs: [] };
  const text = textOf(value);
  if (attributeOf(element, 't') === 's') return sharedTexts(Number(text));
  return { runs: [{ text, font: null }] };
}

function hiddenColumnsOf(sheet: XmlElement): CellRange[] {
  return childrenOf(childOf(sheet, 'cols'), 'col')
    .filter(
      (column) => flag(column, 'hidden') || Number.parseFloat(attributeOf(column, 'width') ?? '9') < 0.5,
    )
    .map((column) => ({
      from: { row: 1, column: Number(attributeOf(column, 'min')) },
      to: { row: 1, column: Number(attributeOf(column, 'max')) },
    }));
}

/** Of merged cells only the first shows its text. */
function coveredCells(sheet: XmlElement): (place: CellPlace) => boolean {
  const ranges = childrenOf(childOf(sheet, 'mergeCells'), 'mergeCell').flatMap(
    (merged) => cellRange(attributeOf(merged, 'ref') ?? '') ?? [],
  );
  // By row, so that a sheet of many merged cells is not searched for every cell.
  const byRow = new Map<number, CellRange[]>();
  let rows = 0;
  for (const range of ranges) {
    rows += Math.max(0, range.to.row - range.from.row) + 1;
    if (rows > MERGED_ROWS_MAX) throw tooLarge('merged-cells');
    for (let { row } = range.from; row <= range.to.row; row += 1)
      byRow.set(row, [...(byRow.get(row) ?? []), range]);
  }
  return (place) =>
    (byRow.get(place.row) ?? []).some(
      (range) =>
        isWithin(place, range) && (place.row !== range.from.row || place.column !== range.from.column),
    );
}

/** The last row and column before the first wide gap. */
function nearBounds(cells: readonly Cell[]): CellPlace {
  const rows = cells.map(({ place }) => place.row);
  const columns = cells.map(({ place }) => place.column);
  return { row: beforeGap(rows, GAP_ROWS), column: beforeGap(columns, GAP_COLUMNS) };
}

function beforeGap(positions: readonly number[], gap: number): number {
  const sorted = [...new Set(positions)].toSorted((one, other) => one - other);
  const after = sorted.findIndex((position, i) => i > 0 && position - (sorted[i - 1] as number) > gap);
  return after === -1 ? Number.POSITIVE_INFINITY : (sorted[after - 1] as number);
}

function flag(element: XmlElement | null, name: string): boolean {
  const value = attributeOf(element, name);
  return value !== null && isOn(value);
}
