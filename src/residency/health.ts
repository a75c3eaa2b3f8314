import type { EgressResult } from './exchange.ts';

/** What recent answers say about each endpoint. It orders lawful endpoints; it never decides what is lawful. */
export interface EndpointHealth {
  /** Notes the result of one send. */
  observe(endpointId: string, result: EgressResult): void;
  /** The circuit is open: others are tried first, and instead. */
  isOpen(endpointId: string): boolean;
  /** Epoch milliseconds at which an open circuit closes; 0 when it never opened. */
  retryAtMs(endpointId: string): number;
  /** Moving average of the time to the last byte; null before the first answer. */
  latencyMs(endpointId: string): number | null;
}

const failuresToOpen = 3;
const openMs = 10_000;
const latencyWeight = 0.2;
/** Faults that say nothing about the endpoint. */
const notItsDoing: ReadonlySet<string> = new Set([
  'EXPIRED',
  'ABORTED',
  'DEADLINE',
  'CLOSED',
  'COUNTER_FAILED',
  'QUARANTINED',
]);

interface State {
  failures: number;
  openUntilMs: number;
  latencyMs: number | null;
}

export function createHealth({ nowMs }: { readonly nowMs: () => number }): EndpointHealth {
  const states = new Map<string, State>();
  const stateOf = (id: string): State => {
    let state = states.get(id);
    if (state === undefined) {
      state = { failures: 0, openUntilMs: 0, latencyMs: null };
      states.set(id, state);
    }
    return state;
  };
  return {
    observe: (id, result) => {
      const state = stateOf(id);
      switch (judge(result)) {
        case 'success':
          state.failures = 0;
          state.openUntilMs = 0;
          state.latencyMs = average(state.latencyMs, result.upstreamMs);
          return;
        case 'failure':
          // The count stays after the circuit closes, so the first failure then opens it again.
          state.failures += 1;
          if (state.failures >= failuresToOpen) state.openUntilMs = nowMs() + openMs;
          return;
        case 'neither':
      }
    },
    isOpen: (id) => (states.get(id)?.openUntilMs ?? 0) > nowMs(),
    retryAtMs: (id) => states.get(id)?.openUntilMs ?? 0,
    latencyMs: (id) => states.get(id)?.latencyMs ?? null,
  };
}

function judge(result: EgressResult): 'success' | 'failure' | 'neither' {
  if (result.kind === 'answer') {
    return result.httpStatus >= 500 || result.httpStatus === 429 ? 'failure' : 'success';
  }
  return notItsDoing.has(result.fault) ? 'neither' : 'failure';
}

function average(before: number | null, sampleMs: number): number {
  return before === null ? sampleMs : before + latencyWeight * (sampleMs - before);
}
