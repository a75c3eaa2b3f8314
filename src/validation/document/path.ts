import { OPS } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { numbersOf } from './geometry.ts';

/** Operators that fill a path. */
export const fillingPaths: ReadonlySet<number> = new Set([
  OPS.fill,
  OPS.eoFill,
  OPS.fillStroke,
  OPS.eoFillStroke,
  OPS.closeFillStroke,
  OPS.closeEOFillStroke,
]);

/** Operators of a path in the parser's compact form, with the coordinates that follow each. */
const MOVE = 0;
const LINE = 1;
const CLOSE = 4;

/** Whether the segments of a path are one rectangle with upright sides. */
export function isRectangular(segments: unknown): boolean {
  const path = numbersOf(Array.isArray(segments) ? segments[0] : null);
  const xs = new Set<number>();
  const ys = new Set<number>();
  let points = 0;
  for (let i = 0; i < path.length; ) {
    const operator = path[i];
    if (operator === CLOSE) i += 1;
    else if (operator === LINE || (operator === MOVE && i === 0)) {
      xs.add(path[i + 1] as number);
      ys.add(path[i + 2] as number);
      points += 1;
      i += 3;
    } else return false;
  }
  return (points === 4 || points === 5) && xs.size === 2 && ys.size === 2;
}
