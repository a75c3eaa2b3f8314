import { createKeyStore } from '../audit/key-store.ts';
import { createLedger } from '../audit/ledger/ledger.ts';
import type { CellConfig } from '../config/gateway-schema.ts';
import type { LoadedConfig } from '../config/load.ts';
import { resolveSecret } from '../config/secret.ts';
import {
  type AttachedStores,
  type StoreAddress,
  attachEmbeddedStores,
  openEmbeddedStores,
} from '../storage/embedded-stores.ts';
import { createSubjectCounter } from '../residency/subject-counter.ts';
import { DataFolderInUseError } from '../storage/errors.ts';
import { cellSecret, storedCellSecrets } from '../storage/cell-secrets.ts';
import { openKeyring } from '../storage/keyring/open-keyring.ts';
import type { StorageLog } from '../storage/log.ts';
import { type Store, openStore } from '../storage/store.ts';
import { archiveOf } from './archive-store.ts';
import { ledgerSettings } from './ledger-settings.ts';
import type { Cell } from './rooms.ts';

export interface OpenCells {
  readonly cells: ReadonlyMap<string, Cell>;
  /** True when this process alone writes to every store: what is open there at start, nobody works on. */
  readonly exclusive: boolean;
  /** Where the embedded stores are, for processes that share them; empty when every store has a URL. */
  readonly embedded: ReadonlyMap<string, StoreAddress>;
  /** The owner's address of a cell's store; null where the configuration does not give it. */
  ownerUrl(cell: string): Promise<string | null>;
  close(): Promise<void>;
}

/**
 * Opens the cells for the gateway itself: it alone runs the embedded server, if one is needed.
 * @throws DataFolderInUseError when another gateway runs it
 */
export function openCells(config: LoadedConfig, log: StorageLog): Promise<OpenCells> {
  return open(config, log, openEmbeddedStores);
}

/** Opens the cells for a command: beside a running gateway, or on a server started for the command. */
export function attachCells(config: LoadedConfig, log: StorageLog): Promise<OpenCells> {
  return open(config, log, async (options) => {
    try {
      return await openEmbeddedStores(options);
    } catch (error) {
      if (error instanceof DataFolderInUseError) return attachEmbeddedStores(options);
      throw error;
    }
  });
}

/** Opens the cells for a process beside the one that runs the embedded server. */
export function openCellsAt(
  config: LoadedConfig,
  log: StorageLog,
  embedded: ReadonlyMap<string, StoreAddress>,
): Promise<OpenCells> {
  const ownerUrl = () => Promise.reject(new Error('a process beside the first does not act as owner'));
  const opened = { addresses: embedded, ownerUrl, stop: () => Promise.resolve() };
  return open(config, log, () => Promise.resolve(opened));
}

async function open(
  config: LoadedConfig,
  log: StorageLog,
  openStores: (options: Parameters<typeof openEmbeddedStores>[0]) => Promise<AttachedStores>,
): Promise<OpenCells> {
  const hosted = config.gateway.cells.filter((cell) => cell.hosted);
  const embedded = hosted.filter((cell) => cell.store === 'embedded').map((cell) => cell.id);
  const server =
    embedded.length > 0 ? await openStores({ dataDir: dataDirOf(config), cells: embedded, log }) : null;
  const cells = new Map<string, Cell>();
  const close = async () => {
    await Promise.all([...cells.values()].map((cell) => cell.store.close()));
    for (const cell of cells.values()) await cell.archive?.objects.close();
    await server?.stop();
  };
  try {
    for (const cell of hosted) {
      const address =
        cell.store === 'embedded' ? server?.addresses.get(cell.id) : externalAddress(config, cell);
      if (!address) throw new Error(`cell ${cell.id} has no store`);
      const { storeTimeoutMs } = config.gateway.limits;
      const store = await openStore({ cell: cell.id, ...address, timeoutMs: storeTimeoutMs, log });
      cells.set(cell.id, await openCell(config, cell, store));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    cells,
    exclusive: embedded.length === hosted.length,
    embedded: server?.addresses ?? new Map<string, StoreAddress>(),
    async ownerUrl(id) {
      if (embedded.includes(id)) return server ? server.ownerUrl(id) : null;
      const cell = hosted.find((other) => other.id === id);
      return cell ? (externalAddress(config, cell).ownerUrl ?? null) : null;
    },
    close,
  };
}

function dataDirOf(config: LoadedConfig): string {
  return config.resolvePath(config.gateway.dataDir);
}

async function openCell(config: LoadedConfig, cell: CellConfig, tables: Store): Promise<Cell> {
  const archive = archiveOf(config, cell.archive, tables);
  // Whoever looks for a decision in the store finds it wherever it is by now.
  const store: Store = archive === null ? tables : { ...tables, past: archive };
  // Keys are made for an empty store only: new ones beside old records would open none of them.
  const rows = await store.query({
    text: '(SELECT 1 FROM subject_keys LIMIT 1) UNION ALL (SELECT 1 FROM cell_secrets LIMIT 1)',
    values: [],
  });
  const secrets = storedCellSecrets(store.query, cell.id);
  const keyring = await openKeyring(cell.keyring, {
    cell: cell.id,
    fresh: rows.length === 0,
    secrets,
    resolvePath: (path) => config.resolvePath(path),
    resolveSecret: (reference) => resolveSecret(reference, config.baseFolder),
  });
  const seed = await cellSecret(keyring, secrets, cell.id, 'ledger-signing', 32);
  const ledger = createLedger({
    cell: cell.id,
    store,
    seed,
    settings: ledgerSettings(config),
    nowMs: () => Date.now(),
  });
  const { jurisdictions } = cell;
  const subjects = createSubjectCounter({ store, jurisdictions, policy: config.gateway });
  return { id: cell.id, store, keyring, keys: createKeyStore(store, keyring), ledger, archive, subjects };
}

function externalAddress(config: LoadedConfig, cell: CellConfig): { url: string; ownerUrl?: string } {
  if (cell.store === 'embedded') throw new Error('an embedded store has no address of its own');
  const { url, ownerUrl } = cell.store;
  const resolved = { url: resolveSecret(url, config.baseFolder) };
  return ownerUrl === undefined
    ? resolved
    : { ...resolved, ownerUrl: resolveSecret(ownerUrl, config.baseFolder) };
}
