import { hash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import type { ObjectStore } from '../../storage/object-store/object-store.ts';
import { openCheckpoint, parseCheckpoint } from '../ledger/checkpoint.ts';
import { leafBytes } from '../ledger/leaf.ts';
import { leafHash } from '../ledger/merkle.ts';
import type { NoteVerifier } from '../ledger/note.ts';
import { ArchiveError } from './error.ts';
import type { Frontier } from './frontier.ts';
import { idBytes } from './hour.ts';
import { IndexBuilder } from './index-parts.ts';
import { leafProblem, readLine } from './line.ts';
import { type Manifest, type ObjectKind, partName, partsOf, prefixOf, treeBefore } from './manifest.ts';

/** Entries checked before requests are served again in between. */
const entriesAtOnce = 64;

export interface SegmentCheck {
  /** Leaves of each part of the entries, once they hold. */
  readonly onLeaves?: (leaves: Buffer) => Promise<void>;
  /** Also asks the object store for the lock of every object. */
  readonly locks: boolean;
  /** The key of a period's log; without it the signature of the checkpoint is not checked. */
  readonly logOf?: (period: string) => NoteVerifier;
}

/**
 * Reads every object of a segment and checks it alone: against the manifest, entries against leaves, leaves
 * against the checkpoint.
 * @returns the tree at the segment's end
 * @throws ArchiveError that names the first object or entry that does not hold; ObjectStoreError
 */
export async function checkSegment(
  store: ObjectStore,
  manifest: Manifest,
  check: SegmentCheck,
): Promise<Frontier> {
  const prefix = prefixOf(manifest);
  const tree = treeBefore(manifest);
  const index = new IndexBuilder(manifest.size - manifest.firstIndex);
  for (let part = 0; part < partsOf(manifest, 'entries'); part++) {
    const entries = await readPart(store, manifest, 'entries', part);
    const leaves = await readPart(store, manifest, 'leaves', part);
    await checkEntries({ prefix, part, index, tree }, entries, leaves);
    await check.onLeaves?.(leaves);
  }
  if (tree.size !== manifest.size)
    throw new ArchiveError(prefix, null, 'it has more or fewer entries than it says');
  if (tree.root().toString('hex') !== manifest.root)
    throw new ArchiveError(prefix, null, 'the leaves do not make the root');
  await checkIndex(store, manifest, index);
  const note = await readPart(store, manifest, 'checkpoint', 0);
  checkCheckpoint(manifest, note.toString('utf8'), check.logOf?.(manifest.period) ?? null);
  for (const name of Object.keys(manifest.objects)) {
    if (name.startsWith('tiles-')) await readObject(store, manifest, name);
    if (check.locks) await checkLock(store, manifest, prefix + name);
  }
  return tree;
}

/** The bytes of a part. @throws ArchiveError when they are not the manifest's; ObjectStoreError */
export function readPart(
  store: ObjectStore,
  manifest: Manifest,
  kind: ObjectKind,
  part: number,
): Promise<Buffer> {
  const name = partName(manifest, kind, part);
  if (name === null)
    throw new ArchiveError(prefixOf(manifest), `${kind} ${part}`, 'the manifest does not have it');
  return readObject(store, manifest, name);
}

async function readObject(store: ObjectStore, manifest: Manifest, name: string): Promise<Buffer> {
  const prefix = prefixOf(manifest);
  const bytes = await store.get(prefix + name);
  if (bytes === null) throw new ArchiveError(prefix, name, 'the object is missing');
  if (hash('sha256', bytes, 'hex') !== manifest.objects[name]?.sha256)
    throw new ArchiveError(prefix, name, 'the object was altered');
  return bytes;
}

/** @throws ArchiveError when the object is not locked as long as its manifest says */
export async function checkLock(store: ObjectStore, manifest: Manifest, name: string): Promise<void> {
  if (manifest.lockedUntil === null) return;
  const head = await store.head(name);
  if (head?.lockedUntil && head.lockedUntil >= new Date(manifest.lockedUntil)) return;
  throw new ArchiveError(prefixOf(manifest), name, 'the object is not locked as long as it should be');
}

async function checkEntries(
  at: { prefix: string; part: number; index: IndexBuilder; tree: Frontier },
  entries: Buffer,
  leaves: Buffer,
): Promise<void> {
  const { prefix, part, index, tree } = at;
  let offset = 0;
  for (let leafAt = 0; leafAt < leaves.length; leafAt += leafBytes) {
    const leaf = leaves.subarray(leafAt, leafAt + leafBytes);
    const end = entries.indexOf(10, offset);
    const line = entries.subarray(offset, end);
    const culprit = `entry ${tree.size}`;
    if (end < 0) throw new ArchiveError(prefix, culprit, 'there is a leaf without an entry');
    const entry = readLine(line);
    const problem = entry.index === tree.size ? leafProblem(entry, leaf) : 'it is out of order';
    if (problem !== null) throw new ArchiveError(prefix, `${culprit} (${entry.header.entryId})`, problem);
    index.add(idBytes(entry.header.decisionId), [part, offset, line.length]);
    tree.append(leafHash(leaf));
    offset = end + 1;
    if (tree.size % entriesAtOnce === 0) await breathe();
  }
  if (offset !== entries.length) throw new ArchiveError(prefix, null, 'there is an entry without a leaf');
}

/** The index is made again from the entries: one that points elsewhere would hide a decision. */
async function checkIndex(store: ObjectStore, manifest: Manifest, index: IndexBuilder): Promise<void> {
  let part = 0;
  for (const expected of index.parts()) {
    const bytes = await readPart(store, manifest, 'index', part);
    if (!bytes.equals(expected))
      throw new ArchiveError(prefixOf(manifest), `index ${part}`, 'it does not lead to the entries');
    part += 1;
  }
}

function checkCheckpoint(manifest: Manifest, note: string, log: NoteVerifier | null): void {
  const checkpoint = log === null ? parseCheckpoint(note) : openCheckpoint(note, log);
  const holds =
    checkpoint?.origin.endsWith(`/${manifest.cell}/${manifest.period}`) &&
    checkpoint.size === manifest.size &&
    checkpoint.root.toString('hex') === manifest.root;
  if (!holds)
    throw new ArchiveError(
      prefixOf(manifest),
      'checkpoint',
      'it is not signed by the log, or not of this root and size',
    );
}
