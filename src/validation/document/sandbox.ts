import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * What keeps a parser from the machine. `bubblewrap`: namespaces of its own, without network, processes or
 * files beside its program, and Node's permissions inside. `permissions`: Node's permissions alone, where
 * there is no bubblewrap or the kernel does not let it work; they stop a parser, not native code in it.
 */
export type Isolation = 'bubblewrap' | 'permissions';

/** A program for a child, with everything it may read. */
export interface Confined {
  readonly program: string;
  readonly readable: readonly string[];
  /** Native code draws pages: it is loaded by the one child that needs it. */
  readonly addons: boolean;
  readonly heapMaxMb: number;
  readonly dataMaxBytes: number;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly isolation: Isolation;
}

const run = promisify(execFile);
const PROBE_TIMEOUT_MS = 5_000;
const FILES_MAX = 128;

/** Nothing shared with the machine, no terminal, no rights, and the end with the gateway's. */
const separated =
  '--unshare-all --die-with-parent --new-session --cap-drop ALL --clearenv --dev /dev --chdir /'.split(' ');

/** All that a child has of an environment. Pages are drawn with the fonts they bring, on every machine alike. */
export const confinedEnvironment = { DISABLE_SYSTEM_FONTS_LOAD: '1' };

/** How Node finds the way to its parent, the only way out of the sandbox. */
const channel = [
  ['NODE_CHANNEL_FD', '3'],
  ['NODE_CHANNEL_SERIALIZATION_MODE', 'advanced'],
  ...Object.entries(confinedEnvironment),
].flatMap(([name = '', value = '']) => ['--setenv', name, value]);

/** What a dynamically linked Node needs to start; some of it exists on some systems only. */
const systemFolders = [
  '/usr/lib',
  '/usr/lib64',
  '/lib',
  '/lib64',
  '/etc/ld.so.cache',
  '/etc/ssl/openssl.cnf',
];

let probed: Promise<Isolation> | undefined;

/** Found out once: that a program is installed does not mean that the kernel lets it work. */
export function isolationHere(): Promise<Isolation> {
  probed ??= probe();
  return probed;
}

async function probe(): Promise<Isolation> {
  const bwrap = programPath('bwrap');
  if (process.platform !== 'linux' || bwrap === null) return 'permissions';
  try {
    const args = [...namespaces([]), '--', process.execPath, '-p', '6 * 7'];
    const { stdout } = await run(bwrap, args, { env: {}, timeout: PROBE_TIMEOUT_MS });
    return stdout.trim() === '42' ? 'bubblewrap' : 'permissions';
  } catch {
    // Whatever keeps it from working, the other way is taken, and the record says so.
    return 'permissions';
  }
}

/** How to start a confined program under an isolation. */
export function confinedCommand(confined: Confined, isolation: Isolation): Command {
  const node = [process.execPath, ...nodeFlags(confined), confined.program];
  const bwrap = programPath('bwrap');
  if (isolation === 'permissions' || bwrap === null) {
    return { file: process.execPath, args: node.slice(1), isolation: 'permissions' };
  }
  const limited = limits(confined);
  const [file = bwrap, ...args] = [
    ...limited,
    bwrap,
    ...namespaces(confined.readable),
    ...channel,
    '--',
    ...node,
  ];
  return { file, args, isolation };
}

function namespaces(readable: readonly string[]): string[] {
  return [
    ...separated,
    ...systemFolders.flatMap((folder) => ['--ro-bind-try', folder, folder]),
    ...[process.execPath, ...readable].flatMap((path) => ['--ro-bind', path, path]),
  ];
}

/** Limits of the kernel, where the tool that sets them is installed; the watch and the clock hold anyway. */
function limits({ dataMaxBytes }: Confined): string[] {
  const prlimit = programPath('prlimit');
  if (prlimit === null) return [];
  return [prlimit, '--core=0', '--fsize=0', `--nofile=${FILES_MAX}`, `--data=${dataMaxBytes}`, '--'];
}

/** The flag of Node's permission model, which left its experiment with Node 22.13. */
function permissionFlag(): string {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 13) ? '--permission' : '--experimental-permission';
}

function nodeFlags({ readable, addons, heapMaxMb }: Confined): string[] {
  return [
    `--max-old-space-size=${heapMaxMb}`,
    '--no-warnings',
    permissionFlag(),
    ...(addons ? ['--allow-addons'] : []),
    ...readable.map((path) => `--allow-fs-read=${path.endsWith('.json') ? path : join(path, '*')}`),
  ];
}

/** Only where the system keeps its programs: a search path may lead anywhere. */
function programPath(name: string): string | null {
  return ['/usr/bin', '/bin', '/usr/local/bin'].map((folder) => join(folder, name)).find(existsSync) ?? null;
}
