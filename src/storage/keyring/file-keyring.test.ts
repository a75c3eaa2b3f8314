import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keyringSuite, secretsInMemory } from '../../../test/support/keyring-suite.ts';
import { StorageSetupError } from '../errors.ts';
import { openFileKeyring } from './file-keyring.ts';
import { fileKeyIds, retireFileKey, rotateFileKeyring } from './file-rotation.ts';
import { KeyringError, KeyringUnavailableError } from './keyring.ts';
import { openKeyring } from './open-keyring.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-keyring-'));
  path = join(folder, 'keys', 'eu.json');
});
afterEach(() => rm(folder, { recursive: true }));

const hourMs = 60 * 60 * 1000;

describe('the file keyring', () => {
  keyringSuite(() => {
    const options = {
      cell: 'eu',
      fresh: true,
      secrets: secretsInMemory(),
      resolvePath: (file: string) => join(folder, file),
      resolveSecret: () => '',
    };
    return Promise.resolve({
      open: () => openKeyring({ file: 'keys/eu.json' }, options),
      rotate: async () => void (await rotateFileKeyring(path)),
    });
  });
});

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

it('notices every flipped bit of a wrapped key', async () => {
  const ring = await openFileKeyring(path, { create: true });
  const { wrapped, keyId } = await ring.wrap(randomBytes(32), 'c');
  for (let bit = 0; bit < wrapped.length * 8; bit += 1) {
    const altered = Buffer.from(wrapped);
    altered[bit >> 3]! ^= 1 << (bit & 7);
    await expect(ring.unwrap(altered, keyId, 'c')).rejects.toThrow(KeyringError);
  }
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

describe('a running gateway', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('reads the file again when it meets a key that it does not know', async () => {
    const running = await openFileKeyring(path, { create: true });
    await rotateFileKeyring(path);
    const rotated = await openFileKeyring(path, { create: false });
    const { wrapped, keyId } = await rotated.wrap(Buffer.from('data key'), 'c');
    expect(await running.unwrap(wrapped, keyId, 'c')).toEqual(Buffer.from('data key'));
    expect((await running.wrap(wrapped, 'c')).keyId).toBe(keyId);
  });

  it('wraps under the new key a second after the rotation', async () => {
    const running = await openFileKeyring(path, { create: true });
    const { active, before } = await rotateFileKeyring(path);
    expect((await running.wrap(Buffer.from('a'), 'c')).keyId).toBe(before);
    vi.advanceTimersByTime(1000);
    expect((await running.wrap(Buffer.from('a'), 'c')).keyId).toBe(active);
  });

  it('stops wrapping when it cannot see the file, and goes on when it is back', async () => {
    const running = await openFileKeyring(path, { create: true });
    const content = await readFile(path, 'utf8');
    await unlink(path);
    vi.advanceTimersByTime(1000);
    await expect(running.wrap(Buffer.from('a'), 'c')).rejects.toThrow(KeyringUnavailableError);
    await writeFile(path, content, { mode: 0o600 });
    expect((await running.wrap(Buffer.from('a'), 'c')).wrapped).toHaveLength(29);
  });

  it('does not take up a file of another keyring', async () => {
    const running = await openFileKeyring(path, { create: true });
    await unlink(path);
    await openFileKeyring(path, { create: true });
    vi.advanceTimersByTime(1000);
    await expect(running.wrap(Buffer.from('a'), 'c')).rejects.toThrow(KeyringUnavailableError);
  });
});

describe('the rotation of a file', () => {
  it('keeps the old keys, the mode, and leaves nothing beside it', async () => {
    const ring = await openFileKeyring(path, { create: true });
    const { active, before } = await rotateFileKeyring(path);
    expect(await fileKeyIds(path)).toEqual([before, active]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(dirname(path))).toEqual(['eu.json']);
    expect((await openFileKeyring(path, { create: false })).macKey).toEqual(ring.macKey);
  });

  it('loses no key when many rotate at once', async () => {
    await openFileKeyring(path, { create: true });
    const turns = await Promise.allSettled(Array.from({ length: 6 }, () => rotateFileKeyring(path)));
    const done = turns.flatMap((turn) => (turn.status === 'fulfilled' ? [turn.value.active] : []));
    expect(done.length).toBeGreaterThan(0);
    expect((await fileKeyIds(path)).slice(1).sort()).toEqual(done.sort());
    for (const turn of turns) {
      if (turn.status === 'rejected') expect(String(turn.reason)).toContain('Somebody else is changing');
    }
  });

  it('says what to do about the lock of a killed command', async () => {
    await openFileKeyring(path, { create: true });
    await writeFile(`${path}.lock`, '');
    await expect(rotateFileKeyring(path)).rejects.toThrow(`delete ${path}.lock`);
    expect(await readdir(dirname(path))).toEqual(['eu.json', 'eu.json.lock']);
  });

  it('retires an old key for ever, and only an old one', async () => {
    const ring = await openFileKeyring(path, { create: true });
    const { wrapped, keyId } = await ring.wrap(Buffer.from('data key'), 'c');
    const { active } = await rotateFileKeyring(path);
    const later = Date.now() + hourMs;
    await expect(retireFileKey(path, keyId)).rejects.toThrow('less than an hour old');
    await expect(retireFileKey(path, active, later)).rejects.toThrow('is the active key');
    await expect(retireFileKey(path, 'k-000000000000', later)).rejects.toThrow('has no key');
    await retireFileKey(path, keyId, later);
    expect(await fileKeyIds(path)).toEqual([active]);
    const without = await openFileKeyring(path, { create: false });
    await expect(without.unwrap(wrapped, keyId, 'c')).rejects.toThrow(`no key "${keyId}"`);
  });
});
