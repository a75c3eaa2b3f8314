import { join } from 'node:path';
import { Client } from 'pg';
import { superuser, superuserSecret } from './cluster.ts';
import { placeDataFolder, secretFile } from './data-folder.ts';
import { databaseUrl, startEmbedded, type EmbeddedPostgres } from './embedded.ts';
import { StorageSetupError } from './errors.ts';
import type { StorageLog } from './log.ts';
import { migrate } from './migrations.ts';
import { readPidFile } from './postmaster.ts';
import { serverAccount } from './server-account.ts';

/** Where one cell's store is: what `openStore` takes. */
export interface StoreAddress {
  readonly url: string;
  /** Left out beside a running gateway, which has migrated already. */
  readonly ownerUrl?: string;
}

export interface AttachedStores {
  readonly addresses: ReadonlyMap<string, StoreAddress>;
  /** The address of a cell's database for the owner of the tables, who may do what no gateway may. */
  ownerUrl(cell: string): Promise<string>;
  /** Stops the server if it was started for this; otherwise does nothing. */
  stop(): Promise<void>;
}

export interface EmbeddedStores extends AttachedStores {
  readonly server: EmbeddedPostgres;
}

const gatewayLogin = 'countersign_app';
const gatewaySecret = 'gateway-password';

/**
 * Starts the embedded server with one database per cell and the gateway's login. Stop `server` after the
 * stores that were opened on the addresses have been closed.
 *
 * @throws StorageSetupError as `startEmbedded`.
 */
export async function openEmbeddedStores(options: {
  dataDir: string;
  cells: readonly string[];
  log: StorageLog;
}): Promise<EmbeddedStores> {
  const server = await startEmbedded(options);
  try {
    const password = await secretFile(server.folder, gatewaySecret, serverAccount());
    const addresses = new Map<string, StoreAddress>();
    for (const cell of options.cells) {
      const database = cellDatabase(cell);
      await ensureDatabase(server.superuserUrl('postgres'), database);
      const ownerUrl = server.superuserUrl(database);
      await migrate(ownerUrl, options.log);
      addresses.set(cell, {
        url: databaseUrl({ user: gatewayLogin, password, port: server.port, database }),
        ownerUrl,
      });
    }
    await ensureGatewayLogin(server.superuserUrl('postgres'), password);
    const ownerUrl = (cell: string) => Promise.resolve(server.superuserUrl(cellDatabase(cell)));
    return { server, addresses, ownerUrl, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/**
 * The stores of a server that a living gateway runs on the folder. Nothing is migrated or made.
 *
 * @throws StorageSetupError when the server is just starting or stopping.
 */
export async function attachEmbeddedStores(options: {
  dataDir: string;
  cells: readonly string[];
}): Promise<AttachedStores> {
  const account = serverAccount();
  const folder = await placeDataFolder(options.dataDir, account);
  const running = readPidFile({ data: join(folder, 'cluster') });
  if (running === null || running.ready === null) {
    throw new StorageSetupError(`The database in ${folder} is starting or stopping. Try again in a moment.`);
  }
  const password = await secretFile(folder, gatewaySecret, account);
  const addressOf = (cell: string) =>
    databaseUrl({ user: gatewayLogin, password, port: running.port, database: cellDatabase(cell) });
  return {
    addresses: new Map(options.cells.map((cell) => [cell, { url: addressOf(cell) }])),
    async ownerUrl(cell) {
      const owner = await secretFile(folder, superuserSecret, account);
      const database = cellDatabase(cell);
      return databaseUrl({ user: superuser, password: owner, port: running.port, database });
    },
    stop: () => Promise.resolve(),
  };
}

/** @throws StorageSetupError for a cell whose id cannot be part of a database's name. */
export function cellDatabase(cell: string): string {
  if (!/^[a-z0-9][a-z0-9_-]{0,39}$/.test(cell)) {
    throw new StorageSetupError(
      `The cell id "${cell}" cannot name a database: use up to 40 lower-case letters, digits, "-" and "_".`,
    );
  }
  return `countersign_${cell}`;
}

export async function ensureDatabase(serverUrl: string, database: string, template?: string): Promise<void> {
  await asSuperuser(serverUrl, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
    if (rowCount === 0) {
      const from = template === undefined ? '' : ` TEMPLATE ${client.escapeIdentifier(template)}`;
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}${from}`);
    }
  });
}

/** The role `countersign_gateway` comes with the first migration. */
async function ensureGatewayLogin(serverUrl: string, password: string): Promise<void> {
  await asSuperuser(serverUrl, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [gatewayLogin]);
    if (rowCount === 0) await client.query(`CREATE ROLE ${gatewayLogin} LOGIN IN ROLE countersign_gateway`);
    await client.query(`ALTER ROLE ${gatewayLogin} PASSWORD ${client.escapeLiteral(password)}`);
  });
}

async function asSuperuser(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
