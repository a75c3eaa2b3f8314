import type { Layer } from '../extraction.ts';
import type { ShownText } from '../drawing.ts';
import { jointBetween } from '../lines.ts';
import type { PagePicture } from './page-picture.ts';
import type { PixelBox } from './raster.ts';

/** A word, or a part of one, as the page's program shows it. */
export interface DrawnPart {
  readonly shown: ShownText;
  readonly box: PixelBox;
  /** Runs from left to right, as recognition reads. */
  readonly level: boolean;
  /** As the structure tells it, and later as it is seen. */
  layer: Layer;
}

/** Parts that follow each other on one line, on one layer. */
export interface DrawnLine {
  readonly parts: DrawnPart[];
  readonly layer: Layer;
  readonly level: boolean;
  text: string;
  box: PixelBox;
}

/** Every text cut into words, each with the place where it is drawn. */
export function drawnParts(
  layered: readonly { readonly layer: Layer; readonly shown: ShownText }[],
  { toPixels }: Pick<PagePicture, 'toPixels'>,
): DrawnPart[] {
  return layered.flatMap(({ layer, shown }) => {
    const level = isLevel(shown, toPixels);
    return [...shown.text.matchAll(/\S+\s*/g)].map((match) => {
      const part = cut(shown, match.index, match[0]);
      return { shown: part, box: toPixels(part.box), level, layer };
    });
  });
}

function isLevel(
  { baseline: [startX, startY, endX, endY] }: ShownText,
  toPixels: PagePicture['toPixels'],
): boolean {
  const start = toPixels({ left: startX, right: startX, bottom: startY, top: startY });
  const end = toPixels({ left: endX, right: endX, bottom: endY, top: endY });
  const across = end.left - start.left;
  return across >= 0 && Math.abs(end.top - start.top) <= 0.1 * across + 1;
}

/** A part of a text by its share of the characters, which is near enough to find it in a picture. */
function cut(shown: ShownText, from: number, text: string): ShownText {
  const [startX, startY, endX, endY] = shown.baseline;
  const length = Math.max(1, shown.text.length);
  const first = from / length;
  const last = (from + text.trimEnd().length) / length;
  const along = (start: number, end: number, share: number): number => start + (end - start) * share;
  const [fromX, toX] = [along(startX, endX, first), along(startX, endX, last)];
  const [fromY, toY] = [along(startY, endY, first), along(startY, endY, last)];
  const { box } = shown;
  // The box beyond the baseline is the height of the letters, to whichever side they stand.
  return {
    ...shown,
    text,
    baseline: [fromX, fromY, toX, toY],
    box: {
      left: Math.min(fromX, toX) + (box.left - Math.min(startX, endX)),
      right: Math.max(fromX, toX) + (box.right - Math.max(startX, endX)),
      bottom: Math.min(fromY, toY) + (box.bottom - Math.min(startY, endY)),
      top: Math.max(fromY, toY) + (box.top - Math.max(startY, endY)),
    },
  };
}

export function drawnLines(parts: readonly DrawnPart[]): DrawnLine[] {
  const lines: DrawnLine[] = [];
  for (const part of parts) {
    const line = lines.at(-1);
    const before = line?.parts.at(-1);
    const joint = before && line ? jointBetween(before.shown, part.shown) : '\n';
    if (line && joint !== '\n' && line.layer === part.layer && line.level === part.level) {
      line.text += joint + part.shown.text;
      line.box = around(line.box, part.box);
      line.parts.push(part);
    } else {
      const { layer, level, box, shown } = part;
      lines.push({ parts: [part], layer, level, text: shown.text, box });
    }
  }
  return lines;
}

function around(one: PixelBox, other: PixelBox): PixelBox {
  return {
    left: Math.min(one.left, other.left),
    top: Math.min(one.top, other.top),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  };
}
