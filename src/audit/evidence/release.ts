import { parse } from 'yaml';
import type { Digest } from '../../decision/ids.ts';
import type { EvidencePorts } from './ports.ts';

/** What determined how the decision type behaved that day. */
export interface ToldRelease {
  readonly digest: Digest;
  readonly gateway: string | null;
  /** The manifest first, as `manifest`. `bytes` is null where the store has no such part. */
  readonly parts: readonly {
    readonly name: string;
    readonly digest: Digest;
    readonly bytes: Buffer | null;
  }[];
}

export async function readRelease(digest: Digest | null, ports: EvidencePorts): Promise<ToldRelease | null> {
  if (digest === null) return null;
  const bytes = await ports.part(digest);
  const manifest = bytes && (JSON.parse(bytes.toString('utf8')) as { gateway: string; parts: object });
  const named = Object.entries(manifest?.parts ?? {}) as [string, Digest][];
  const parts = await Promise.all(
    named.map(async ([name, part]) => ({ name, digest: part, bytes: await ports.part(part) })),
  );
  return {
    digest,
    gateway: manifest?.gateway ?? null,
    parts: [{ name: 'manifest', digest, bytes }, ...parts],
  };
}

/** Texts of the reason codes of that day. */
export function reasonTexts(release: ToldRelease | null): ReadonlyMap<string, string> {
  const reasons = parsedPart(release, (name) => name === 'reasons.yaml');
  if (!Array.isArray(reasons)) return new Map();
  const pairs = reasons as readonly { code: string; text: string }[];
  return new Map(pairs.map(({ code, text }) => [code, text]));
}

export interface ToldMechanism {
  readonly law?: string;
  readonly kind?: string;
  readonly ref?: string;
  readonly validUntil?: string;
}

/** A transfer mechanism as the configuration of that day had it. */
export function mechanismOf(release: ToldRelease | null, id: string): ToldMechanism | null {
  const configuration = parsedPart(release, (name) => name === 'configuration');
  const mechanisms = (configuration as { mechanisms?: readonly (ToldMechanism & { id: string })[] } | null)
    ?.mechanisms;
  return mechanisms?.find((mechanism) => mechanism.id === id) ?? null;
}

type SurfaceThresholds = Readonly<Record<string, { refuse: number; review: number }>>;

/** Newer rules keep their policy in one place. */
interface Rules {
  readonly policy?: { readonly thresholds?: SurfaceThresholds };
  readonly thresholds?: SurfaceThresholds;
}

/** Scores in thousandths from which a text of each surface was refused or sent to a person. */
export function surfaceThresholds(release: ToldRelease | null): SurfaceThresholds {
  const rules = parsedPart(release, (name) => name.startsWith('validation-rules@')) as Rules | null;
  return rules?.policy?.thresholds ?? rules?.thresholds ?? {};
}

function parsedPart(release: ToldRelease | null, isIt: (name: string) => boolean): unknown {
  const part = release?.parts.find(({ name }) => isIt(name));
  if (!part?.bytes) return null;
  const text = part.bytes.toString('utf8');
  return part.name.endsWith('.yaml') ? parse(text) : JSON.parse(text);
}
