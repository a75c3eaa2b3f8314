import type { SurfaceDocument } from '../../decision/surface.ts';
import { ChildPool } from './child-pool.ts';
import { isDied } from './child-process.ts';
import { type ParsingJob, parsingProgram } from './child-programs.ts';
import type { Extraction, ExtractionLimits } from './extraction.ts';
import { bareMediaType, isPlain, isSupported } from './kinds.ts';
import { readPlainText } from './plain-text.ts';
import { type Isolation, isolationHere } from './sandbox.ts';
import { contradicts } from './sniffing.ts';
import { createViewer, type ViewingLimits } from './viewings.ts';

export interface ReadingLimits extends ExtractionLimits, ViewingLimits {
  readonly timeoutMs: number;
}

export interface DocumentReader {
  /** @throws ReadersBusyError when too many documents are waiting */
  read(document: SurfaceDocument, limits: ReadingLimits): Promise<Extraction>;
  /** What keeps the parsers from the machine, here and now. */
  isolation(): Promise<Isolation>;
  close(): void;
}

/** Reads what a document says, seen and unseen, attachments included. All parsing is done by children. */
export function createDocumentReader(): DocumentReader {
  const parsers = new ChildPool<ParsingJob, Extraction>(parsingProgram);
  const viewer = createViewer();
  return {
    async read({ mediaType, bytes }, limits) {
      const kind = bareMediaType(mediaType);
      if (!isSupported(kind)) return { kind: 'unsupported', detail: 'media-type' };
      // Plain text needs no parser, and so no child.
      if (isPlain(kind) && !contradicts(kind, bytes)) return readPlainText(bytes, limits.charactersMax);
      const job = { mediaType: kind, bytes, limits: boundsOf(limits) };
      const answer = await parsers.run(job, limits.timeoutMs);
      if (isDied(answer)) return { kind: 'unreadable', detail: answer.detail };
      return answer.kind === 'read' ? viewer.view(bytes, answer, limits) : answer;
    },
    isolation: isolationHere,
    close() {
      parsers.close();
      viewer.close();
    },
  };
}

function boundsOf(limits: ReadingLimits): ExtractionLimits {
  const { pagesMax, charactersMax, expandedBytesMax, attachmentsMax, depthMax } = limits;
  return { pagesMax, charactersMax, expandedBytesMax, attachmentsMax, depthMax };
}
