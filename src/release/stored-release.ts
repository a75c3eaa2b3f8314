import { digestOf } from '../decision/canonical.ts';
import type { Digest } from '../decision/ids.ts';
import type { Store } from '../storage/store.ts';
import type { Manifest, Part } from './manifest.ts';
import { findParts } from './repository.ts';

/** A release as the store kept it, every byte checked against its digest. */
export interface StoredRelease {
  readonly digest: Digest;
  readonly manifest: Manifest;
  readonly parts: readonly Part[];
}

/** A part that the store lost or that somebody changed; `part` is a name in the manifest, or the manifest. */
export interface ReleaseProblem {
  readonly kind: 'missing' | 'altered';
  readonly part: string;
  readonly recorded: Digest;
  /** Digest of what is there; null where nothing is. */
  readonly found: Digest | null;
}

export type ReadRelease =
  | { readonly kind: 'release'; readonly release: StoredRelease }
  | { readonly kind: 'problem'; readonly problem: ReleaseProblem };

/** Reads a release back by its digest. Where any byte does not match its digest, nothing of it is used. */
export async function readRelease(store: Store, digest: Digest): Promise<ReadRelease> {
  const top = await readParts(store, [['manifest', digest]]);
  if (top.kind === 'problem') return top;
  const manifest = JSON.parse(top.parts.map(({ bytes }) => bytes.toString('utf8')).join('')) as Manifest;
  const read = await readParts(store, Object.entries(manifest.parts));
  return read.kind === 'problem'
    ? read
    : { kind: 'release', release: { digest, manifest, parts: read.parts } };
}

type ReadParts =
  | { readonly kind: 'parts'; readonly parts: readonly Part[] }
  | Extract<ReadRelease, { kind: 'problem' }>;

async function readParts(store: Store, named: readonly (readonly [string, Digest])[]): Promise<ReadParts> {
  const digests = named.map(([, digest]) => digest);
  const stored = await findParts(store, digests);
  const parts: Part[] = [];
  for (const [part, recorded] of named) {
    const row = stored.get(recorded);
    const found = row ? digestOf(row.bytes) : null;
    if (!row || found !== recorded) {
      const kind = row ? 'altered' : 'missing';
      return { kind: 'problem', problem: { kind, part, recorded, found } };
    }
    parts.push({ name: part, mediaType: row.mediaType, bytes: row.bytes });
  }
  return { kind: 'parts', parts };
}
