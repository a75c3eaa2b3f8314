import { digestOf } from '../../decision/canonical.ts';
import { InvariantError } from '../../decision/errors.ts';
import type { Digest } from '../../decision/ids.ts';
import type { Query } from '../../storage/connections.ts';
import type { ObjectStore } from '../../storage/object-store/object-store.ts';
import { type StoredCheckpoint, checkpointAt, findHeads } from '../ledger/repository.ts';
import { servedCheckpoint } from '../ledger/served-checkpoint.ts';
import { readPart } from './check-segment.ts';
import { ArchiveError } from './error.ts';
import { Frontier } from './frontier.ts';
import { hourAt, hourMs, hourText, segmentPrefix } from './hour.ts';
import { type Manifest, manifestBytes, manifestName, parseManifest } from './manifest.ts';
import { readManifest } from './read-manifest.ts';
import { registerSegment } from './register.ts';
import { type SegmentRow, lastSegment, lastSegmentOf } from './repository.ts';
import { SegmentWriter } from './segment-writer.ts';
import { checkpointBefore } from './source.ts';
import { writeEntries } from './write-entries.ts';

/** What sealing works with. All SQL goes through the session of the archivist's term. */
export interface SealingDesk {
  readonly cell: string;
  readonly query: Query;
  readonly store: ObjectStore;
  readonly nowMs: () => number;
}

/** One segment to be sealed. */
interface Plan {
  readonly period: string;
  readonly hour: number;
  readonly number: number;
  readonly previous: Digest | null;
  /** The period's tree where the segment begins. */
  readonly before: Frontier;
  /** Where it ends; null for an hour in which nothing was sequenced. */
  readonly checkpoint: StoredCheckpoint | null;
}

/** Two a year, and those that had to be begun anew. */
const headsMax = 10_000;

/** An hour is sealed only so long after its end, so that its last checkpoint is surely committed, ms. */
const settleMs = 30_000;
const dayMs = 24 * hourMs;

/**
 * Seals the next hour that is over and not sealed yet, and reads it back.
 * @returns its manifest; null when there is none to seal
 * @throws ArchiveError when the entries do not match the ledger, or the archive not what was written
 */
export async function sealNext(desk: SealingDesk): Promise<Manifest | null> {
  const plan = await planNext(desk);
  if (plan === null) return null;
  const name = `${segmentPrefix(desk.cell, plan.period, plan.hour)}${manifestName}`;
  // A manifest without a row: the archivist before us stopped between the two.
  const written = await desk.store.get(name);
  const manifest = written === null ? await write(desk, plan) : await adopt(desk, plan, written, name);
  await registerSegment(desk, manifest);
  return manifest;
}

async function planNext(desk: SealingDesk): Promise<Plan | null> {
  const { query } = desk;
  const heads = (await findHeads(query, headsMax)).toReversed();
  const first = heads[0] && (await checkpointAt(query, heads[0].period, 0));
  if (!first) return null;
  const last = await lastSegment(query);
  const settled = desk.nowMs() - settleMs;
  for (let hour = last?.hour ?? hourAt(first.signedAt.getTime()); hour + hourMs <= settled; hour += hourMs) {
    for (const { period } of heads) {
      const sealed = await lastSegmentOf(query, period);
      const checkpoint = sealed?.hour === hour ? null : await checkpointBefore(query, period, hour + hourMs);
      if (checkpoint === null || (sealed !== null && checkpoint.size <= sealed.size)) continue;
      return { ...placeAfter(last), period, hour, before: sealed?.tree ?? new Frontier(), checkpoint };
    }
    if (last !== null && last.hour < hour) {
      return { ...placeAfter(last), period: last.period, hour, before: last.tree, checkpoint: null };
    }
  }
  return null;
}

function placeAfter(last: SegmentRow | null): Pick<Plan, 'number' | 'previous'> {
  if (last === null) return { number: 0, previous: null };
  return { number: last.number + 1, previous: `sha256:${last.manifestDigest.toString('hex')}` as Digest };
}

async function write(desk: SealingDesk, plan: Plan): Promise<Manifest> {
  const { store, cell, query } = desk;
  const { period, hour, before, checkpoint } = plan;
  const prefix = segmentPrefix(cell, period, hour);
  const sealedAtMs = desk.nowMs();
  const lockUntil = store.lockDays === null ? null : lockEnd(sealedAtMs, store.lockDays);
  const size = checkpoint?.size ?? before.size;
  const writer = new SegmentWriter({ store, prefix, lockUntil, entries: size - before.size });
  if (checkpoint !== null) await writeEntries({ query, prefix, firstIndex: before.size, checkpoint }, writer);
  await writer.end(
    checkpoint === null ? await lastCheckpoint(desk) : await servedCheckpoint(query, checkpoint),
  );
  const manifest: Manifest = {
    before: before.roots.map((root) => root.toString('hex')),
    cell,
    firstIndex: before.size,
    format: 'countersign-segment@1',
    hour: hourText(hour),
    lockedUntil: lockUntil?.toISOString() ?? null,
    number: plan.number,
    objects: writer.objects,
    period,
    previous: plan.previous,
    root: (checkpoint?.root ?? before.root()).toString('hex'),
    sealedAt: new Date(sealedAtMs).toISOString(),
    size,
  };
  await store.put(prefix + manifestName, manifestBytes(manifest), { lockUntil });
  return manifest;
}

/** What an hour without entries repeats. */
async function lastCheckpoint({ query, store, cell }: SealingDesk): Promise<string> {
  const last = await lastSegment(query);
  if (last === null) throw new InvariantError('an empty hour was to be sealed before any other');
  const bytes = await readPart(store, await readManifest(store, cell, last), 'checkpoint', 0);
  return bytes.toString('utf8');
}

/** S3 keeps whole seconds. */
function lockEnd(fromMs: number, days: number): Date {
  return new Date(Math.ceil((fromMs + days * dayMs) / 1000) * 1000);
}

/** A manifest that was written before: taken over when it continues what we have and agrees with the ledger. */
async function adopt(desk: SealingDesk, plan: Plan, bytes: Buffer, name: string): Promise<Manifest> {
  const manifest = parseManifest(bytes, name);
  const prefix = segmentPrefix(desk.cell, plan.period, plan.hour);
  if (manifest === null) throw new ArchiveError(prefix, manifestName, 'the object was altered');
  const root =
    manifest.size === plan.before.size
      ? plan.before.root()
      : (await checkpointAt(desk.query, plan.period, manifest.size))?.root;
  const continues =
    manifest.number === plan.number &&
    manifest.previous === plan.previous &&
    manifest.firstIndex === plan.before.size &&
    manifest.before.join() === plan.before.roots.map((hash) => hash.toString('hex')).join() &&
    root?.toString('hex') === manifest.root;
  if (continues) return manifest;
  throw new ArchiveError(
    prefix,
    manifestName,
    `it (${digestOf(bytes)}) does not continue what this store has sealed; after the store was restored from a backup, run "countersign audit archive rebuild-index"`,
  );
}
