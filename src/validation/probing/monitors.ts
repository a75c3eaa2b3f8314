import { LRUCache } from 'lru-cache';
import { Baseline } from './baseline.ts';
import { Calibration } from './calibration.ts';
import { type Cluster, Clusters, type Result } from './clusters.ts';
import { type Conduct, newConduct } from './conduct.ts';
import { distribution } from './distribution.ts';
import { type Ground, type Sign } from './ground.ts';
import type { KeyedHash } from './keyed-hash.ts';
import { type Heat, heated, isHigher, type MonitorName, type Rung, rungAt } from './ladder.ts';
import type { ProbingSettings } from './settings.ts';
import { type NearKeys, nearKeys, type Sketch } from './sketch.ts';
import { nearDuplicates, ownInputsMin, persistence, refusals, sharedWalks, shortWalks } from './walks.ts';

/** One request as monitors see it. Names are as the caller of this room gives them: ids and keyed digests. */
export interface Observation {
  readonly tenant: string;
  readonly decisionType: string;
  readonly caller: string;
  /** Keyed digest of whom it is about; null where nobody is named. */
  readonly subject: string | null;
  readonly sketch: Sketch;
  readonly result: Result;
  /** A gate refused it. */
  readonly refused: boolean;
  /** These monitors refused it: its sender's turn had not come. */
  readonly throttled: boolean;
  readonly atMs: number;
}

export type Sender = Pick<Observation, 'tenant' | 'decisionType' | 'caller' | 'subject' | 'sketch'>;

/** Where a request stands on the ladder, and because of what. */
export interface Standing {
  readonly rung: Rung;
  readonly of: 'caller' | 'subject' | 'cluster';
  readonly monitor: MonitorName | null;
  readonly size: number;
}

/** Somebody, or a group of inputs, came to a higher rung. */
export interface Step extends Standing {
  readonly tenant: string;
  readonly decisionType: string;
  readonly caller: string;
  readonly monitor: MonitorName;
}

const groundsMax = 100;
const conductsMax = 20_000;
/** About 26 for each input with fields: the last 15,000 of a cell, and some 60 MB. */
const keysMax = 400_000;
/** All monitors of a cell. Pure but for what it has seen: the same observations in the same order lead to the same rungs. */
export class Monitors {
  readonly #settings: ProbingSettings;
  readonly #hash: KeyedHash;
  readonly #clusters: Clusters;
  readonly #grounds = new LRUCache<string, Ground>({ max: groundsMax });
  readonly #conducts = new LRUCache<string, Conduct>({ max: conductsMax });
  readonly #subjects = new LRUCache<string, { heat: Heat | null }>({ max: conductsMax });

  constructor(settings: ProbingSettings, hash: KeyedHash) {
    this.#settings = settings;
    this.#hash = hash;
    this.#clusters = new Clusters({ keysMax, halfLifeMs: 2 * settings.halfLifeMs });
  }

