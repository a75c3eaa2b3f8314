import type { Extraction } from '../extraction.ts';

type Problem = Exclude<Extraction, { kind: 'read' }>;

/** Ends the reading of a document from any depth of it; `readSafely` makes an answer of it. */
export class DocumentProblem extends Error {
  override readonly name = 'DocumentProblem';
  readonly problem: Problem;

  constructor(kind: Problem['kind'], detail: string) {
    super(detail);
    this.problem = { kind, detail };
  }
}

export function tooLarge(detail: string): DocumentProblem {
  return new DocumentProblem('too-large', detail);
}

export function unreadable(detail: string): DocumentProblem {
  return new DocumentProblem('unreadable', detail);
}

/**
 * What a parser throws on a broken file is an answer about the file. Only the kind of the error is kept:
 * its message may quote the document (I8).
 */
export async function readSafely(read: () => Extraction | Promise<Extraction>): Promise<Extraction> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DocumentProblem) return error.problem;
    return { kind: 'unreadable', detail: error instanceof Error ? error.name : 'unknown' };
  }
}
