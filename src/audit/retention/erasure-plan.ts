import type { SystemFacts } from '../../decision/entry.ts';
import type { Store } from '../../storage/store.ts';
import type { KeyStore } from '../key-store.ts';
import { holdsOn } from './hold.ts';
import { type Keeping, findKeepings } from './keeping.ts';
import { findDecisionsOfKey, findKeyOwner } from './repository.ts';
import { type KeepUntil, hasPassed, longest } from './term.ts';

export interface ErasurePorts {
  readonly store: Store;
  readonly keys: KeyStore;
  readonly nowMs: () => number;
  /** The law behind a retention class, as configured; null when none is named. */
  readonly lawOf: (retentionClass: string) => string | null;
  /** Reference of the contract under which an endpoint may keep logs of its own; null when unknown. */
  readonly contractOf: (endpoint: string) => string | null;
}

/** What can be done about an erasure now, as the facts of its next entry. */
export type ErasurePlan =
  | { readonly kind: 'held' | 'due' | 'already-destroyed'; readonly facts: SystemFacts }
  /** `atMs`: epoch ms; null when only an event can end the retention. */
  | { readonly kind: 'scheduled'; readonly atMs: number | null; readonly facts: SystemFacts };

/** Holds first, then the longest term of every decision under the key; what neither keeps is due. */
export async function planErasure(ports: ErasurePorts, tenant: string, keyId: string): Promise<ErasurePlan> {
  const { store } = ports;
  const owner = await findKeyOwner(store, keyId);
  if (!owner) {
    const facts = { action: 'already-destroyed', keyId, kind: 'erasure' } as const;
    return { kind: 'already-destroyed', facts };
  }
  const decisions = await findDecisionsOfKey(store, keyId);
  const keepings = await findKeepings(store, decisions);
  const holds = await holdsOn(store, { tenant, decisions, subjectMac: owner.subjectMac });
  if (holds.length > 0) {
    const facts = { action: 'held', decisions: decisions.length, holds, keyId, kind: 'erasure' } as const;
    return { kind: 'held', facts };
  }
  const until = longest(keepings.map((keeping) => keeping.until));
  if (keepings.length > 0 && !hasPassed(until, ports.nowMs()))
    return scheduled(ports, keyId, keepings, until);
  return { kind: 'due', facts: executed(ports, keyId, keepings) };
}

/** Records that a law asks for outlive a request to erase them: GDPR Art. 17(3)(b). */
function scheduled(
  ports: ErasurePorts,
  keyId: string,
  keepings: readonly Keeping[],
  until: KeepUntil,
): ErasurePlan {
  const atMs = until.kind === 'until' ? until.atMs : null;
  const classes = [...new Set(until.terms.map((term) => term.class))].sort();
  const facts = {
    action: 'scheduled',
    basis: 'GDPR Art. 17(3)(b)',
    decisions: keepings.length,
    keyId,
    kind: 'erasure',
    under: classes.map((name) => ({ class: name, law: ports.lawOf(name) })),
    until: atMs === null ? null : new Date(atMs).toISOString(),
  } as const;
  return { kind: 'scheduled', atMs, facts };
}

/** The counts are what the store holds the order against: one decision more, and it refuses. */
function executed(ports: ErasurePorts, keyId: string, keepings: readonly Keeping[]): SystemFacts {
  const endpoints = [...new Set(keepings.flatMap((keeping) => keeping.endpoints))].sort();
  return {
    action: 'executed',
    decisions: keepings.length,
    keyId,
    kind: 'erasure',
    remains: [
      ...remains,
      ...endpoints.map((id) => ({
        what: `provider-logs:${id}`,
        why: `contract ${ports.contractOf(id) ?? 'unknown'}`,
      })),
    ],
    retentionEntries: keepings.reduce((sum, keeping) => sum + keeping.retentionEntries, 0),
  };
}

/** What an erasure leaves behind everywhere, and why it may stay (docs/retention.md). */
const remains = [
  { what: 'headers-and-proofs', why: 'codes, ids, places and digests; they prove what was decided' },
  { what: 'ciphertext', why: 'cannot be opened without the key' },
  { what: 'archive-segments', why: 'ciphertext; locked against change' },
  { what: 'key-backups', why: 'kept until their age is over' },
  { what: 'idempotency-keys', why: 'keyed digests of the caller’s own keys' },
] as const;
