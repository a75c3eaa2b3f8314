import { OPS } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { Painted, ShownText } from './drawing.ts';
import {
  areaOf,
  type Box,
  concatenated,
  identity,
  intersection,
  isMatrix,
  isUpright,
  type Matrix,
  numbersOf,
  transformed,
} from './geometry.ts';
import { FontLetters } from './font-letters.ts';
import { readGlyphs } from './glyphs.ts';
import { colourOf, type Colour, type GraphicsState, initialState } from './graphics-state.ts';
import { fillingPaths, isRectangular } from './path.ts';

export interface PageProgram {
  readonly fnArray: readonly number[];
  readonly argsArray: readonly unknown[];
}

const images: ReadonlySet<number> = new Set([
  OPS.paintImageXObject,
  OPS.paintInlineImageXObject,
  OPS.paintImageXObjectRepeat,
  OPS.paintInlineImageXObjectGroup,
]);
const unitSquare: Box = { left: 0, bottom: 0, right: 1, top: 1 };
const STATES_MAX = 10_000;

/**
 * Runs a page's drawing program without drawing: follows the graphics state and notes every text
 * and every painted shape. What the text extraction of a viewer leaves out (off the page, in a
 * disabled layer) is seen here, because nothing is left out.
 */
export class PageReader {
  readonly texts: ShownText[] = [];
  readonly paintings: Painted[] = [];
  readonly letters = new FontLetters();
  readonly #isLayerOn: (properties: unknown) => boolean;
  readonly #marked: boolean[] = [];
  readonly #saved: GraphicsState[] = [];
  #state = initialState();
  #textMatrix: Matrix = identity;
  #lineMatrix: Matrix = identity;
  #clipPending = false;
  #maskKind: unknown = null;
  #annotation: string | null = null;

  constructor(isLayerOn: (properties: unknown) => boolean) {
    this.#isLayerOn = isLayerOn;
  }

  read({ fnArray, argsArray }: PageProgram): void {
    for (const [index, operator] of fnArray.entries()) {
      const args = argsArray[index];
      const list: readonly unknown[] = Array.isArray(args) ? args : [];
      this.#runState(operator, list);
      this.#runText(operator, list);
      this.#runPaint(operator, list);
    }
  }