  /** Where such a request stands now. Changes nothing. */
  standing(sender: Sender, nowMs: number): Standing {
    const ground = this.#grounds.get(groundOf(sender));
    const none: Standing = { rung: 'none', of: 'caller', monitor: null, size: 0 };
    if (ground === undefined) return none;
    const keys = this.#keysOf(ground, sender.sketch);
    const cluster = this.#clusters.find(sender.sketch, keys);
    const heats = [
      ['caller', this.#conducts.get(callerOf(sender))?.heat],
      ['subject', sender.subject === null ? null : this.#subjects.get(subjectOf(sender))?.heat],
      ['cluster', cluster === null ? null : ground.heats.get(cluster)],
    ] as const;
    return heats.reduce<Standing>((highest, [of, heat]) => {
      const rung = rungAt(heat, nowMs, this.#settings.halfLifeMs);
      if (!heat || !isHigher(rung, highest.rung)) return highest;
      return { rung, of, monitor: heat.monitor, size: heat.size };
    }, none);
  }

  /** @returns whether a throttled caller's turn has come; it is taken then */
  letThrough(sender: Sender, nowMs: number): boolean {
    const conduct = this.#conductOf(sender);
    if (nowMs - conduct.letThroughMs < this.#settings.throttleMs) return false;
    conduct.letThroughMs = nowMs;
    return true;
  }

  /** Takes what became of a request into every monitor. */
  observe(seen: Observation): readonly Step[] {
    const settings = this.#settings;
    const ground = this.#groundOf(seen);
    const conduct = this.#conductOf(seen);
    const keys = this.#keysOf(ground, seen.sketch);
    const { caller, result, atMs: nowMs } = seen;
    if (result.outcome !== null) conduct.letThroughMs = Math.max(conduct.letThroughMs, nowMs);
    const flipsBefore = this.#clusters.find(seen.sketch, keys)?.flips ?? 0;
    const { cluster, isNew } = this.#clusters.add(seen.sketch, keys, { caller, result, nowMs });
    const signs: Sign[] = [refusals(conduct, seen.refused)];
    const steps: Step[] = [];
    if (seen.throttled) signs.push(...persistence(conduct, keys.exact, { nowMs, settings }));
    if (isNew) {
      conduct.inputs += 1;
      const near = nearDuplicates(cluster, settings.clusterSize);
      steps.push(...this.#heatCluster(ground, cluster, near, seen));
      if ((cluster.callers.get(caller) ?? 0) >= ownInputsMin) signs.push(near);
      signs.push(shortWalks(conduct, cluster, cluster.flips > flipsBefore, result.outcome !== null));
      signs.push(sharedWalks(ground, conduct, cluster, { nowMs, settings }));
      // Repeated inputs and variations say nothing about a distribution.
      const isTrusted = rungAt(conduct.heat, nowMs, settings.halfLifeMs) === 'none';
      if (cluster.exact.size < 2)
        signs.push(...distribution(ground, conduct, { ...seen, nowMs, settings, isTrusted }));
    }
    for (const sign of signs) steps.push(...this.#heatSender(conduct, sign, seen));
    return steps;
  }

  #heatCluster(ground: Ground, cluster: Cluster, sign: Sign, seen: Observation): Step[] {
    const before = ground.heats.get(cluster);
    const after = heated(before, sign, this.#at(seen));
    if (after) ground.heats.set(cluster, after);
    return this.#stepped('cluster', before, after, seen);
  }

  #heatSender(conduct: Conduct, sign: Sign, seen: Observation): Step[] {
    const before = conduct.heat;
    conduct.heat = heated(before, sign, this.#at(seen));
    const steps = this.#stepped('caller', before, conduct.heat, seen);
    // What a caller's distribution says is said about the caller, and not about whoever the cases are of.
    if (seen.subject === null || sign.monitor !== 'near-duplicates') return steps;
    const subject = this.#subjects.get(subjectOf(seen)) ?? { heat: null };
    const earlier = subject.heat;
    subject.heat = heated(earlier, sign, this.#at(seen));
    this.#subjects.set(subjectOf(seen), subject);
    return [...steps, ...this.#stepped('subject', earlier, subject.heat, seen)];
  }

  #stepped(
    of: Standing['of'],
    before: Heat | null | undefined,
    after: Heat | null,
    seen: Observation,
  ): Step[] {
    const { tenant, decisionType, caller, atMs } = seen;
    const rung = rungAt(after, atMs, this.#settings.halfLifeMs);
    if (!after || !isHigher(rung, rungAt(before, atMs, this.#settings.halfLifeMs))) return [];
    return [{ tenant, decisionType, caller, of, rung, monitor: after.monitor, size: after.size }];
  }

  #keysOf({ scope, baseline }: Ground, sketch: Sketch): NearKeys {
    const { exact, fields, words } = nearKeys(sketch, this.#hash, baseline.isIdentity);
    const scoped = (key: number) => this.#hash.pair(scope, key);
    return { exact, fields: fields.map(scoped), words: words.map(scoped) };
  }

  #at({ atMs }: Observation) {
    return { nowMs: atMs, halfLifeMs: this.#settings.halfLifeMs };
  }

  #groundOf(seen: Sender): Ground {
    const known = this.#grounds.get(groundOf(seen));
    if (known !== undefined) return known;
    const ground: Ground = {
      scope: this.#hash.text(groundOf(seen)),
      shared: { inputs: 0, atMs: 0 },
      outliers: { inputs: 0, atMs: 0 },
      baseline: new Baseline(this.#hash),
      calibration: new Calibration(),
      heats: new WeakMap(),
    };
    this.#grounds.set(groundOf(seen), ground);
    return ground;
  }

  #conductOf(seen: Sender): Conduct {
    const known = this.#conducts.get(callerOf(seen));
    if (known !== undefined) return known;
    const conduct = newConduct();
    this.#conducts.set(callerOf(seen), conduct);
    return conduct;
  }
}

function groundOf({ tenant, decisionType }: Sender): string {
  return JSON.stringify([tenant, decisionType]);
}

function callerOf({ tenant, decisionType, caller }: Sender): string {
  return JSON.stringify([tenant, decisionType, caller]);
}

function subjectOf({ tenant, decisionType, subject }: Sender): string {
  return JSON.stringify([tenant, decisionType, subject]);
}
