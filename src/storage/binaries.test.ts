import { execFileSync } from 'node:child_process';
import { chmod, cp, lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMissingLinks, locateBinaries, reachableBinaries, type PostgresBinaries } from './binaries.ts';
import { childOptions } from './cluster.ts';
import { serverAccount } from './server-account.ts';

let folder: string;
let home: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-binaries-'));
  home = await mkdtemp(join(tmpdir(), 'countersign-home-'));
  await chmod(home, 0o755);
});
afterEach(async () => {
  await rm(folder, { recursive: true });
  await rm(home, { recursive: true });
});

/** A copy of the installed package in a folder that only root can enter. */
async function hiddenBinaries(): Promise<PostgresBinaries> {
  const { root, version } = await locateBinaries();
  const hidden = join(folder, 'package');
  await cp(root, hidden, { recursive: true, verbatimSymlinks: true });
  const bin = join(hidden, 'native', 'bin');
  return { root: hidden, version, initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
}

it('finds binaries that run', async () => {
  const { postgres, version } = await locateBinaries();
  const said = execFileSync(postgres, ['--version'], { encoding: 'utf8' });
  expect(said).toContain(`PostgreSQL) ${version.split('.', 2).join('.')}`);
});

it('makes the links that a blocked install script left out, once', async () => {
  const { root, postgres } = await hiddenBinaries();
  const lib = join(root, 'native', 'lib');
  const before = await readdir(lib);
  for (const name of before) if ((await lstat(join(lib, name))).isSymbolicLink()) await rm(join(lib, name));
  expect(() => execFileSync(postgres, ['--version'], { stdio: 'pipe' })).toThrow('shared libraries');
  await createMissingLinks(root, 'the-package');
  await createMissingLinks(root, 'the-package');
  expect(await readdir(lib)).toEqual(before);
  execFileSync(postgres, ['--version']);
});

const account = serverAccount();

it.runIf(account !== null)(
  'as root, copies binaries that PostgreSQL’s account cannot reach, once and whole',
  async () => {
    const hidden = await hiddenBinaries();
    expect(() =>
      execFileSync(hidden.postgres, ['--version'], { ...childOptions(account), stdio: 'pipe' }),
    ).toThrow('EACCES');
    const starts = await Promise.all([1, 2, 3].map(() => reachableBinaries(hidden, account, home)));
    for (const copied of starts) {
      expect(copied.postgres.startsWith(home)).toBe(true);
      execFileSync(copied.postgres, ['--version'], childOptions(account));
      execFileSync(copied.initdb, ['--version'], childOptions(account));
    }
    expect(await readdir(home)).toEqual([`postgresql-${hidden.version}`]);
    expect(await reachableBinaries(hidden, null, home)).toBe(hidden);
  },
);
