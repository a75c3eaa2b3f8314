import { type LoadedConfig, loadConfig } from '../config/load.ts';
import { ConfigError } from '../config/problem.ts';
import { type Proof, prove } from '../residency/prover/prove.ts';

/** A route exists that must not be. */
export class UnsafeConfigError extends ConfigError {
  override name = 'UnsafeConfigError';
}

/** How far the prover went when the configuration was loaded. */
export type ProofAtLoad = Pick<Proof, 'states' | 'elapsedMs' | 'limits'>;

/**
 * A configuration that may be run: the prover found no route in it that must not be. What it leaves out at
 * load, for time, `countersign residency prove` walks through.
 * @throws UnsafeConfigError with the counterexamples; ConfigError
 */
export function loadProvenConfig(file: string): LoadedConfig & { readonly proof: ProofAtLoad } {
  const config = loadConfig(file);
  const { gateway } = config;
  const { states, elapsedMs, limits, violations } = prove(gateway, {
    assertions: gateway.assertions ?? [],
    attempts: gateway.limits.attempts,
    nowMs: Date.now(),
    depth: 'load',
  });
  if (violations.length > 0) {
    throw new UnsafeConfigError(
      violations.map(({ statement, sentence }) => ({
        file,
        line: 1,
        path: `residency prover, ${statement}`,
        message: sentence,
      })),
    );
  }
  return { ...config, proof: { states, elapsedMs, limits } };
}
