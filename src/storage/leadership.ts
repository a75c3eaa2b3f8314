import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, type Connections, type Query, openSession } from './connections.ts';
import { StoreUnavailableError } from './errors.ts';

/** Work that one process of a cell does at a time; the number is the second key of an advisory lock. */
export const leaderRoles = {
  sequencer: 1,
  archivist: 2,
  auditor: 3,
  retention: 4,
  canary: 5,
  reconciler: 6,
  expiry: 7,
  reviewDesk: 8,
} as const;
export type LeaderRole = keyof typeof leaderRoles;

export interface Leadership {
  /** Ends the work and gives the lock free. */
  stop(): Promise<void>;
}

export interface LeaderTerm {
  /** On the session that holds the lock: what it commits, the leader committed. */
  readonly query: Query;
  /** Runs `work` between BEGIN and COMMIT on that session. */
  readonly transaction: Connections['transaction'];
  /** Aborted when the work shall end. */
  readonly signal: AbortSignal;
}

const retryMs = 1_000;

/**
 * Does `work` while this process holds the cell's advisory lock of the role, and waits for the lock
 * otherwise. All SQL of the work goes through the session that holds the lock: when the session is lost,
 * so is the lock, and nothing of an old term can be committed any more.
 */
export function lead(
  options: ConnectionOptions & { role: LeaderRole; work: (term: LeaderTerm) => Promise<void> },
): Leadership {
  const { role, work, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;

  async function serveTerm(): Promise<void> {
    const session = await openSession(options);
    try {
      const [row] = await session.query<{ mine: boolean }>({
        text: 'SELECT pg_try_advisory_lock(727402, $1) AS mine',
        values: [leaderRoles[role]],
      });
      if (row?.mine)
        await work({ query: session.query, transaction: (part) => session.transaction(part), signal });
    } finally {
      await session.close();
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await serveTerm();
      } catch (error) {
        const fault = error instanceof Error ? error.name : 'unknown';
        log(error instanceof StoreUnavailableError ? 'warn' : 'error', 'a term of office ended', {
          role,
          fault,
        });
      }
      // Also after work that ended by itself: whatever it is, it is not done again at once.
      await sleep(retryMs, undefined, { signal, ref: false }).catch((error: Error) => {
        if (error.name !== 'AbortError') throw error;
      });
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
