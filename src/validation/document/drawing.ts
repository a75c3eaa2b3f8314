import type { Box } from './geometry.ts';
import type { Colour, GraphicsState } from './graphics-state.ts';

/** Something drawn that text may stand on or lie under. */
export interface Painted {
  readonly box: Box;
  /** Null for images, patterns and shapes that are no rectangles. */
  readonly colour: Colour;
  readonly kind: 'rectangle' | 'shape' | 'image';
  /** How many texts had been shown before. */
  readonly afterTexts: number;
}

/** One string shown by the page's program, with everything that decides whether it is seen. */
export interface ShownText {
  readonly text: string;
  readonly box: Box;
  readonly clip: Box;
  /** Where its line begins and ends, in the page's space. */
  readonly baseline: readonly [startX: number, startY: number, endX: number, endY: number];
  /** Size as it appears on the page, in points. */
  readonly sizePt: number;
  readonly state: Readonly<GraphicsState>;
  readonly layerOff: boolean;
  /** Id of the annotation whose appearance it is part of. */
  readonly annotation: string | null;
  /** How many shapes had been painted before. */
  readonly afterPaintings: number;
}
