import type { LawfulEndpoint } from '../decision/passage.ts';
import type { EndpointHealth } from './health.ts';

/**
 * The order in which lawful endpoints are tried: those with a closed circuit by latency, then as
 * configured. When every circuit is open the one that opened first is tried, for a request is
 * better tried than refused on a guess. Every member comes from `endpoints`: ranking cannot widen it.
 */
export function rank(
  endpoints: readonly [LawfulEndpoint, ...LawfulEndpoint[]],
  health: EndpointHealth,
): readonly [LawfulEndpoint, ...LawfulEndpoint[]] {
  const closed = endpoints
    .filter(({ id }) => !health.isOpen(id))
    .map((endpoint) => ({ endpoint, step: latencyStep(endpoint, health) }))
    // Array.prototype.sort is stable, so equals stay in configured order.
    .sort((a, b) => a.step - b.step)
    .map(({ endpoint }) => endpoint);
  const [best, ...others] = closed;
  if (best !== undefined) return [best, ...others];
  return [endpoints.reduce((a, b) => (health.retryAtMs(b.id) < health.retryAtMs(a.id) ? b : a))];
}

/** Latency in doublings, so that noise does not overrule the configured order; one never measured goes first. */
function latencyStep(endpoint: LawfulEndpoint, health: EndpointHealth): number {
  const latencyMs = health.latencyMs(endpoint.id);
  return latencyMs === null ? -1 : Math.round(Math.log2(latencyMs + 1));
}
