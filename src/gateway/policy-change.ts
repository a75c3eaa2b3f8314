import { mintId } from '../audit/mint.ts';
import { findEntries } from '../audit/repository.ts';
import { recordSystemEntry } from '../audit/system-entry.ts';
import type { LoadedConfig } from '../config/load.ts';
import { digestOf } from '../decision/canonical.ts';
import type { SystemFacts } from '../decision/entry.ts';
import type { DecisionId, Digest } from '../decision/ids.ts';
import { findParts, releaseInserts } from '../release/repository.ts';
import { policyDifference } from '../residency/policy-difference.ts';
import {
  type PastPolicy,
  findCurrentPolicy,
  findPolicies,
  policyInsert,
} from '../residency/policy-history.ts';
import { policyJson } from '../residency/policy-json.ts';
import type { ResidencyPolicy } from '../residency/policy.ts';
import { ConflictError } from '../storage/errors.ts';
import type { Store } from '../storage/store.ts';
import type { Cell } from './rooms.ts';

/** What a `configuration` entry says about a new residency policy. */
interface PolicyChangeFacts extends SystemFacts {
  readonly kind: 'configuration';
  readonly action: 'residency-policy';
  /** The account that the gateway ran under: `process/1000`. */
  readonly by: string;
  /** One sentence for each change; the policies themselves are kept by digest. */
  readonly changes: readonly string[];
  /** Changes beyond those that are listed. */
  readonly furtherChanges: number;
  readonly policy: Digest;
  /** Null for a cell's first. */
  readonly previous: Digest | null;
}

/** A change of policy as its entry tells it. */
export interface PolicyChange {
  readonly cell: string;
  readonly entry: DecisionId;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly by: string;
  readonly previous: Digest | null;
  readonly policy: Digest;
  readonly changes: readonly string[];
  readonly furtherChanges: number;
}

const changesMax = 200;
const raceMax = 5;
const runningAs = `process/${process.getuid?.() ?? 'unknown'}`;

/**
 * Makes the policy a matter of record in each cell where the last recorded one was another: who, what
 * changed, both digests; and keeps its bytes, so that the digest in any decision can be read for ever.
 */
export async function recordPolicyChanges(
  config: LoadedConfig,
  cells: Iterable<Cell>,
  nowMs: () => number,
): Promise<void> {
  for (const { store } of cells) await recordPolicyChange(store, config.gateway, nowMs);
}

async function recordPolicyChange(store: Store, policy: ResidencyPolicy, nowMs: () => number): Promise<void> {
  const bytes = Buffer.from(policyJson(policy));
  const digest = digestOf(bytes);
  for (let attempt = 1; ; attempt += 1) {
    const current = await findCurrentPolicy(store);
    if (current?.policy === digest) return;
    try {
      return await record(store, { policy, bytes, digest }, current, nowMs);
    } catch (error) {
      // Another gateway was first: with the same policy, most likely.
      if (!(error instanceof ConflictError) || attempt === raceMax) throw error;
    }
  }
}

async function record(
  store: Store,
  next: { readonly policy: ResidencyPolicy; readonly bytes: Buffer; readonly digest: Digest },
  current: PastPolicy | null,
  nowMs: () => number,
): Promise<void> {
  const entry = mintId<DecisionId>();
  const changes = await changesTo(store, next.policy, current);
  const facts: PolicyChangeFacts = {
    action: 'residency-policy',
    by: runningAs,
    changes: changes.slice(0, changesMax),
    furtherChanges: Math.max(0, changes.length - changesMax),
    kind: 'configuration',
    policy: next.digest,
    previous: current?.policy ?? null,
  };
  const stored = [{ digest: next.digest, mediaType: 'application/json', bytes: next.bytes }];
  const number = (current?.number ?? 0) + 1;
  await recordSystemEntry(store, {
    id: entry,
    type: 'configuration',
    decisionType: null,
    release: null,
    facts,
    companions: [
      ...releaseInserts(store.cell, { stored }),
      policyInsert(store.cell, { number, policy: next.digest, entry }),
    ],
    nowMs,
  });
}

async function changesTo(
  store: Store,
  policy: ResidencyPolicy,
  current: PastPolicy | null,
): Promise<readonly string[]> {
  if (current === null) return ['the first policy of this cell'];
  const before = await readPolicy(store, current.policy);
  if (before === null) return ['the policy before is not in the store any more, or is another than recorded'];
  const changes = policyDifference(before, policy);
  return changes.length > 0 ? changes : ['written differently, and means the same'];
}

/** A policy by the digest that decisions name; null when the store lacks it or its bytes were changed. */
export async function readPolicy(store: Store, digest: Digest): Promise<ResidencyPolicy | null> {
  const part = (await findParts(store, [digest])).get(digest);
  return part && digestOf(part.bytes) === digest
    ? (JSON.parse(part.bytes.toString('utf8')) as ResidencyPolicy)
    : null;
}

interface PolicyChangePage {
  readonly changes: readonly PolicyChange[];
  /** Number to ask the next page after; null on the last one. */
  readonly next: number | null;
}

const pageMax = 100;

/** Changes of a cell's policy since a moment, oldest first. */
async function listPolicyChanges(
  store: Store,
  { sinceMs, after = 0 }: { readonly sinceMs: number; readonly after?: number },
): Promise<PolicyChangePage> {
  const found = await findPolicies(store.cell, store.query, { sinceMs, after, limit: pageMax });
  const changes: PolicyChange[] = [];
  for (const { entry } of found) {
    const header = (await findEntries(store, entry))[0]?.header;
    if (header === undefined) continue;
    const { by, previous, policy, changes: words, furtherChanges } = header.facts as PolicyChangeFacts;
    changes.push({
      cell: store.cell,
      entry,
      time: header.time,
      by,
      previous,
      policy,
      changes: words,
      furtherChanges,
    });
  }
  return { changes, next: found.length === pageMax ? (found.at(-1)?.number ?? null) : null };
}

/** Every change since a moment, all pages together. */
export async function allPolicyChanges(store: Store, sinceMs: number): Promise<PolicyChange[]> {
  const all: PolicyChange[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page: PolicyChangePage = await listPolicyChanges(store, { sinceMs, after });
    all.push(...page.changes);
    after = page.next;
  }
  return all;
}
