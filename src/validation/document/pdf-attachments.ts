import type { Attachment } from './extraction.ts';

/** Files in a PDF, of the document and of its notes. What they are is told by their bytes. */
export function embeddedFiles(files: readonly unknown[]): Attachment[] {
  return files.flatMap((file, i) => {
    const { content } = (file ?? {}) as { content?: unknown };
    if (!(content instanceof Uint8Array)) return [];
    return [{ place: `attachment=${i + 1}`, mediaType: 'application/octet-stream', bytes: content }];
  });
}
