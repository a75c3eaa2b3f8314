/** One piece of text of a document, with where and how it stands in it. */
export interface ExtractedPiece {
  /** Counted from 1; null for what belongs to the document as a whole. */
  readonly page: number | null;
  readonly layer: Layer;
  readonly text: string;
}

/**
 * `visible` is what a reader sees. `annotation` and `form` are shown by viewers beside the page;
 * `metadata` hardly ever is, and every honest file has some. The `hidden:` layers are concealed by
 * the way the page is drawn.
 */
export type Layer =
  | 'visible'
  | 'annotation'
  | 'form'
  | 'metadata'
  | 'hidden:render-mode-3'
  | 'hidden:opacity'
  | 'hidden:layer-off'
  | 'hidden:off-page'
  | 'hidden:clipped'
  | 'hidden:tiny'
  | 'hidden:colour'
  | 'hidden:covered'
  | 'hidden:annotation'
  | 'hidden:form';

/** Drawn so that no reader sees it. */
export function isConcealed(layer: Layer): boolean {
  return layer.startsWith('hidden:');
}

export interface ExtractionLimits {
  readonly pagesMax: number;
  readonly charactersMax: number;
}

/** What became of a document. `detail` is a code: nothing of the document's content. */
export type Extraction =
  | { readonly kind: 'read'; readonly pieces: readonly ExtractedPiece[] }
  | { readonly kind: 'unreadable' | 'unsupported' | 'too-large'; readonly detail: string };
