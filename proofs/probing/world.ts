import { KeyedHash } from '../../src/validation/probing/keyed-hash.ts';
import { isHigher, type Rung } from '../../src/validation/probing/ladder.ts';
import { Monitors } from '../../src/validation/probing/monitors.ts';
import { probingSettings } from '../../src/validation/probing/settings.ts';
import { sketchOf } from '../../src/validation/probing/sketch.ts';
import { Random } from '../../src/simulator/random.ts';
import { type AttackKind, attack } from './attackers.ts';
import { claimKinds, heavyKinds, honest, type HonestKind } from './honest.ts';
import { answerTo, type User } from './oracle.ts';

/** Queries that an attacker may make. */
const attackQueries = 500;

export interface HonestRow {
  readonly kind: HonestKind;
  readonly queries: number;
  readonly rung: Rung;
  readonly monitor: string | null;
  /** A query of theirs met a rung because it was near what somebody else probes. */
  readonly met: Rung;
}

export interface AttackRow {
  readonly kind: AttackKind;
  readonly accounts: number;
  readonly seed: number;
  /** Queries made when the first rung, and the second, was met; null where none was. */
  readonly firstCoarse: number | null;
  readonly firstThrottle: number | null;
  /** Queries made when one of its own led to an alert of the second rung or the third; null where none did. */
  readonly firstAlert: number | null;
  /** Of the last 50 queries, how many the model did not answer. */
  readonly stoppedAtEnd: number;
  /** The rungs that the last 50 met, by their count. */
  readonly rungsAtEnd: Readonly<Record<Rung, number>>;
  readonly monitors: readonly string[];
  readonly answered: number;
}

/** As the aim has it: throttled before the last query, and a person told of it by an alert that it led to itself. */
export function isCaught({ firstThrottle, firstAlert }: AttackRow): boolean {
  return isBefore(firstThrottle) && isBefore(firstAlert);
}

/** Stricter: caught, and of the last fifty queries the model answered no more than ten. */
export function isStopped(row: AttackRow): boolean {
  return isCaught(row) && row.stoppedAtEnd >= stoppedMin;
}

/** Which conditions of being caught and stopped do not hold. */
export function conditions({ firstThrottle, firstAlert, stoppedAtEnd }: AttackRow): readonly string[] {
  return [
    ...(isBefore(firstThrottle) ? [] : [`not caught: throttled at query ${firstThrottle ?? 'never'}`]),
    ...(isBefore(firstAlert) ? [] : [`not caught: alert at query ${firstAlert ?? 'never'}`]),
    ...(stoppedAtEnd >= stoppedMin ? [] : [`not stopped: ${50 - stoppedAtEnd} of the last 50 answered`]),
  ];
}

const stoppedMin = 40;

function isBefore(query: number | null): boolean {
  return query !== null && query < attackQueries;
}

interface Actor {
  readonly name: string;
  readonly user: User;
  readonly honest: HonestKind | null;
  readonly everyMs: number;
  atMs: number;
  queries: number;
  rung: Rung;
  met: Rung;
  monitor: string | null;
}

