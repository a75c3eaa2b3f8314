import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Numeric examples computed with other libraries (scipy, statsmodels, scikit-learn, MAPIE). They lie outside of
 * this repository, as data do; tests on them say so when they are skipped.
 */
const path = join(import.meta.dirname, '../../../shared/data/bands/vectors.json');

export interface BandVectors {
  readonly bernoulli_cusum: { x: number[]; p0: number; p1: number; S: number };
  readonly clopper_pearson_upper: readonly { k: number; n: number; delta: number; ub: number }[];
  readonly cohen: readonly { table: number[][]; kappa: number; gwet_ac1: number }[];
  readonly e_process_mixture: readonly { S: number; n: number; m0: number; logE: number }[];
  readonly e_sr: { x: number[]; m0: number; p1: number; R: number };
  readonly fleiss: { table: number[][]; kappa: number };
  readonly horvitz_thompson: {
    strata: { band: string; N: number; pi: number; audited: number; errors: number }[];
    ht_total: number;
    ht_rate: number;
    naive_labelled_rate: number;
  };
  readonly ks2: { x: number[]; y: number[]; D: number; p_asymp_scipy: number; p_exact: number };
  readonly psi: {
    expected: number[];
    actual: number[];
    psi: number;
    crit: { B: number; N: number; M: number; alpha: number; crit: number }[];
  };
}

/** Null where the examples are not at hand. */
export const bandVectors: BandVectors | null = existsSync(path)
  ? (JSON.parse(readFileSync(path, 'utf8')) as BandVectors)
  : null;
if (bandVectors === null) console.warn('the numeric examples of band statistics are not here: tests skipped');
