import type { GraphicsState } from './graphics-state.ts';

interface Glyph {
  readonly unicode: string;
  readonly width: number;
  readonly isSpace?: boolean;
}

/** A number moves the next glyph to the left, in thousandths of the size; this far is a space. */
const SPACE_THOUSANDTHS = -200;

/** The text of a run of glyphs, and how far it goes along the line, in text space. */
export function readGlyphs(
  glyphs: readonly unknown[],
  state: GraphicsState,
): { text: string; width: number } {
  let text = '';
  let width = 0;
  for (const glyph of glyphs) {
    if (typeof glyph === 'number') {
      width -= (glyph / 1000) * state.fontSize;
      if (glyph < SPACE_THOUSANDTHS && !text.endsWith(' ')) text += ' ';
    } else if (typeof glyph === 'object' && glyph !== null) {
      const { unicode, width: advance, isSpace } = glyph as Glyph;
      text += unicode;
      width += (advance / 1000) * state.fontSize + state.characterSpacing + (isSpace ? state.wordSpacing : 0);
    }
  }
  return { text, width: width * state.horizontalScale };
}
