import { openConnections, type Query } from './connections.ts';
import { StoreUnavailableError } from './errors.ts';
import { GroupCommit, type CommitCounters } from './group-commit.ts';
import { type LeaderRole, type LeaderTerm, type Leadership, lead } from './leadership.ts';
import type { StorageLog } from './log.ts';
import { migrate } from './migrations.ts';
import type { PastEntries } from './past-entries.ts';
import { checkDurability, checkRole, checkSchema } from './store-checks.ts';
import type { Unit } from './table.ts';

/** The database of one cell, as the gateway's own restricted role sees it. */
export interface Store {
  readonly cell: string;
  /**
   * @throws StoreUnavailableError when there is no answer within the budget.
   * @throws ConflictError on a unique violation; StatementError when the statement was refused otherwise.
   */
  readonly query: Query;
  /** The budget covers the whole transaction, from BEGIN to COMMIT. */
  transaction<Result>(work: (query: Query) => Promise<Result>): Promise<Result>;
  /** Makes a unit durable together with whatever else is waiting; see `GroupCommit.commit`. */
  commit(unit: Unit): Promise<void>;
  /** Does `work` while this process is the cell's leader for the role; see `lead`. */
  lead(role: LeaderRole, work: (term: LeaderTerm) => Promise<void>): Leadership;
  counters(): CommitCounters;
  /** Entries of months that were taken out of the tables; absent where nothing ever is. */
  readonly past?: PastEntries;
  healthy(): Promise<boolean>;
  /** Waits for what is in flight, then closes the connections. */
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly cell: string;
  /** The gateway's login: a member of `countersign_gateway` and nothing more. */
  readonly url: string;
  /** The owner of the tables; only used to migrate. Without it the schema must be current. */
  readonly ownerUrl?: string;
  readonly timeoutMs: number;
  readonly log: StorageLog;
  /** Batches of the group commit in flight at most; 2 when absent. */
  readonly lanes?: number;
}

const connectionsMax = 8;
const partitionMonthsAhead = 3;
const partitionPeriodMs = 24 * 60 * 60 * 1000;

/**
 * Opens the store of a cell, and refuses a database that could lose or change what it has committed.
 *
 * @throws StorageSetupError that says what is wrong and how to mend it.
 * @throws StoreUnavailableError when the server does not answer.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { cell, url, timeoutMs, log, lanes = 2 } = options;
  if (options.ownerUrl !== undefined) await migrate(options.ownerUrl, log);
  const synchronousCommit = await inspect(options);
  const shared = { url, timeoutMs, log, settings: { synchronous_commit: synchronousCommit } };
  const pool = openConnections({ ...shared, connectionsMax });
  const committing = openConnections({ ...shared, connectionsMax: lanes });
  const group = new GroupCommit({ connections: committing, lanes, timeoutMs });
  const stopPartitions = keepPartitions(pool.query, log);
  return {
    cell,
    query: pool.query,
    transaction: (work) => pool.transaction(work),
    commit: (unit) => group.commit(unit),
    lead: (role, work) => lead({ ...shared, role, work }),
    counters: () => group.counters(),
    async healthy() {
      try {
        await pool.query({ text: 'SELECT', values: [] });
        return true;
      } catch (error) {
        if (error instanceof StoreUnavailableError) return false;
        throw error;
      }
    },
    async close() {
      stopPartitions();
      await group.drain();
      await Promise.all([pool.close(), committing.close()]);
    },
  };
}

/** On a connection of its own, without our settings: what the server would do by itself is what counts. */
async function inspect(options: StoreOptions): Promise<string> {
  const { url, log } = options;
  // Starting may wait longer than a request: a server in recovery answers late.
  const timeoutMs = Math.max(options.timeoutMs, 10_000);
  const probe = openConnections({ url, timeoutMs, log, settings: {}, connectionsMax: 1 });
  try {
    const synchronousCommit = await checkDurability(probe.query);
    await checkSchema(probe.query, new URL(url).pathname.slice(1));
    await createPartitions(probe.query);
    await checkRole(probe.query);
    return synchronousCommit;
  } finally {
    await probe.close();
  }
}

async function createPartitions(query: Query): Promise<void> {
  await query({ text: 'SELECT ensure_entries_partitions($1)', values: [partitionMonthsAhead] });
}

function keepPartitions(query: Query, log: StorageLog): () => void {
  const timer = setInterval(() => {
    createPartitions(query).catch((error: Error) => {
      // Harmless until months later: rows without a partition of their own go to the default one.
      log('warn', 'could not create the partitions of the next months; trying again tomorrow', {
        fault: error.name,
      });
    });
  }, partitionPeriodMs).unref();
  return () => clearInterval(timer);
}
