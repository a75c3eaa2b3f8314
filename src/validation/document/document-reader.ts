import type { SurfaceDocument } from '../../decision/surface.ts';
import { ChildPool } from './child-pool.ts';
import type { Extraction, ExtractionLimits } from './extraction.ts';
import { readPlainText } from './plain-text.ts';

export interface ReadingLimits extends ExtractionLimits {
  readonly timeoutMs: number;
}

export interface DocumentReader {
  /** @throws ReadersBusyError when too many documents are waiting */
  read(document: SurfaceDocument, limits: ReadingLimits): Promise<Extraction>;
  close(): void;
}

/** Reads what a document says, seen and unseen. PDF is parsed in a child process. */
export function createDocumentReader(): DocumentReader {
  const children = new ChildPool();
  return {
    async read({ mediaType, bytes }, { timeoutMs, ...limits }) {
      const kind = mediaType.split(';', 1)[0]?.trim().toLowerCase();
      if (kind === 'text/plain') return readPlainText(bytes, limits.charactersMax);
      if (kind !== 'application/pdf') return { kind: 'unsupported', detail: 'media-type' };
      const answer = await children.read(bytes, limits, timeoutMs);
      return answer.kind === 'died' ? { kind: 'unreadable', detail: answer.detail } : answer;
    },
    close: () => children.close(),
  };
}
