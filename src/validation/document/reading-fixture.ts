import { makePdf, type TestPdf } from './pdf-fixture.ts';
import type { DocumentReader, ReadingLimits } from './document-reader.ts';
import type { Extraction } from './extraction.ts';

export const testLimits: ReadingLimits = {
  pagesMax: 50,
  charactersMax: 100_000,
  expandedBytesMax: 50_000_000,
  attachmentsMax: 20,
  depthMax: 3,
  timeoutMs: 20_000,
  compareRendering: 'suspicion',
  viewedMax: 10,
  viewingTimeoutMs: 60_000,
};

/** Reads a PDF of a test. */
export function readTest(
  reader: DocumentReader,
  pdf: TestPdf | Uint8Array,
  more: Partial<ReadingLimits> = {},
  mediaType = 'application/pdf',
): Promise<Extraction> {
  const bytes = pdf instanceof Uint8Array ? pdf : makePdf(pdf);
  return reader.read({ origin: '/documents/0', mediaType, bytes }, { ...testLimits, ...more });
}

/** The texts of what was read by place, page and layer; metadata apart. */
export function textsByLayer(extraction: Extraction): Record<string, string> {
  if (extraction.kind !== 'read') throw new Error(`${extraction.kind}: ${extraction.detail}`);
  return Object.fromEntries(
    extraction.pieces
      .filter(({ layer }) => layer !== 'metadata')
      .map(({ within, page, layer, text }) => [
        `${within === undefined ? '' : `${within}/`}${page}/${layer}`,
        text,
      ]),
  );
}
