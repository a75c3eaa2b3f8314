import { AnnotationMode, OPS } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { type Box, type Matrix, transformed } from '../geometry.ts';
import { type PixelBox, type Raster, rasterOf, whiteCanvas } from './raster.ts';

/** A page as it looks, and as it would look if no text were drawn. */
export interface PagePicture {
  readonly drawn: Raster;
  readonly textless: Raster;
  /** From the page's space to pixels. */
  toPixels(box: Box): PixelBox;
}

const DOTS_PER_INCH = 200;
const POINTS_PER_INCH = 72;
/** A little more than A4 at that resolution; larger pages are drawn smaller. */
const PIXELS_MAX = 6_000_000;

const showing: ReadonlySet<number> = new Set([
  OPS.showText,
  OPS.showSpacedText,
  OPS.nextLineShowText,
  OPS.nextLineSetSpacingShowText,
]);

/** Where the parser keeps its list of operations, which its filter counts through. */
const internals = '_internalRenderTask';
interface Drawing {
  readonly operatorList: { readonly fnArray: readonly number[] };
}

/** The parser's own list of operations, which its filter counts through. */
interface Drawing {
  readonly _internalRenderTask: { readonly operatorList: { readonly fnArray: readonly number[] } };
}

export async function drawPage(page: PDFPageProxy): Promise<PagePicture> {
  const { width, height } = page.getViewport({ scale: 1 });
  const scale = Math.min(
    DOTS_PER_INCH / POINTS_PER_INCH,
    Math.sqrt(PIXELS_MAX / Math.max(1, width * height)),
  );
  const viewport = page.getViewport({ scale });
  const draw = async (withText: boolean): Promise<Raster> => {
    const canvas = whiteCanvas(
      Math.max(1, Math.ceil(viewport.width)),
      Math.max(1, Math.ceil(viewport.height)),
    );
    const operations = (): readonly number[] =>
      (Reflect.get(task, internals) as unknown as Drawing).operatorList.fnArray;
    const task = page.render({
      canvas,
      viewport,
      annotationMode: AnnotationMode.ENABLE,
      operationsFilter: (index: number) => withText || !showing.has(operations()[index] ?? -1),
    });
    await task.promise;
    return rasterOf(canvas);
  };
  const matrix = viewport.transform as unknown as Matrix;
  return {
    drawn: await draw(true),
    textless: await draw(false),
    toPixels(box) {
      const { left, bottom, right, top } = transformed(box, matrix);
      // Downwards: what is the bottom in the page's space is named top here.
      return { left, top: bottom, right, bottom: top };
    },
  };
}
