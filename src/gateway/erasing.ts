import type { ErasurePorts } from '../audit/retention/erasure-plan.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Cell } from './rooms.ts';

/** What an erasure in one cell works with; laws and contracts are those of the configuration in force. */
export function erasurePorts(config: LoadedConfig, cell: Cell, nowMs: () => number): ErasurePorts {
  const { retentionRules, endpoints } = config.gateway;
  const laws = new Map(retentionRules.map((rule) => [rule.class, rule.law]));
  const contracts = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint.contract.ref]));
  return {
    store: cell.store,
    keys: cell.keys,
    nowMs,
    lawOf: (name) => laws.get(name) ?? null,
    contractOf: (endpoint) => contracts.get(endpoint) ?? null,
  };
}
