import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDatabase, openEmbeddedStores, type StoreAddress } from '../../src/storage/embedded-stores.ts';
import type { EmbeddedPostgres } from '../../src/storage/embedded.ts';
import { openStore, type Store } from '../../src/storage/store.ts';

export interface TestPostgres {
  readonly server: EmbeddedPostgres;
  /** An empty, migrated database of its own; it lives as long as the server. */
  freshAddress(): Promise<Required<StoreAddress>>;
  /** A store on a fresh database; `stop()` closes it. */
  freshStore(cell?: string, options?: { timeoutMs?: number; lanes?: number }): Promise<Store>;
  stop(): Promise<void>;
}

const template = 'template';

/** A real embedded PostgreSQL in a temporary folder: one for each test file, in `beforeAll`. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const dataDir = join(await mkdtemp(join(tmpdir(), 'countersign-test-')), 'data');
  const { server, addresses } = await openEmbeddedStores({
    dataDir,
    cells: [template],
    log: () => undefined,
  });
  const base = addresses.get(template);
  if (base === undefined) throw new Error('the embedded server has no template database');
  const stores: Store[] = [];

  async function freshAddress(): Promise<Required<StoreAddress>> {
    const database = `test_${randomUUID()}`;
    await ensureDatabase(server.superuserUrl('postgres'), database, `countersign_${template}`);
    const url = new URL(base!.url);
    url.pathname = `/${database}`;
    return { url: url.href, ownerUrl: server.superuserUrl(database) };
  }

  return {
    server,
    freshAddress,
    async freshStore(cell = 'eu', options = {}) {
      const address = await freshAddress();
      const store = await openStore({ cell, ...address, timeoutMs: 5000, log: () => undefined, ...options });
      stores.push(store);
      return store;
    },
    async stop() {
      try {
        await Promise.all(stores.map((store) => store.close()));
      } finally {
        await server.stop();
        await rm(join(dataDir, '..'), { recursive: true, force: true });
        await rm(server.folder, { recursive: true, force: true });
      }
    },
  };
}
