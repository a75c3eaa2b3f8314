import { mintId } from '../audit/mint.ts';
import { recordSystemEntry } from '../audit/system-entry.ts';
import type { DecisionType } from '../config/decision-type.ts';
import { effectiveConfig } from '../config/effective.ts';
import type { LoadedConfig } from '../config/load.ts';
import { canonicalJson } from '../decision/canonical.ts';
import type { DecisionId, Digest } from '../decision/ids.ts';
import { type Part, type Release, makeRelease } from '../release/manifest.ts';
import { hasRelease, releaseInserts } from '../release/repository.ts';
import type { Cell } from './rooms.ts';
import { gatewayVersion } from './version.ts';

/** A detector or filter that determines decisions, by version and by the digest of its rules. */
export interface Determinant {
  readonly name: string;
  readonly version: string;
  /** Rules and thresholds as canonical JSON. */
  readonly content: string;
}

/**
 * Digests everything that determines each decision type, and stores the parts in every hosted cell
 * before the first decision names them. A release that is new to a cell leaves a `release` entry.
 */
export async function activateReleases(
  config: LoadedConfig,
  cells: Iterable<Cell>,
  determinants: readonly Determinant[],
  nowMs: () => number,
): Promise<Map<string, Digest>> {
  const shared: Part[] = [
    {
      name: 'configuration',
      mediaType: 'application/json',
      bytes: Buffer.from(canonicalJson(effectiveConfig(config).gateway)),
    },
    ...determinants.map(({ name, version, content }) => ({
      name: `${name}@${version}`,
      mediaType: 'application/json',
      bytes: Buffer.from(content),
    })),
  ];
  const releases = [...config.decisionTypes].map(
    ([name, type]) => [name, releaseOf(name, type, shared)] as const,
  );
  for (const cell of cells) {
    for (const [name, release] of releases) await activate(cell, name, release, nowMs);
  }
  return new Map(releases.map(([name, release]) => [name, release.digest]));
}

function releaseOf(name: string, type: DecisionType, shared: readonly Part[]): Release {
  return makeRelease(name, gatewayVersion, [...type.files, ...shared]);
}

async function activate(
  cell: Cell,
  decisionType: string,
  release: Release,
  nowMs: () => number,
): Promise<void> {
  if (await hasRelease(cell.store, release)) return;
  await recordSystemEntry(cell.store, {
    id: mintId<DecisionId>(),
    type: 'release',
    decisionType,
    release: release.digest,
    facts: { kind: 'release', action: 'activated', gateway: gatewayVersion, parts: release.manifest.parts },
    companions: releaseInserts(cell.id, release),
    nowMs,
  });
}
