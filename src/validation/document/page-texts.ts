import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { annotationPieces, hiddenAnnotationIds } from './annotations.ts';
import type { ExtractedPiece, Layer } from './extraction.ts';
import type { ShownText } from './drawing.ts';
import { PageReader } from './page-reader.ts';
import { layerOf, type PageDrawing } from './visibility.ts';

/** A page as its structure tells it. */
export interface PageTexts {
  readonly reader: PageReader;
  readonly drawing: PageDrawing;
  readonly layered: readonly { readonly layer: Layer; readonly shown: ShownText }[];
  /** What stands beside the page: notes, fields. */
  readonly beside: readonly ExtractedPiece[];
  /** Files attached to notes of the page, as the parser gives them. */
  readonly attached: readonly unknown[];
}

export async function pageTexts(document: PDFDocumentProxy, page: PDFPageProxy): Promise<PageTexts> {
  const layers = await document.getOptionalContentConfig({ intent: 'display' });
  const annotations = (await page.getAnnotations({ intent: 'any' })) as unknown[];
  const reader = new PageReader((properties) => layers.isVisible(properties) as boolean);
  reader.read(await page.getOperatorList({ intent: 'any' }));
  const [left = 0, bottom = 0, right = 0, top = 0] = page.view;
  const box = { left, bottom, right, top };
  const drawing: PageDrawing = {
    page: box,
    texts: reader.texts,
    paintings: reader.paintings,
    hiddenAnnotations: hiddenAnnotationIds(annotations),
  };
  const layered = reader.texts.map((shown, index) => ({ layer: layerOf(shown, index, drawing), shown }));
  const beside = annotationPieces(annotations, page.pageNumber, box);
  const attached = annotations.flatMap((annotation) => (annotation as { file?: unknown }).file ?? []);
  return { reader, drawing, layered, beside, attached };
}
