import { hashBytes } from './merkle.ts';
import { type NoteSigner, type NoteVerifier, isSignedBy, parseNote } from './note.ts';

/** What a checkpoint says: this log had this root at this size (C2SP tlog-checkpoint). */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/** The signed note of a checkpoint. */
export function signCheckpoint(signer: NoteSigner, { origin, size, root }: Checkpoint): string {
  return signer.sign(origin, `${origin}\n${size}\n${root.toString('base64')}\n`);
}

/** @returns null when the text is no checkpoint, or has lines beyond the three that we write. */
export function parseCheckpoint(note: string): Checkpoint | null {
  const lines = parseNote(note)?.text.split('\n');
  const [origin, size, root, end] = lines ?? [];
  if (lines?.length !== 4 || !origin || !size || !root || end !== '') return null;
  const bytes = Buffer.from(root, 'base64');
  const isWritten = /^(?:0|[1-9]\d{0,15})$/.test(size) && bytes.toString('base64') === root;
  return isWritten && bytes.length === hashBytes ? { origin, size: Number(size), root: bytes } : null;
}

/** The checkpoint of a note, once its signature by the log's own key holds; null otherwise. */
export function openCheckpoint(note: string, log: NoteVerifier): Checkpoint | null {
  const parsed = parseNote(note);
  const signed = parsed?.signatures.some((signature) => isSignedBy(parsed.text, signature, log));
  const checkpoint = signed ? parseCheckpoint(note) : null;
  return checkpoint?.origin === log.name ? checkpoint : null;
}
