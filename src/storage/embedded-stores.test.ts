import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { attachEmbeddedStores, cellDatabase, openEmbeddedStores } from './embedded-stores.ts';
import { openStore, type Store } from './store.ts';

const log = () => undefined;
const cells = ['eu', 'us'];
let parent: string;
let dataDir: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'countersign-stores-'));
  await chmod(parent, 0o755);
  dataDir = join(parent, 'data');
});
afterEach(() => rm(parent, { recursive: true }));

const write = (store: Store, mediaType: string) =>
  store.query({
    text: `INSERT INTO parts (digest, media_type, bytes, tenant, cell) VALUES (sha256($1), $2, '', 't', $3)`,
    values: [Buffer.from(mediaType), mediaType, store.cell],
  });
const read = (store: Store) => store.query({ text: 'SELECT media_type FROM parts', values: [] });

it('gives each cell a database of its own, which another command can read while it runs', async () => {
  await expect(attachEmbeddedStores({ dataDir, cells })).rejects.toThrow('Try again');
  for (const start of ['first', 'second']) {
    const { server, addresses } = await openEmbeddedStores({ dataDir, cells, log });
    const stores = await Promise.all(
      cells.map((cell) => openStore({ cell, ...addresses.get(cell)!, timeoutMs: 5000, log })),
    );
    await Promise.all(stores.map((store) => write(store, `${start}-${store.cell}`)));
    const attached = await attachEmbeddedStores({ dataDir, cells });
    const reader = await openStore({ cell: 'us', ...attached.addresses.get('us')!, timeoutMs: 5000, log });
    const expected = start === 'first' ? ['first-us'] : ['first-us', 'second-us'];
    expect(await read(reader)).toEqual(expected.map((media_type) => ({ media_type })));
    await reader.close();
    await attached.stop();
    await Promise.all(stores.map((store) => store.close()));
    await server.stop();
  }
});

it('lets the gateway’s login create nothing', async () => {
  const { server, addresses } = await openEmbeddedStores({ dataDir, cells: ['eu'], log });
  const store = await openStore({ cell: 'eu', ...addresses.get('eu')!, timeoutMs: 5000, log });
  for (const text of [
    'CREATE TABLE x (n int)',
    'CREATE ROLE x',
    'DROP TABLE parts',
    'ALTER TABLE parts ADD x int',
  ]) {
    await expect(store.query({ text, values: [] }), text).rejects.toMatchObject({ sqlState: '42501' });
  }
  await store.close();
  await server.stop();
});

it.each(['EU', '', 'a b', 'eu"; DROP', 'x'.repeat(41)])(
  'refuses the cell id %j as the name of a database',
  (cell) => {
    expect(() => cellDatabase(cell)).toThrow('lower-case');
  },
);