  #runState(operator: number, args: readonly unknown[]): void {
    const state = this.#state;
    switch (operator) {
      case OPS.save:
        return this.#save();
      case OPS.beginGroup:
        // A mask is drawn before it is set.
        this.#maskKind = maskKindOf(args[0]) ?? this.#maskKind;
        return this.#save();
      case OPS.restore:
      case OPS.endGroup:
      case OPS.paintFormXObjectEnd:
        return this.#restore();
      case OPS.transform:
        return this.#transform(args);
      case OPS.paintFormXObjectBegin:
        this.#save();
        return this.#transform(numbersOf(args[0]));
      case OPS.beginAnnotation:
        this.#save();
        this.#annotation = typeof args[0] === 'string' ? args[0] : '';
        this.#state = initialState();
        this.#transform(numbersOf(args[2]));
        return this.#transform(numbersOf(args[3]));
      case OPS.endAnnotation:
        this.#annotation = null;
        return this.#restore();
      case OPS.beginMarkedContent:
        this.#marked.push(true);
        return;
      case OPS.beginMarkedContentProps:
        this.#marked.push(args[0] !== 'OC' || this.#isLayerOn(args[1]));
        return;
      case OPS.endMarkedContent:
        this.#marked.pop();
        return;
      case OPS.setFillRGBColor:
        state.fill = colourOf(args);
        return;
      case OPS.setStrokeRGBColor:
        state.stroke = colourOf(args);
        return;
      case OPS.setFillColorN:
        state.fill = null;
        return;
      case OPS.setStrokeColorN:
        state.stroke = null;
        return;
      case OPS.setFillTransparent:
        state.fillAlpha = 0;
        return;
      case OPS.setGState:
        return this.#setParameters(args[0]);
    }
  }

  #runText(operator: number, args: readonly unknown[]): void {
    const state = this.#state;
    const [first, second] = args;
    switch (operator) {
      case OPS.beginText:
        this.#textMatrix = this.#lineMatrix = identity;
        return;
      case OPS.setFont:
        state.font = typeof first === 'string' ? first : '';
        state.fontSize = numberOr(second, 0);
        return;
      case OPS.setCharSpacing:
        state.characterSpacing = numberOr(first, 0);
        return;
      case OPS.setWordSpacing:
        state.wordSpacing = numberOr(first, 0);
        return;
      case OPS.setHScale:
        state.horizontalScale = numberOr(first, 100) / 100;
        return;
      case OPS.setLeading:
        state.leading = numberOr(first, 0);
        return;
      case OPS.setTextRise:
        state.rise = numberOr(first, 0);
        return;
      case OPS.setTextRenderingMode:
        state.renderMode = numberOr(first, 0);
        return;
      case OPS.setTextMatrix: {
        const given = args.length === 1 ? numbersOf(first) : args;
        if (isMatrix(given)) this.#textMatrix = this.#lineMatrix = given;
        return;
      }
      case OPS.setLeadingMoveText:
        state.leading = -numberOr(second, 0);
        return this.#moveLine(numberOr(first, 0), numberOr(second, 0));
      case OPS.moveText:
        return this.#moveLine(numberOr(first, 0), numberOr(second, 0));
      case OPS.nextLine:
        return this.#moveLine(0, -state.leading);
      case OPS.showText:
        return this.#show(Array.isArray(first) ? first : []);
    }
  }

  #runPaint(operator: number, args: readonly unknown[]): void {
    if (operator === OPS.clip || operator === OPS.eoClip) this.#clipPending = true;
    else if (operator === OPS.constructPath) this.#path(args);
    else if (images.has(operator)) this.#paint(transformed(unitSquare, this.#state.matrix), null, 'image');
    else if (operator === OPS.shadingFill) this.#paint(this.#state.clip, null, 'shape');
  }

  #save(): void {
    if (this.#saved.length < STATES_MAX) this.#saved.push({ ...this.#state });
  }

  #restore(): void {
    this.#state = this.#saved.pop() ?? this.#state;
  }

  #transform(numbers: readonly unknown[]): void {
    if (isMatrix(numbers)) this.#state.matrix = concatenated(numbers, this.#state.matrix);
  }

  #setParameters(parameters: unknown): void {
    for (const parameter of Array.isArray(parameters) ? parameters : []) {
      const [key, value] = parameter as [string, unknown];
      if (key === 'ca') this.#state.fillAlpha = numberOr(value, 1);
      else if (key === 'CA') this.#state.strokeAlpha = numberOr(value, 1);
      else if (key === 'SMask') {
        this.#state.blended = value === true;
        this.#state.masked = value === true && this.#maskKind === 'Luminosity';
      } else if (key === 'BM') this.#state.blended = value !== 'source-over' && value !== null;
      else if (key === 'Font' && Array.isArray(value)) this.#state.fontSize = numberOr(value[1], 0);
    }
  }

  #moveLine(x: number, y: number): void {
    this.#textMatrix = this.#lineMatrix = concatenated([1, 0, 0, 1, x, y], this.#lineMatrix);
  }

  #show(glyphs: readonly unknown[]): void {
    const { text, width } = readGlyphs(glyphs, this.#state);
    this.letters.add(this.#state.font, glyphs);
    if (text.trim() !== '') this.#note(text, width);
    this.#textMatrix = concatenated([1, 0, 0, 1, width, 0], this.#textMatrix);
  }

  #note(text: string, width: number): void {
    const state = this.#state;
    const matrix = concatenated(this.#textMatrix, state.matrix);
    const size = Math.abs(state.fontSize);
    const bottom = state.rise;
    const box = { left: Math.min(0, width), right: Math.max(0, width), bottom, top: bottom + 0.6 * size };
    const [a, b, c, d, e, f] = matrix;
    this.texts.push({
      text,
      box: transformed(box, matrix),
      baseline: [e, f, a * width + e, b * width + f],
      clip: state.clip,
      sizePt: size * Math.min(Math.hypot(c, d), Math.hypot(a, b) * Math.max(state.horizontalScale, 0)),
      state: { ...state },
      layerOff: this.#marked.includes(false),
      annotation: this.#annotation,
      afterPaintings: this.paintings.length,
    });
  }

  #path([operator, segments, bounds]: readonly unknown[]): void {
    const [left, bottom, right, top] = numbersOf(bounds);
    const clipPending = this.#clipPending;
    this.#clipPending = false;
    if (left === undefined || bottom === undefined || right === undefined || top === undefined) return;
    const state = this.#state;
    const box = transformed({ left, bottom, right, top }, state.matrix);
    if (fillingPaths.has(operator as number) && state.fillAlpha >= 0.95) {
      const isRectangle = isUpright(state.matrix) && isRectangular(segments);
      this.#paint(box, isRectangle ? state.fill : null, isRectangle ? 'rectangle' : 'shape');
    }
    // The box around a clipping path: text outside it is not seen, whatever the path's shape.
    if (clipPending) state.clip = intersection(state.clip, box);
  }

  #paint(box: Box, colour: Colour, kind: Painted['kind']): void {
    if (this.#marked.includes(false)) return;
    const seen = intersection(box, this.#state.clip);
    if (areaOf(seen) > 0) this.paintings.push({ box: seen, colour, kind, afterTexts: this.texts.length });
  }
}

function maskKindOf(group: unknown): unknown {
  const { smask } = (group ?? {}) as { smask?: { subtype?: unknown } | null };
  return smask?.subtype;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}
