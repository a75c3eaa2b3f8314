import type { ExtractedPiece, Layer } from './extraction.ts';
import type { ShownText } from './drawing.ts';

interface Growing {
  text: string;
  last: ShownText;
}

/** Puts the strings of a page together again, layer by layer: words, lines and their breaks. */
export class LayerTexts {
  readonly #layers = new Map<Layer, Growing>();
  characters = 0;

  add(layer: Layer, shown: ShownText): void {
    const growing = this.#layers.get(layer);
    if (growing === undefined) {
      this.#layers.set(layer, { text: shown.text, last: shown });
      this.characters += shown.text.length;
      return;
    }
    const joint = jointBetween(growing.last, shown);
    growing.text += joint + shown.text;
    growing.last = shown;
    this.characters += joint.length + shown.text.length;
  }

  pieces(page: number): ExtractedPiece[] {
    return [...this.#layers].map(([layer, { text }]) => ({ page, layer, text }));
  }
}

/** What stands between two texts that follow each other: a line break, a space, or nothing. */
export function jointBetween(
  { box: before, text }: ShownText,
  { box: after, text: next }: ShownText,
): string {
  const height = Math.max(before.top - before.bottom, after.top - after.bottom, 0.01);
  if (Math.abs(after.bottom - before.bottom) > 0.5 * height) return '\n';
  const gap = after.left - before.right;
  if (gap < -2 * height) return '\n';
  return gap > 0.25 * height && !text.endsWith(' ') && !next.startsWith(' ') ? ' ' : '';
}
