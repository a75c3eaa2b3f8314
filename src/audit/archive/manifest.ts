import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { canonicalJson } from '../../decision/canonical.ts';
import type { Digest } from '../../decision/ids.ts';
import { Frontier, perfectSubtrees } from './frontier.ts';
import { hourMs, hourText, segmentPrefix } from './hour.ts';

export const manifestName = 'manifest.json';

const closed = { additionalProperties: false } as const;
const Hex = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Index = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const ManifestSchema = Type.Object(
  {
    before: Type.Array(Hex),
    cell: Type.String(),
    firstIndex: Index,
    format: Type.Literal('countersign-segment@1'),
    hour: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:00:00Z$' }),
    lockedUntil: Type.Union([Type.String(), Type.Null()]),
    number: Index,
    objects: Type.Record(Type.String(), Type.Object({ bytes: Index, sha256: Hex }, closed)),
    period: Type.String(),
    previous: Type.Union([Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }), Type.Null()]),
    root: Hex,
    sealedAt: Type.String(),
    size: Index,
  },
  closed,
);

/** What a segment holds; see docs/formats/audit.md. */
export type Manifest = Static<typeof ManifestSchema> & { readonly previous: Digest | null };

export type ObjectKind = 'entries' | 'leaves' | 'index' | 'checkpoint' | `tiles-${number}`;

const kindEndings = {
  entries: 'ndjson',
  leaves: 'bin',
  index: 'json',
  checkpoint: 'txt',
  tiles: 'bin',
};

export function manifestBytes(manifest: Manifest): Buffer {
  return Buffer.from(canonicalJson(manifest));
}

/** @returns null when the bytes are no manifest, in the one way to write it, that belongs under this name */
export function parseManifest(bytes: Buffer, name: string): Manifest | null {
  const value = parseJson(bytes);
  if (!Check(ManifestSchema, value)) return null;
  const manifest = value as Manifest;
  const hour = hourOf(manifest);
  const isItsPlace = `${segmentPrefix(manifest.cell, manifest.period, hour)}${manifestName}` === name;
  const isWhole =
    hour % hourMs === 0 &&
    hourText(hour) === manifest.hour &&
    manifest.size >= manifest.firstIndex &&
    manifest.before.length === perfectSubtrees(manifest.firstIndex);
  return isItsPlace && isWhole && manifestBytes(manifest).equals(bytes) ? manifest : null;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

export function hourOf(manifest: Manifest): number {
  return Date.parse(manifest.hour);
}

export function prefixOf(manifest: Manifest): string {
  return segmentPrefix(manifest.cell, manifest.period, hourOf(manifest));
}

/** The tree that the segment continues. */
export function treeBefore(manifest: Manifest): Frontier {
  const roots = manifest.before.map((root) => Buffer.from(root, 'hex'));
  return new Frontier(manifest.firstIndex, roots);
}

/** `<kind>-<part>.<first 16 hex digits of the SHA-256>.<ending>`. */
export function objectName(kind: ObjectKind, part: number, sha256: string): string {
  const ending = kind.startsWith('tiles-') ? kindEndings.tiles : kindEndings[kind as 'entries'];
  return `${partStem(kind, part)}${sha256.slice(0, 16)}.${ending}`;
}

/** Name of a part among the manifest's objects; null when there is none. */
export function partName(manifest: Manifest, kind: ObjectKind, part: number): string | null {
  const stem = partStem(kind, part);
  return Object.keys(manifest.objects).find((name) => name.startsWith(stem)) ?? null;
}

/** How many parts of a kind there are. */
export function partsOf(manifest: Manifest, kind: ObjectKind): number {
  return Object.keys(manifest.objects).filter((name) => name.startsWith(`${kind}-`)).length;
}

function partStem(kind: ObjectKind, part: number): string {
  return `${kind}-${String(part).padStart(4, '0')}.`;
}
