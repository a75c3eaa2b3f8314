import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDocumentReader, type DocumentReader } from './document-reader.ts';
import { ensureExtractorBuilt } from './extractor-fixture.ts';
import { isConcealed } from './extraction.ts';
import { picturedDocuments, typedDocuments } from './honest-documents-fixture.ts';
import { readTest } from './reading-fixture.ts';

const pictures = await picturedDocuments();
const pictured = new Set(pictures.map(([name]) => name));
const documents = [...typedDocuments, ...pictures];

let reader: DocumentReader;
beforeAll(async () => {
  await ensureExtractorBuilt();
  reader = createDocumentReader();
});
afterAll(() => reader.close());

describe('honest documents', () => {
  it('are many', () => expect(documents.length).toBeGreaterThanOrEqual(40));

  it.each(documents)(
    'raises no alarm at %s, whether drawn and compared or not',
    async (name, pdf) => {
      // What has pictures is drawn in either case.
      const modes = pictured.has(name) ? (['suspicion'] as const) : (['suspicion', 'always'] as const);
      for (const compareRendering of modes) {
        const extraction = await readTest(reader, pdf, { compareRendering });
        expect(extraction.kind).toBe('read');
        const pieces = extraction.kind === 'read' ? extraction.pieces : [];
        expect([compareRendering, pieces.filter(({ layer }) => isConcealed(layer))]).toEqual([
          compareRendering,
          [],
        ]);
        expect(pieces.some(({ text }) => text.trim() !== '')).toBe(true);
      }
    },
    60_000,
  );
});
