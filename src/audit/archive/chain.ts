import type { ObjectStore } from '../../storage/object-store/object-store.ts';
import { digestOf } from '../../decision/canonical.ts';
import type { Digest } from '../../decision/ids.ts';
import { ArchiveError } from './error.ts';
import type { Frontier } from './frontier.ts';
import { hourMs, hourText } from './hour.ts';
import { type Manifest, hourOf, manifestName, parseManifest, prefixOf } from './manifest.ts';

export interface Link {
  readonly manifest: Manifest;
  readonly digest: Digest;
}

/**
 * Goes through all segments of a cell in the order they were sealed, from the first.
 * @param visit checks one segment and returns the tree at its end
 * @returns the last one; null when there is none
 * @throws ArchiveError where a segment is missing or does not follow the one before; ObjectStoreError
 */
export async function walkChain(
  store: ObjectStore,
  cell: string,
  visit: (link: Link) => Promise<Frontier>,
): Promise<Link | null> {
  const trees = new Map<string, Frontier>();
  let last: Link | null = null;
  for await (const link of linksOf(store, cell)) {
    const problem = linkProblem(link.manifest, last) ?? treeProblem(link.manifest, trees);
    if (problem !== null) throw new ArchiveError(prefixOf(link.manifest), null, problem);
    trees.set(link.manifest.period, await visit(link));
    last = link;
  }
  return last;
}

function linkProblem(manifest: Manifest, last: Link | null): string | null {
  const number = last === null ? 0 : last.manifest.number + 1;
  const hour = hourOf(manifest);
  const before = last === null ? hour : hourOf(last.manifest);
  if (last !== null && hour > before + hourMs)
    return `the segment of ${hourText(before + hourMs)} is missing`;
  if (manifest.number > number) return `the segment number ${number} before it is missing`;
  return manifest.number === number && manifest.previous === (last?.digest ?? null)
    ? null
    : 'it does not follow the segment before, which was altered or exchanged';
}

function treeProblem(manifest: Manifest, trees: ReadonlyMap<string, Frontier>): string | null {
  const tree = trees.get(manifest.period);
  const roots = tree?.roots.map((root) => root.toString('hex')) ?? [];
  const follows = manifest.firstIndex === (tree?.size ?? 0) && manifest.before.join() === roots.join();
  return follows ? null : `its leaves do not follow those of the period's segment before`;
}

/** Manifests by hour, and within an hour by number. */
async function* linksOf(store: ObjectStore, cell: string): AsyncGenerator<Link> {
  const names: string[] = [];
  for await (const name of store.list(`${cell}/`)) if (name.endsWith(`/${manifestName}`)) names.push(name);
  const hourIn = (name: string) => name.split('/').slice(2, -1).join('/');
  names.sort((a, b) => (hourIn(a) < hourIn(b) ? -1 : 1));
  for (let at = 0; at < names.length; ) {
    const hour = hourIn(names[at] ?? '');
    const links: Link[] = [];
    for (; at < names.length && hourIn(names[at] ?? '') === hour; at++)
      links.push(await readLink(store, names[at] ?? ''));
    yield* links.sort((a, b) => a.manifest.number - b.manifest.number);
  }
}

async function readLink(store: ObjectStore, name: string): Promise<Link> {
  const bytes = await store.get(name);
  const manifest = bytes && parseManifest(bytes, name);
  const prefix = name.slice(0, -manifestName.length);
  if (!bytes || !manifest) throw new ArchiveError(prefix, manifestName, 'the object is missing or altered');
  return { manifest, digest: digestOf(bytes) };
}