/** One tenant of a gateway: a warm-up by honest users, then honest users and one attacker at once. */
export class World {
  readonly #seed: number;
  readonly #random: Random;
  readonly #hash: KeyedHash;
  readonly #monitors: Monitors;
  #nowMs = Date.parse('2026-11-23T06:00:00Z');

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = new Random(seed);
    this.#hash = new KeyedHash(Buffer.from(`probing-${seed}-simulation`));
    this.#monitors = new Monitors(probingSettings(undefined), this.#hash);
  }

  warmUp(): void {
    const kinds: HonestKind[] = ['front end', ...Array.from({ length: 6 }, () => heavyKinds).flat()];
    const claims: HonestKind[] = Array.from({ length: 14 }, () => 'claims portal');
    this.#run(
      [...kinds, ...claims].map((kind, i) => this.#actor(kind, `old-${i}`)),
      null,
    );
  }

  run(kind: AttackKind, accounts: number): { attacker: AttackRow; honest: HonestRow[] } {
    const kinds: HonestKind[] = Array.from({ length: 4 }, () => [...heavyKinds, ...claimKinds]).flat();
    const actors = kinds.map((one, i) => this.#actor(one, `new-${i}`));
    const attacker = { kind, accounts, user: attack(kind, accounts, this.#random) };
    const row = this.#run(actors, attacker);
    const honestRows = actors.map(({ honest: of, queries, rung, monitor, met }) => ({
      kind: of ?? 'front end',
      queries,
      rung,
      monitor,
      met,
    }));
    if (row === null) throw new Error('a world without its attacker');
    return { attacker: row, honest: honestRows };
  }

  #actor(kind: HonestKind, name: string): Actor {
    const random = new Random(Math.floor(this.#random.next() * 2 ** 31));
    const isBatch = kind === 'load test' || kind === 'claims load test' || kind === 'batch re-quotes';
    return {
      name,
      user: honest(kind, random),
      honest: kind,
      everyMs: isBatch ? 2_000 : random.between(10_000, 60_000),
      atMs: this.#nowMs + random.between(0, 3_600_000),
      queries: 0,
      rung: 'none',
      met: 'none',
      monitor: null,
    };
  }

  #run(
    actors: readonly Actor[],
    attacker: { kind: AttackKind; accounts: number; user: User } | null,
  ): AttackRow | null {
    const byName = new Map(actors.map((actor) => [actor.name, actor]));
    const trace = {
      coarse: null as number | null,
      throttle: null as number | null,
      alert: null as number | null,
      met: [] as { readonly rung: Rung; readonly isAnswered: boolean }[],
      monitors: new Set<string>(),
    };
    const foe: Actor | null =
      attacker === null
        ? null
        : {
            name: 'foe',
            user: attacker.user,
            honest: null,
            everyMs: 15_000,
            atMs: this.#nowMs + 600_000,
            queries: 0,
            rung: 'none',
            met: 'none',
            monitor: null,
          };
    const active = [...actors, ...(foe ? [foe] : [])].map((actor) => ({ actor, next: actor.user.next() }));
    while (active.length > 0) {
      const turn = active.reduce((first, other) => (other.actor.atMs < first.actor.atMs ? other : first));
      const { actor, next } = turn;
      if (next.done || (actor === foe && actor.queries >= attackQueries)) {
        active.splice(active.indexOf(turn), 1);
        continue;
      }
      this.#nowMs = Math.max(this.#nowMs, actor.atMs);
      actor.queries += 1;
      const query = next.value;
      const answer = answerTo(query);
      const isClaim = 'claim' in query.input;
      const sender = {
        tenant: 'tenant',
        decisionType: isClaim ? 'claims' : 'credit',
        caller: actor === foe ? `foe-${query.account}` : actor.name,
        subject: null,
        sketch: sketchOf(isClaim ? query.input : query.input.application, this.#hash),
      };
      const { rung } = this.#monitors.standing(sender, this.#nowMs);
      if (isHigher(rung, actor.met)) actor.met = rung;
      const isHeld = rung === 'throttle' || rung === 'review';
      // A throttled sender has a turn now and then, as at the gateway; on the last rung a person has it, not the model.
      const throttled = isHeld && !this.#monitors.letThrough(sender, this.#nowMs);
      const isAnswered = !throttled && rung !== 'review';
      if (actor === foe) {
        if (rung !== 'none') trace.coarse ??= actor.queries;
        if (isHeld) trace.throttle ??= actor.queries;
        trace.met.push({ rung, isAnswered });
      }
      const result = isAnswered
        ? { outcome: answer.favourable ? 'approve' : 'decline', unwelcome: !answer.favourable }
        : { outcome: null, unwelcome: false };
      const seen = { ...sender, result, refused: false, throttled, atMs: this.#nowMs };
      for (const step of this.#monitors.observe(seen)) {
        if (actor === foe) {
          trace.monitors.add(step.monitor);
          if (step.rung !== 'coarse') trace.alert ??= actor.queries;
        }
        const of = step.of === 'caller' ? byName.get(step.caller) : undefined;
        if (of && isHigher(step.rung, of.rung)) {
          of.rung = step.rung;
          of.monitor = step.monitor;
        }
      }
      actor.atMs += actor.everyMs;
      turn.next = actor.user.next(answer);
    }
    if (!attacker) return null;
    const last = trace.met.slice(-50);
    const met = (at: Rung) => last.filter(({ rung }) => rung === at).length;
    return {
      kind: attacker.kind,
      accounts: attacker.accounts,
      seed: this.#seed,
      firstCoarse: trace.coarse,
      firstThrottle: trace.throttle,
      firstAlert: trace.alert,
      stoppedAtEnd: last.filter(({ isAnswered }) => !isAnswered).length,
      rungsAtEnd: {
        none: met('none'),
        coarse: met('coarse'),
        throttle: met('throttle'),
        review: met('review'),
      },
      monitors: [...trace.monitors],
      answered: trace.met.filter(({ isAnswered }) => isAnswered).length,
    };
  }
}
