import { ChildPool } from './child-pool.ts';
import { isDied } from './child-process.ts';
import { type ViewingJob, type Seen, viewingProgram } from './child-programs.ts';
import type { ExtractedPiece, Extraction, ExtractionLimits, Viewing } from './extraction.ts';

/** When a document is drawn and read with eyes, so to speak: `suspicion` is up to what its structure shows. */
export type Comparison = 'always' | 'suspicion' | 'never';

export interface ViewingLimits {
  readonly compareRendering: Comparison;
  /** Pages and pictures of one document that are drawn at most. */
  readonly viewedMax: number;
  readonly viewingTimeoutMs: number;
}

type Read = Extract<Extraction, { kind: 'read' }>;

/** Looks at what cannot be read otherwise, and at what may not look as it reads. */
export function createViewer() {
  const viewers = new ChildPool<ViewingJob, Seen>(viewingProgram);
  return {
    async view(bytes: Uint8Array, read: Read, limits: ExtractionLimits & ViewingLimits): Promise<Extraction> {
      const { viewings = [], pieces } = read;
      const plan = planned(viewings, limits);
      if (plan === null) return { kind: 'too-large', detail: 'images' };
      const deadlineMs = performance.now() + limits.viewingTimeoutMs;
      let result: readonly ExtractedPiece[] = pieces;
      for (const viewing of plan) {
        const { pagesMax, charactersMax, expandedBytesMax, attachmentsMax, depthMax } = limits;
        const bounds = { pagesMax, charactersMax, expandedBytesMax, attachmentsMax, depthMax };
        const { mediaType, pages } = viewing;
        const job = { mediaType, pages, bytes: viewing.bytes ?? bytes, limits: bounds };
        const seen = await viewers.run(job, Math.max(1, deadlineMs - performance.now()));
        if (isDied(seen)) return { kind: 'unreadable', detail: `viewing-${seen.detail}` };
        if (seen.kind !== 'seen') return seen;
        result = merged(result, viewing, seen.pieces);
      }
      return { kind: 'read', pieces: result };
    },
    close: () => viewers.close(),
  };
}

/**
 * What is looked at when there is more than may be. Where looking is the only way to read, or is always
 * wanted, it cannot be left out; pages that are looked at on suspicion come as far as the number goes.
 *
 * @returns null when there is more to be read than may be
 */
function planned(
  viewings: readonly Viewing[],
  { compareRendering, viewedMax }: ViewingLimits,
): Viewing[] | null {
  const isPicture = ({ pages, others = [] }: Viewing): boolean => pages.length === 0 && others.length === 0;
  // A picture says nothing unless it is looked at; a page may be left unseen where the operator says so.
  const looked = compareRendering === 'never' ? viewings.filter(isPicture) : viewings;
  const needed = looked.reduce(
    (sum, { pages, others = [], textless }) =>
      sum + (compareRendering === 'always' ? Math.max(1, pages.length + others.length) : textless),
    0,
  );
  if (needed > viewedMax) return null;
  let spare = compareRendering === 'always' ? viewedMax : viewedMax - needed;
  return looked.flatMap((viewing) => {
    if (isPicture(viewing)) return [viewing];
    const compared = [
      ...viewing.pages.slice(viewing.textless),
      ...(compareRendering === 'always' ? (viewing.others ?? []) : []),
    ].slice(0, spare);
    spare -= compared.length;
    const pages = [...viewing.pages.slice(0, viewing.textless), ...compared];
    return pages.length === 0 ? [] : [{ ...viewing, pages }];
  });
}

/** What was seen of a page stands instead of what its structure said, in the document's order. */
function merged(
  pieces: readonly ExtractedPiece[],
  { within, pages }: Viewing,
  seen: readonly ExtractedPiece[],
): ExtractedPiece[] {
  const viewed = new Set(pages);
  const kept = pieces.filter((piece) => piece.within !== within || !viewed.has(piece.page ?? 0));
  const at = within === undefined ? {} : { within };
  const all = [...kept, ...seen.map((piece) => ({ ...piece, ...at }))];
  const places = [...new Set([...pieces, ...all].map((piece) => piece.within))];
  const rank = new Map(places.map((place, i) => [place, i]));
  const rankOf = (piece: ExtractedPiece): number => rank.get(piece.within) ?? 0;
  return all.toSorted((one, other) => rankOf(one) - rankOf(other) || (one.page ?? 0) - (other.page ?? 0));
}
