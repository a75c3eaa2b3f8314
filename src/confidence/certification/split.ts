import { permutation } from '../calibration/random.ts';

/** How labelled cases are shared out between fitting, certifying and measuring. */
export type Design = 'split' | 'cross-fit';

export interface Split<T> {
  readonly fit: readonly T[];
  readonly certify: readonly T[];
  readonly measure: readonly T[];
}

const fitShare = 0.4;
const certifyShare = 0.4;

/** In the order given: the earliest cases fit, the next certify, the latest measure. */
export function splitInOrder<T>(cases: readonly T[]): Split<T> {
  const fitted = Math.floor(cases.length * fitShare);
  const certified = fitted + Math.floor(cases.length * certifyShare);
  return {
    fit: cases.slice(0, fitted),
    certify: cases.slice(fitted, certified),
    measure: cases.slice(certified),
  };
}

/** In an order drawn from the seed: the order of a file may be that of its scores or labels. */
export function shuffled<T>(cases: readonly T[], seed: number): T[] {
  return permutation(cases.length, seed).map((at) => cases[at] as T);
}

export interface Fold<T> {
  readonly rest: readonly T[];
  readonly measure: readonly T[];
}

const foldCount = 5;

/** Each case is measured once, by bands made from the cases of the other folds. */
export function folds<T>(cases: readonly T[]): Fold<T>[] {
  return Array.from({ length: foldCount }, (_, fold) => ({
    rest: cases.filter((__, at) => at % foldCount !== fold),
    measure: cases.filter((__, at) => at % foldCount === fold),
  }));
}
