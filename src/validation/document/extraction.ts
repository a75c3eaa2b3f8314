/** One piece of text of a document, with where and how it stands in it. */
export interface ExtractedPiece {
  /** In which attachment, outermost first: `attachment=2;image=1`. Left out for the document itself. */
  readonly within?: string;
  /** Counted from 1, sheets of a workbook too; null for what belongs to the document as a whole. */
  readonly page: number | null;
  /** Which part of the document, where it has any: `header`, `comment`, `field`. A code: nothing of the content (I8). */
  readonly part?: string;
  readonly layer: Layer;
  readonly text: string;
}

/** How text is concealed. One list: a reader that finds another way adds a line, and a row to the README. */
export const hiddenLayers = [
  'hidden:render-mode-3',
  'hidden:opacity',
  'hidden:layer-off',
  'hidden:off-page',
  'hidden:clipped',
  'hidden:tiny',
  'hidden:colour',
  'hidden:covered',
  'hidden:masked',
  'hidden:annotation',
  'hidden:form',
  'hidden:script',
  'hidden:replaced',
  'hidden:not-rendered',
  'hidden:vanish',
  'hidden:display',
  'hidden:visibility',
  'hidden:sheet',
  'hidden:row',
  'hidden:column',
  'hidden:format',
  'hidden:unused',
  'hidden:alternative',
  'hidden:preamble',
] as const;

/**
 * `visible` is what a reader sees, `image-text` what is drawn in a picture. `annotation` and `form` are
 * shown by viewers beside the page; `metadata` hardly ever is, and every honest file has some. The
 * `hidden:` layers are concealed by the way the document is made.
 */
export type Layer =
  | 'visible'
  | 'image-text'
  | 'annotation'
  | 'form'
  | 'metadata'
  | (typeof hiddenLayers)[number];

/** Drawn so that no reader sees it. */
export function isConcealed(layer: Layer): boolean {
  return layer.startsWith('hidden:');
}

/** A file inside a document: inspected like a document of its own, within the bounds of the outermost one. */
export interface Attachment {
  /** Where it stands in the document that holds it: `attachment=2`, `image=1`. A place, never a name from the file (I8). */
  readonly place: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export interface ExtractionLimits {
  readonly pagesMax: number;
  readonly charactersMax: number;
  /** Bytes that may come out of a file: what is unpacked and attached, at every depth together. */
  readonly expandedBytesMax: number;
  /** Attachments at every depth together. */
  readonly attachmentsMax: number;
  /** Attachments inside attachments; 1 is an attachment of the document itself. */
  readonly depthMax: number;
}

/** Something that has to be looked at: a picture, or pages of a PDF whose drawing is not above suspicion. */
export interface Viewing {
  readonly within?: string;
  readonly mediaType: string;
  /** Counted from 1; empty for a picture. Pages that cannot be read without looking come first. */
  readonly pages: readonly number[];
  /** How many of the pages have no text to be read otherwise; 1 for a picture. */
  readonly textless: number;
  /** Pages that nothing speaks against. */
  readonly others?: readonly number[];
  /** Left out for the document itself. */
  readonly bytes?: Uint8Array;
}

/** What became of a document. `detail` is a code: nothing of the document's content. */
export type Extraction =
  | {
      readonly kind: 'read';
      readonly pieces: readonly ExtractedPiece[];
      readonly attachments?: readonly Attachment[];
      readonly viewings?: readonly Viewing[];
    }
  | { readonly kind: 'unreadable' | 'unsupported' | 'too-large'; readonly detail: string };
