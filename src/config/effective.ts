import type { LoadedConfig } from './load.ts';

/**
 * The configuration in force. Secrets stand in it as references only (the schema takes nothing
 * else), so it is fit to be printed, digested into the release manifest, and kept.
 */
export function effectiveConfig(config: LoadedConfig) {
  return {
    gateway: config.gateway,
    decisionTypes: Object.fromEntries([...config.decisionTypes].map(([name, type]) => [name, type.config])),
  };
}
