import type { LawfulEndpoint } from '../decision/passage.ts';
import type { EndpointHealth } from './health.ts';
import type { LawfulFilter, LawfulRequest, LawfulVerdict } from './lawful.ts';
import { rank } from './rank.ts';

/** Where a call goes next, or that it may go nowhere; `nowMs` is the moment that this was decided for. */
export type Hop =
  | {
      readonly kind: 'go';
      readonly endpoint: LawfulEndpoint;
      readonly nowMs: number;
      /** 1 for the first. */
      readonly attempt: number;
      /** Says that nothing is sent there: the hop was none, and the next one is decided anew. */
      decline(): void;
    }
  | (Extract<LawfulVerdict, { kind: 'refuse' }> & { readonly nowMs: number });

export interface RouteOptions {
  readonly filter: Pick<LawfulFilter, 'lawful'>;
  readonly health: EndpointHealth;
  /** Most hops of one call. */
  readonly attempts: number;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  /** What is asked of the filter at a moment. */
  readonly ask: (nowMs: number) => LawfulRequest;
}

/**
 * The router: the places one call is sent to, one after another, until its consumer has an answer and
 * takes no more. Each hop is decided when it is asked for, from the lawful set of that very moment, so
 * an outage or an expiry in between can only make the set smaller (I3). The prover drives this function.
 */
export function* route(options: RouteOptions): Generator<Hop, void, undefined> {
  const tried: string[] = [];
  for (let attempt = 1; attempt <= options.attempts; ) {
    const nowMs = options.nowMs();
    const lawful = options.filter.lawful(options.ask(nowMs));
    if (lawful.kind === 'refuse') {
      yield { ...lawful, nowMs };
      return;
    }
    const endpoint = leastTried(rank(lawful.endpoints, options.health), tried);
    let declined = false;
    const decline = () => {
      declined = true;
    };
    yield { kind: 'go', endpoint, nowMs, attempt, decline };
    if (declined) continue;
    tried.push(endpoint.id);
    attempt += 1;
  }
}

/** The best endpoint that was tried least often: each lawful one gets a turn before any gets a second. */
function leastTried(
  ranked: readonly [LawfulEndpoint, ...LawfulEndpoint[]],
  tried: readonly string[],
): LawfulEndpoint {
  if (tried.length === 0) return ranked[0];
  const turns = (endpoint: LawfulEndpoint) => tried.filter((id) => id === endpoint.id).length;
  return ranked.reduce((best, endpoint) => (turns(endpoint) < turns(best) ? endpoint : best));
}
