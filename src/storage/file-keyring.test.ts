import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { StorageSetupError } from './errors.ts';
import { openFileKeyring } from './file-keyring.ts';
import { KeyringError } from './keyring.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-keyring-'));
  path = join(folder, 'keys', 'eu.json');
});
afterEach(() => rm(folder, { recursive: true }));

it('creates a file only when asked, for its owner alone, and never replaces it', async () => {
  await expect(openFileKeyring(path, { create: false })).rejects.toThrow(StorageSetupError);
  await openFileKeyring(path, { create: true });
  const first = await readFile(path, 'utf8');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await openFileKeyring(path, { create: true });
  expect(await readFile(path, 'utf8')).toBe(first);
});

it('gives every one of several simultaneous starts the same keys', async () => {
  const rings = await Promise.all(Array.from({ length: 8 }, () => openFileKeyring(path, { create: true })));
  expect(new Set(rings.map((ring) => ring.mac('p', 'x').toString('hex'))).size).toBe(1);
});

it('unwraps what it wrapped, also after reopening, and only under the same context', async () => {
  const secret = randomBytes(64);
  const ring = await openFileKeyring(path, { create: true });
  const wrapped = await ring.wrap(secret, 'tenant-a/key-1');
  expect(wrapped.includes(secret)).toBe(false);
  const again = await openFileKeyring(path, { create: false });
  expect(await again.unwrap(wrapped, ring.keyId, 'tenant-a/key-1')).toEqual(secret);
  expect(() => again.unwrap(wrapped, ring.keyId, 'tenant-a/key-2')).toThrow(KeyringError);
  expect(() => again.unwrap(wrapped, 'k-other', 'tenant-a/key-1')).toThrow('no key "k-other"');
  expect(() => again.unwrap(Buffer.alloc(27), ring.keyId, 'tenant-a/key-1')).toThrow('cut short');
});

it('notices every flipped bit of a wrapped key', async () => {
  const ring = await openFileKeyring(path, { create: true });
  const wrapped = await ring.wrap(randomBytes(32), 'c');
  for (let bit = 0; bit < wrapped.length * 8; bit += 1) {
    const altered = Buffer.from(wrapped);
    altered[bit >> 3]! ^= 1 << (bit & 7);
    expect(() => ring.unwrap(altered, ring.keyId, 'c')).toThrow(KeyringError);
  }
});

it('keeps an old key for unwrapping when another becomes active', async () => {
  const ring = await openFileKeyring(path, { create: true });
  const wrapped = await ring.wrap(Buffer.from('data key'), 'c');
  const content: { active: string; keys: object[] } = JSON.parse(await readFile(path, 'utf8'));
  content.keys.push({
    id: 'k-new',
    key: randomBytes(32).toString('base64'),
    createdAt: '2026-11-22T00:00:00Z',
  });
  content.active = 'k-new';
  await writeFile(path, JSON.stringify(content));
  const rotated = await openFileKeyring(path, { create: false });
  expect(rotated.keyId).toBe('k-new');
  expect(await rotated.unwrap(wrapped, ring.keyId, 'c')).toEqual(Buffer.from('data key'));
  expect(await rotated.unwrap(await rotated.wrap(wrapped, 'd'), 'k-new', 'd')).toEqual(wrapped);
});

it('separates MACs by purpose, and purpose from data', async () => {
  const ring = await openFileKeyring(path, { create: true });
  expect(ring.mac('subject', 'x')).toEqual(ring.mac('subject', Buffer.from('x')));
  expect(ring.mac('subject', 'x')).not.toEqual(ring.mac('idempotency', 'x'));
  expect(ring.mac('a', 'bc')).not.toEqual(ring.mac('ab', 'c'));
  expect(ring.mac('subject', 'x')).toHaveLength(32);
});

it.each([0o640, 0o604, 0o660])(
  'refuses a file with mode %o and says which command mends it',
  async (mode) => {
    await openFileKeyring(path, { create: true });
    await chmod(path, mode);
    await expect(openFileKeyring(path, { create: false })).rejects.toThrow(`chmod 600 '${path}'`);
  },
);

it.each([
  ['{"active": "SECRET', 'not JSON'],
  ['null', 'version'],
  ['{"version":1,"active":"a","keys":[]}', 'missing'],
  [JSON.stringify({ version: 1, active: 'a', keys: [], macKey: 'SECRET' }), 'active id'],
  [JSON.stringify({ version: 1, active: 'a', keys: [{ id: 'a', key: 'SECRET' }], macKey: '' }), '256 bits'],
])('refuses the damaged file %s without quoting it', async (content, fault) => {
  await openFileKeyring(path, { create: true });
  await writeFile(path, content);
  const message = await openFileKeyring(path, { create: false }).then(() => 'opened', String);
  expect(message).toMatch(/^StorageSetupError: The keyring .* is damaged/);
  expect(message).toContain(fault);
  expect(message).not.toContain('SECRET');
});
