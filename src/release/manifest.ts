import { canonicalJson, digestOf } from '../decision/canonical.ts';
import type { Digest } from '../decision/ids.ts';

/** One thing that determines behaviour, by content. */
export interface Part {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** Everything that determined how a decision type behaved, by digest; its own digest is the release. */
export interface Manifest {
  readonly schema: 1;
  readonly decisionType: string;
  readonly gateway: string;
  readonly parts: Readonly<Record<string, Digest>>;
}

export interface Release {
  readonly digest: Digest;
  readonly manifest: Manifest;
  /** The parts and the manifest itself, to be stored by digest. */
  readonly stored: readonly { readonly digest: Digest; readonly mediaType: string; readonly bytes: Buffer }[];
}

export function makeRelease(decisionType: string, gatewayVersion: string, parts: readonly Part[]): Release {
  const digested = parts.map((part) => ({ ...part, digest: digestOf(part.bytes) }));
  const manifest: Manifest = {
    schema: 1,
    decisionType,
    gateway: gatewayVersion,
    parts: Object.fromEntries(digested.map((part) => [part.name, part.digest])),
  };
  const bytes = Buffer.from(canonicalJson(manifest));
  const digest = digestOf(bytes);
  const stored = [...digested, { digest, mediaType: 'application/vnd.countersign.manifest+json', bytes }];
  return { digest, manifest, stored };
}
