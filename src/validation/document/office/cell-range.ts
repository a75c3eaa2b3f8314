/** Rows and columns counted from 1. */
export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

export interface CellRange {
  readonly from: CellPlace;
  readonly to: CellPlace;
}

/** `B7`; null for what is no place. */
export function cellPlace(reference: string): CellPlace | null {
  const match = /^\$?([A-Z]{1,3})\$?(\d{1,7})$/i.exec(reference.trim());
  if (match === null) return null;
  let column = 0;
  for (const letter of (match[1] ?? '').toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64;
  return { row: Number(match[2]), column };
}

/** `B7:D9`. */
export function cellRange(reference: string): CellRange | null {
  const [first = '', second = first] = reference.split(':');
  const from = cellPlace(first);
  const to = cellPlace(second);
  return from === null || to === null ? null : { from, to };
}

export function isWithin({ row, column }: CellPlace, { from, to }: CellRange): boolean {
  return row >= from.row && row <= to.row && column >= from.column && column <= to.column;
}
