import type { PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { ExtractedPiece } from './extraction.ts';

interface Raw {
  getRaw?: () => unknown;
}

/** Document information, XMP, layer names and names of attachments: text of the file, not of a page. */
export async function metadataPieces(document: PDFDocumentProxy): Promise<ExtractedPiece[]> {
  const { info, metadata } = await document.getMetadata();
  const layers = [...(await document.getOptionalContentConfig({ intent: 'any' }))] as [
    string,
    { name?: unknown },
  ][];
  const attachments = (await document.getAttachments()) as Record<string, unknown> | null;
  const raw = (metadata as Raw | null)?.getRaw?.();
  const texts = [
    stringsOf(info as Record<string, unknown>),
    typeof raw === 'string' ? [withoutTags(raw)] : [],
    layers.flatMap(([, layer]) => (typeof layer.name === 'string' ? [layer.name] : [])),
    Object.values(attachments ?? {}).flatMap((file) => stringsOf(file as Record<string, unknown>)),
  ];
  return texts
    .map((lines) => lines.join('\n').trim())
    .filter((text) => text !== '')
    .map((text) => ({ page: null, layer: 'metadata', text }));
}

function stringsOf(values: Record<string, unknown>): string[] {
  return Object.values(values).flatMap((value) => {
    if (typeof value === 'string') return [value];
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
    return Object.entries(value).flatMap(([key, inner]) => (typeof inner === 'string' ? [key, inner] : []));
  });
}

/** XMP may hold its values in attributes too, so only the punctuation of the mark-up goes. */
function withoutTags(xml: string): string {
  return xml.replace(/<\/?|\/?>/g, '\n').replace(/\n\s*\n+/g, '\n');
}
