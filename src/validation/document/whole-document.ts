import type { Attachment, ExtractedPiece, Extraction, ExtractionLimits, Viewing } from './extraction.ts';
import { bareMediaType, readerOf } from './kinds.ts';
import { attachmentKind, contradicts } from './sniffing.ts';

/** What has been used of the bounds, by the document and everything attached to it. */
interface Budget {
  characters: number;
  bytes: number;
  attachments: number;
  pages: number;
}

interface Collected {
  readonly pieces: ExtractedPiece[];
  readonly viewings: Viewing[];
}

type Problem = Exclude<Extraction, { kind: 'read' }>;

/**
 * Reads a document and all that is attached to it, to the last level. What cannot be read in full within
 * the bounds is not read at all: nothing that is inside may go uninspected.
 */
export async function readWhole(
  mediaType: string,
  bytes: Uint8Array,
  limits: ExtractionLimits,
): Promise<Extraction> {
  const kind = bareMediaType(mediaType);
  const budget: Budget = { characters: 0, bytes: 0, attachments: 0, pages: 0 };
  const collected: Collected = { pieces: [], viewings: [] };
  const given = { place: '', mediaType: kind, bytes };
  const problem = await readInto(collected, given, budget, limits, 0);
  return problem ?? { kind: 'read', ...collected };
}

async function readInto(
  collected: Collected,
  { place, mediaType, bytes }: Attachment,
  budget: Budget,
  limits: ExtractionLimits,
  depth: number,
): Promise<Problem | null> {
  const reader = await readerOf(mediaType);
  if (reader === null) return { kind: 'unsupported', detail: 'media-type' };
  if (contradicts(mediaType, bytes)) return { kind: 'unreadable', detail: 'media-type-contradicted' };
  const extraction = await reader(bytes, remaining(limits, budget));
  if (extraction.kind !== 'read') return extraction;
  for (const piece of extraction.pieces) {
    budget.characters += piece.text.length;
    // A message inside a message is read together with it, and says so itself.
    const within = [place, piece.within ?? ''].filter((one) => one !== '').join(';');
    collected.pieces.push(within === '' ? piece : { ...piece, within });
  }
  if (budget.characters > limits.charactersMax) return tooLarge('characters');
  budget.pages += extraction.pieces.reduce((most, { page }) => Math.max(most, page ?? 0), 0);
  if (budget.pages > limits.pagesMax) return tooLarge('pages');
  // The outermost document is with those who asked; what was inside is only here.
  const own = place === '' ? {} : { within: place, bytes: new Uint8Array(bytes) };
  for (const { mediaType: kind, pages, textless, others = [] } of extraction.viewings ?? [])
    collected.viewings.push({ ...own, mediaType: kind, pages, textless, others });
  return readAttachments(collected, place, extraction.attachments ?? [], budget, limits, depth + 1);
}

async function readAttachments(
  collected: Collected,
  within: string,
  attachments: readonly Attachment[],
  budget: Budget,
  limits: ExtractionLimits,
  depth: number,
): Promise<Problem | null> {
  if (attachments.length > 0 && depth > limits.depthMax) return tooLarge('depth');
  for (const { place, mediaType, bytes } of attachments) {
    budget.attachments += 1;
    budget.bytes += bytes.length;
    if (budget.attachments > limits.attachmentsMax) return tooLarge('attachments');
    if (budget.bytes > limits.expandedBytesMax) return tooLarge('expanded-bytes');
    const kind = attachmentKind(bareMediaType(mediaType), bytes);
    const inner = { place: within === '' ? place : `${within};${place}`, mediaType: kind ?? '', bytes };
    const problem = await readInto(collected, inner, budget, limits, depth);
    if (problem !== null)
      return { ...problem, detail: `attachment-${problem.detail.replace(/^attachment-/, '')}` };
  }
  return null;
}

function remaining(limits: ExtractionLimits, budget: Budget): ExtractionLimits {
  return {
    ...limits,
    pagesMax: Math.max(0, limits.pagesMax - budget.pages),
    charactersMax: Math.max(0, limits.charactersMax - budget.characters),
    expandedBytesMax: Math.max(0, limits.expandedBytesMax - budget.bytes),
    attachmentsMax: Math.max(0, limits.attachmentsMax - budget.attachments),
  };
}

function tooLarge(detail: string): Problem {
  return { kind: 'too-large', detail };
}
