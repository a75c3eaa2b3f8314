import type { ScoredWindow, SurfaceKind, SurfaceText } from '../../decision/surface.ts';
import type { Detection, Detector } from '../detector.ts';
import { judge } from '../judgement.ts';
import { wilsonInterval } from '../wilson-interval.ts';
import { areaUnderCurve, recallAtFalsePositives } from './ranking.ts';

export interface LabelledText {
  readonly text: string;
  readonly label: 'attack' | 'benign';
  readonly surface: SurfaceKind;
  readonly source: string;
}

/** What became of one text. */
export interface MeasuredText {
  readonly surface: SurfaceKind;
  readonly source: string;
  readonly isAttack: boolean;
  readonly isDetected: boolean;
  readonly score: number;
  readonly characters: number;
  readonly elapsedUs: number;
}

/** Figures of a set of texts; null where there is nothing to count. */
export interface Measurement {
  readonly n: number;
  readonly attacks: number;
  readonly benign: number;
  readonly auc: number | null;
  readonly recallAtFpr: Readonly<Record<(typeof falsePositiveShares)[number], number | null>>;
  /** At the thresholds of the policy, by the verdict of the gate. */
  readonly recall: number | null;
  readonly recallInterval: readonly [number, number] | null;
  readonly fpr: number | null;
  readonly fprInterval: readonly [number, number] | null;
  readonly usPer1000Characters: number | null;
}

export interface Evaluation {
  readonly surfaces: Readonly<Record<string, Measurement>>;
  readonly sources: Readonly<Record<string, Measurement>>;
}

const falsePositiveShares = ['0.005', '0.01', '0.05'] as const;

/** What a model of the operator's own made of a text, and how long it took. */
export interface AskedText {
  readonly scored: readonly ScoredWindow[];
  readonly elapsedUs: number;
}

/** Passes texts through the judgement of the gate, one by one. */
export function createMeter(detector: Detector): (text: LabelledText, asked?: AskedText) => MeasuredText {
  let last: Detection | null = null;
  // The judgement says what follows; the detection underneath it is what texts are ranked by.
  const listening: Detector = {
    ...detector,
    detect(text) {
      last = detector.detect(text);
      return last;
    },
  };
  return ({ text, label, surface, source }, asked) => {
    const base = { surface, origin: '/text', text };
    const seen: SurfaceText = asked ? { ...base, scored: asked.scored } : base;
    const startedNs = process.hrtime.bigint();
    const verdict = judge([seen], new Set(), detector.policy, listening);
    const elapsedUs = Number(process.hrtime.bigint() - startedNs) / 1000 + (asked?.elapsedUs ?? 0);
    return {
      surface,
      source,
      isAttack: label === 'attack',
      isDetected: verdict.kind !== 'pass',
      score: last?.score ?? 0,
      characters: text.length,
      elapsedUs,
    };
  };
}

export function evaluationOf(texts: readonly MeasuredText[]): Evaluation {
  const by = (keyOf: (text: MeasuredText) => string) => {
    const names = [...new Set(texts.map(keyOf))].sort();
    return Object.fromEntries(
      names.map((name) => [name, measurementOf(texts.filter((text) => keyOf(text) === name))]),
    );
  };
  return { surfaces: by(({ surface }) => surface), sources: by(({ source }) => source) };
}

export function measurementOf(texts: readonly MeasuredText[]): Measurement {
  const attacks = texts.filter(({ isAttack }) => isAttack);
  const benign = texts.filter(({ isAttack }) => !isAttack);
  const caught = share(attacks);
  const flagged = share(benign);
  const characters = texts.reduce((sum, text) => sum + text.characters, 0);
  const elapsedUs = texts.reduce((sum, text) => sum + text.elapsedUs, 0);
  return {
    n: texts.length,
    attacks: attacks.length,
    benign: benign.length,
    auc: areaUnderCurve(texts),
    recallAtFpr: {
      '0.005': recallAtFalsePositives(texts, 0.005),
      '0.01': recallAtFalsePositives(texts, 0.01),
      '0.05': recallAtFalsePositives(texts, 0.05),
    },
    recall: caught.value,
    recallInterval: caught.interval,
    fpr: flagged.value,
    fprInterval: flagged.interval,
    usPer1000Characters: characters === 0 ? null : (elapsedUs * 1000) / characters,
  };
}

function share(texts: readonly MeasuredText[]) {
  if (texts.length === 0) return { value: null, interval: null };
  const detected = texts.filter(({ isDetected }) => isDetected).length;
  return { value: detected / texts.length, interval: wilsonInterval(detected, texts.length) };
}
