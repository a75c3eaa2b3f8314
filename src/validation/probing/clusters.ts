import { LRUCache } from 'lru-cache';
import { likeness, type NearKeys, type Sketch } from './sketch.ts';

/** Inputs that are near each other, whoever sent them. */
export interface Cluster {
  readonly id: number;
  /** Different inputs in it; repeated ones count once. Halves as time goes by. */
  size: number;
  /** Times that a different input got another outcome than the one before it. */
  flips: number;
  /** Inputs that were refused, or got an outcome that their sender would not want. */
  unwelcome: number;
  /** Different inputs that got an outcome at all: a throttled one has none. */
  answered: number;
  lastOutcome: string | null;
  lastMs: number;
  readonly exact: Set<number>;
  readonly callers: Map<string, number>;
  readonly words: Uint32Array | null;
}

/** What became of an input, as far as monitors know it. */
export interface Result {
  /** A code of the outcome, or of a refusal; null where none is known. */
  readonly outcome: string | null;
  /** Whether somebody who probes would try again: it was refused, or is not what the type calls favourable. */
  readonly unwelcome: boolean;
}

export interface ClusterLimits {
  readonly keysMax: number;
  /** After so long without another input a cluster weighs half, ms. */
  readonly halfLifeMs: number;
}

const exactMax = 256;
const callersMax = 32;
/** Texts in one cluster have more than half of their words and pairs in common with its first. */
const likenessMin = 0.55;

/**
 * Near-duplicate clusters by locality-sensitive hashing: an input joins the cluster that it shares most keys with, and
 * brings its own, so that a walk which drifts away stays in one. Bounded: the keys longest unused
 * go, and clusters with their last key.
 */
export class Clusters {
  readonly #limits: ClusterLimits;
  readonly #byKey: LRUCache<number, Cluster>;
  #next = 1;

  constructor(limits: ClusterLimits) {
    this.#limits = limits;
    this.#byKey = new LRUCache({ max: limits.keysMax });
  }

  /** The cluster that such an input would join; null where it would begin one. */
  find(sketch: Sketch, keys: NearKeys): Cluster | null {
    const hits = new Map<Cluster, number>();
    const count = (cluster: Cluster | undefined) => {
      if (cluster !== undefined) hits.set(cluster, (hits.get(cluster) ?? 0) + 1);
    };
    // A request that has both fields and texts is near another only if both are.
    for (const key of keys.fields.length > 0 ? keys.fields : keys.words) count(this.#byKey.get(key));
    let best: Cluster | null = null;
    let most = 0;
    for (const [cluster, shared] of hits) {
      if (shared <= most || !isAlike(cluster.words, sketch.words)) continue;
      best = cluster;
      most = shared;
    }
    return best;
  }

  /** @returns the cluster, and whether the input is a new one in it */
  add(
    sketch: Sketch,
    keys: NearKeys,
    by: { readonly caller: string; readonly result: Result; readonly nowMs: number },
  ): { cluster: Cluster; isNew: boolean } {
    const { caller, result, nowMs } = by;
    const cluster = this.find(sketch, keys) ?? this.#begin(sketch, nowMs);
    this.#fade(cluster, nowMs);
    const isNew = !cluster.exact.has(keys.exact);
    if (isNew) {
      if (cluster.exact.size < exactMax) cluster.exact.add(keys.exact);
      cluster.size += 1;
      if (cluster.callers.has(caller) || cluster.callers.size < callersMax)
        cluster.callers.set(caller, (cluster.callers.get(caller) ?? 0) + 1);
      if (result.unwelcome) cluster.unwelcome += 1;
      const { lastOutcome } = cluster;
      if (result.outcome !== null) {
        if (lastOutcome !== null && lastOutcome !== result.outcome) cluster.flips += 1;
        cluster.lastOutcome = result.outcome;
        cluster.answered += 1;
      }
    }
    for (const key of keys.fields.length > 0 ? keys.fields : keys.words) this.#byKey.set(key, cluster);
    return { cluster, isNew };
  }

  #begin({ words }: Sketch, nowMs: number): Cluster {
    return {
      id: this.#next++,
      size: 0,
      flips: 0,
      unwelcome: 0,
      answered: 0,
      lastOutcome: null,
      lastMs: nowMs,
      exact: new Set(),
      callers: new Map(),
      words,
    };
  }

  #fade(cluster: Cluster, nowMs: number): void {
    const kept = 2 ** -(Math.max(0, nowMs - cluster.lastMs) / this.#limits.halfLifeMs);
    cluster.size *= kept;
    cluster.flips *= kept;
    cluster.unwelcome *= kept;
    cluster.answered *= kept;
    cluster.lastMs = Math.max(cluster.lastMs, nowMs);
  }
}

function isAlike(one: Uint32Array | null, other: Uint32Array | null): boolean {
  if (one === null || other === null) return one === other;
  return likeness(one, other) >= likenessMin;
}
