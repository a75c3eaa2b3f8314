import { isObject } from '../decision/json.ts';
import type { ProbingFacts } from '../decision/entry.ts';
import { type StopVerdict, stop } from '../decision/verdict.ts';
import type { StorageLog } from '../storage/log.ts';
import { InvariantError } from '../decision/errors.ts';
import type { Sender, Step } from '../validation/probing/monitors.ts';
import { type ProbingSettings, probingSettings } from '../validation/probing/settings.ts';
import { openWatch, type Watch } from '../validation/probing/watch.ts';
import type { Passage } from './decide.ts';
import type { Judgement } from './judge.ts';
import type { Cell, Rooms } from './rooms.ts';
import type { Submission } from './submission.ts';

/** The monitors of every hosted cell. */
export interface Probing {
  readonly settings: ProbingSettings;
  watchOf(cell: string): Watch;
  stop(): Promise<void>;
}

/** @throws StoreUnavailableError */
export async function openProbing(options: {
  readonly cells: ReadonlyMap<string, Pick<Cell, 'id' | 'store' | 'keyring'>>;
  readonly config: Rooms['config'];
  readonly log: StorageLog;
}): Promise<Probing> {
  const settings = probingSettings(options.config.gateway.probing);
  const watches = new Map<string, Watch>();
  for (const { id, store, keyring } of options.cells.values()) {
    const mac = (purpose: string, data: string) => keyring.mac(purpose, data);
    watches.set(id, await openWatch({ store, settings, mac, log: options.log }));
  }
  return {
    settings,
    watchOf(cell) {
      const watch = watches.get(cell);
      if (watch === undefined) throw new InvariantError('a cell without monitors');
      return watch;
    },
    async stop() {
      await Promise.all([...watches.values()].map((watch) => watch.stop()));
    },
  };
}

/** What a request is to monitors; null where nothing is watched: vectors decide nothing. */
export interface Watched {
  readonly sender: Sender;
  /** Where its sender or its like stands, and what was done; null on no rung. */
  readonly facts: ProbingFacts | null;
}

/** Looks where a request stands, before anything is asked. Takes a throttled caller's turn. */
export function watchRequest({ rooms, submission, type, cell }: Passage): Watched | null {
  const { settings } = rooms.probing;
  if (settings.mode === 'off' || type.config.purpose === 'embedding') return null;
  const { caller, claims } = submission;
  const watcher = rooms.probing.watchOf(cell.id);
  const sender: Sender = {
    tenant: caller.tenant,
    decisionType: type.config.name,
    caller: caller.keyId,
    subject:
      claims.subject === null ? null : cell.keys.subjectMac(caller.tenant, claims.subject).toString('base64'),
    sketch: watcher.sketch(inputOf(submission)),
  };
  const nowMs = rooms.nowMs();
  const { rung, of, monitor, size } = watcher.standing(sender, nowMs);
  if (rung === 'none' || monitor === null) return { sender, facts: null };
  const did = () => {
    if (settings.mode === 'monitor') return 'nothing';
    if (rung === 'coarse') return 'coarse';
    if (!watcher.letThrough(sender, nowMs)) return 'throttled';
    return rung === 'review' ? 'review' : 'coarse';
  };
  return { sender, facts: { did: did(), inputs: size, monitor, of, rung } };
}

/** What stands for near or far: the case, or the texts, without what is the same in every request. */
function inputOf({ content, texts }: Submission): unknown {
  return content.kind === 'case' ? content.input : texts.map(({ text }) => text);
}

/** The verdict that follows from a rung; null where the request goes on. Pure: a replay makes it from the record. */
export function probingVerdict(facts: ProbingFacts | undefined): StopVerdict | null {
  if (facts === undefined) return null;
  // Which monitor it was stands in the facts; it is not for whoever probes.
  if (facts.did === 'throttled') return stop('refuse', 'probing', 'PROBING_THROTTLED');
  return facts.did === 'review' ? stop('review', 'probing', 'PROBING_SUSPECTED') : null;
}

/** An answer as somebody on a rung gets it: confidence to one decimal. Pure. @param field where the answer states it */
export function coarser(judgement: Judgement, facts: ProbingFacts | undefined, field: string): Judgement {
  if (facts?.did !== 'coarse') return judgement;
  const { answer, score } = judgement;
  const stated = isObject(answer) ? answer[field] : undefined;
  const rounded =
    isObject(answer) && typeof stated === 'number' ? { ...answer, [field]: toTenth(stated) } : answer;
  return {
    ...judgement,
    answer: rounded,
    text: rounded === answer ? judgement.text : JSON.stringify(rounded),
    score: score && { ...score, value: toTenth(score.value) },
  };
}

function toTenth(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Tells the monitors what became of a request, once that is sealed, and raises an alert at each step up. */
export function observeOutcome(
  { rooms, cell, watched, type, keyId }: Passage,
  status: 'decided' | 'in_review' | 'refused',
  outcome: string | null,
): void {
  if (watched === undefined || watched === null) return;
  const { sender, facts } = watched;
  const isThrottled = facts?.did === 'throttled';
  const { favourable } = type.config.outcome;
  const isRefused = status === 'refused' && !isThrottled;
  const result = {
    outcome: isThrottled ? null : isRefused ? 'refused' : outcome,
    unwelcome: isRefused || (outcome !== null && !favourable.includes(outcome)),
  };
  const observation = { ...sender, result, refused: isRefused, throttled: isThrottled, atMs: rooms.nowMs() };
  for (const step of rooms.probing.watchOf(cell.id).observe(observation, keyId)) alertOf(rooms, cell, step);
}

function alertOf({ alerts, probing }: Rooms, cell: Cell, step: Step): void {
  const { caller, decisionType, monitor, of, rung, size, tenant } = step;
  const detail = {
    caller,
    decisionType,
    mode: probing.settings.mode,
    monitor,
    of,
    rung,
    inputs: size,
    tenant,
  };
  alerts.raiseOften({ kind: 'probing', cell: cell.id, detail }, `${caller} ${of} ${rung} ${monitor}`);
}
