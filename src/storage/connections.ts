import { Client, type ClientBase, Pool, type PoolClient, type QueryResultRow } from 'pg';
import { codeOf, StoreUnavailableError } from './errors.ts';
import type { StorageLog } from './log.ts';
import { asStoreError } from './server-fault.ts';

export interface Statement {
  /** A name makes it a prepared statement, planned once per connection. */
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
  /** Milliseconds; the budget of the store when absent. */
  readonly timeoutMs?: number;
}

export type Query = <Row>(statement: Statement) => Promise<Row[]>;

export interface Connections {
  readonly query: Query;
  /** Runs `work` between BEGIN and COMMIT on one connection; rolls back when it throws. */
  transaction<Result>(work: (query: Query) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly url: string;
  readonly timeoutMs: number;
  /** Session settings, fixed for every connection so that a role's or a database's own cannot weaken them. */
  readonly settings: Readonly<Record<string, string>>;
  readonly log: StorageLog;
}

function clientConfig({ url, settings }: ConnectionOptions) {
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  return {
    connectionString: url,
    keepAlive: true,
    application_name: 'countersign',
    options: options.join(' '),
  };
}

/**
 * A pool of connections that never keeps a caller longer than its budget. A connection that did not answer
 * in time is destroyed and replaced, so the pool recovers by itself when the server does.
 */
export function openConnections(options: ConnectionOptions & { connectionsMax: number }): Connections {
  const { timeoutMs, log } = options;
  const pool = new Pool({
    ...clientConfig(options),
    max: options.connectionsMax,
    connectionTimeoutMillis: timeoutMs,
    idleTimeoutMillis: 0,
  });
  const report = (error: Error) =>
    log('warn', 'a connection was lost', { fault: codeOf(error) ?? error.name });
  pool.on('error', report);
  // The pool listens to idle connections only; an error that nobody listens to would end the process.
  pool.on('connect', (client) => client.on('error', report));
  let closed: Promise<void> | null = null;

  async function onConnection<Result>(
    work: (query: Query) => Promise<Result>,
    budgetMs = timeoutMs,
  ): Promise<Result> {
    const startedMs = performance.now();
    const client = await connect(pool);
    let broken = false;
    try {
      return await work(async (statement) => {
        const remainingMs = (statement.timeoutMs ?? budgetMs) - (performance.now() - startedMs);
        try {
          return await run(client, statement, remainingMs);
        } catch (error) {
          broken ||= error instanceof StoreUnavailableError;
          throw error;
        }
      });
    } finally {
      client.release(broken);
    }
  }

  return {
    query: (statement) => onConnection((query) => query(statement)),
    transaction: (work) => onConnection((query) => transact(query, work)),
    close: () => (closed ??= pool.end()),
  };
}

/** One connection that is never replaced: what the session holds, it holds to its end. */
export async function openSession(options: ConnectionOptions): Promise<Connections> {
  const client = new Client({ ...clientConfig(options), connectionTimeoutMillis: options.timeoutMs });
  let lost = false;
  client.on('error', (error) => {
    lost = true;
    options.log('warn', 'a connection was lost', { fault: codeOf(error) ?? error.name });
  });
  try {
    await client.connect();
  } catch (error) {
    throw asStoreError(error, false);
  }
  const query: Query = async (statement) => {
    if (lost) throw new StoreUnavailableError('The session was lost.', { sent: false });
    try {
      return await run(client, statement, statement.timeoutMs ?? options.timeoutMs);
    } catch (error) {
      lost ||= error instanceof StoreUnavailableError;
      throw error;
    }
  };
  return { query, transaction: (work) => transact(query, work), close: () => client.end() };
}

async function transact<Result>(query: Query, work: (query: Query) => Promise<Result>): Promise<Result> {
  await query({ text: 'BEGIN', values: [] });
  try {
    const result = await work(query);
    await query({ text: 'COMMIT', values: [] });
    return result;
  } catch (error) {
    // A lost connection has rolled back by itself.
    if (!(error instanceof StoreUnavailableError)) await query({ text: 'ROLLBACK', values: [] });
    throw error;
  }
}

async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw asStoreError(error, false);
  }
}

async function run<Row>(client: ClientBase, statement: Statement, remainingMs: number): Promise<Row[]> {
  if (remainingMs < 1) throw new StoreUnavailableError('The time budget is used up.', { sent: false });
  const { name, text, values } = statement;
  const query = { text, values: [...values], query_timeout: Math.ceil(remainingMs), ...(name && { name }) };
  try {
    return (await client.query<Row & QueryResultRow>(query)).rows;
  } catch (error) {
    throw asStoreError(error, true);
  }
}
