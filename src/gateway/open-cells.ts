import { createKeyStore } from '../audit/key-store.ts';
import type { CellConfig } from '../config/gateway-schema.ts';
import type { LoadedConfig } from '../config/load.ts';
import { resolveSecret } from '../config/secret.ts';
import {
  type AttachedStores,
  type StoreAddress,
  attachEmbeddedStores,
  openEmbeddedStores,
} from '../storage/embedded-stores.ts';
import { DataFolderInUseError } from '../storage/errors.ts';
import { openFileKeyring } from '../storage/file-keyring.ts';
import type { StorageLog } from '../storage/log.ts';
import { type Store, openStore } from '../storage/store.ts';
import type { Cell } from './rooms.ts';

export interface OpenCells {
  readonly cells: ReadonlyMap<string, Cell>;
  /** True when this process alone writes to every store: what is open there at start, nobody works on. */
  readonly exclusive: boolean;
  /** Where the embedded stores are, for processes that share them; empty when every store has a URL. */
  readonly embedded: ReadonlyMap<string, StoreAddress>;
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
  const opened = { addresses: embedded, stop: () => Promise.resolve() };
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
    close,
  };
}

function dataDirOf(config: LoadedConfig): string {
  return config.resolvePath(config.gateway.dataDir);
}

async function openCell(config: LoadedConfig, cell: CellConfig, store: Store): Promise<Cell> {
  // Keys are made for an empty store only: new ones beside old records would open none of them.
  const rows = await store.query({ text: 'SELECT 1 FROM subject_keys LIMIT 1', values: [] });
  const keyring = await openFileKeyring(config.resolvePath(cell.keyring.file), { create: rows.length === 0 });
  return { id: cell.id, store, keyring, keys: createKeyStore(store, keyring) };
}

function externalAddress(config: LoadedConfig, cell: CellConfig): { url: string; ownerUrl?: string } {
  if (cell.store === 'embedded') throw new Error('an embedded store has no address of its own');
  const { url, ownerUrl } = cell.store;
  const resolved = { url: resolveSecret(url, config.baseFolder) };
  return ownerUrl === undefined
    ? resolved
    : { ...resolved, ownerUrl: resolveSecret(ownerUrl, config.baseFolder) };
}
