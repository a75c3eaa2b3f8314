import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { CommandRun } from '../declaration.ts';

const bubblewrap = '/usr/bin/bwrap';
const prlimit = '/usr/bin/prlimit';
/** Who runs what a gateway that is root starts: the kernel does not hold root to a number of processes. */
const nobody = 65_534;
const temporaryBytes = 16 * 1024 * 1024;
const probeTimeoutMs = 10_000;

/**
 * The command line of a tool. It sees /usr and what it declares, read-only, a small /tmp, its own processes and
 * devices, and no network; it has no capability, no environment and no terminal, and cannot make a user
 * namespace of its own. Limits are set inside of it: there they count the tool's own processes only.
 */
export function sandboxArguments(
  run: Pick<CommandRun, 'program' | 'arguments' | 'readable' | 'limits'>,
): string[] {
  const { limits, readable } = run;
  const system = ['bin', 'sbin', 'lib', 'lib32', 'lib64'].filter((name) => existsSync(`/${name}`));
  const isolation =
    // A user namespace is named apart: --unshare-all does without where it cannot have one.
    '--unshare-user --unshare-all --disable-userns --cap-drop ALL --clearenv --new-session --die-with-parent ' +
    `--uid ${nobody} --gid ${nobody} --hostname tool --ro-bind /usr /usr --proc /proc --dev /dev --remount-ro /dev ` +
    `--size ${temporaryBytes} --tmpfs /tmp --chdir /tmp`;
  const resources =
    `--cpu=${limits.cpuSeconds} --as=${limits.memoryBytes} --nproc=${limits.processes} ` +
    `--fsize=${limits.fileBytes} --nofile=64 --core=0 --memlock=0`;
  return [
    isolation.split(' '),
    system.map((name) => ['--symlink', `usr/${name}`, `/${name}`]),
    // After /tmp: what is declared may lie in there.
    readable.map((path) => ['--ro-bind', path, path]),
    // The tool is the first process of its namespace: there is no other to trace, and all end with it.
    ['--remount-ro', '/', '--as-pid-1', '--', prlimit],
    resources.split(' '),
    ['--', run.program, run.arguments],
  ].flat(2);
}

/** How the sandbox is started, whoever the gateway runs as. */
export function sandboxAccount(): { readonly uid?: number; readonly gid?: number } {
  return process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
}

export const sandboxProgram = bubblewrap;

let known: string | null | undefined;

/**
 * Why command tools cannot run here; null where they can. Tried once for each process, by running a program
 * that only ends well where it can write nowhere and sees one network device.
 */
export function sandboxProblem(): string | null {
  known ??= probe();
  return known;
}

function probe(): string | null {
  if (process.platform !== 'linux') return `command tools need Linux, and this is ${process.platform}`;
  const missing = [bubblewrap, prlimit].find((path) => !existsSync(path));
  if (missing !== undefined)
    return `command tools need ${missing}; install bubblewrap 0.8 or later and util-linux`;
  const limits = {
    timeoutMs: probeTimeoutMs,
    outputBytes: 1024,
    cpuSeconds: 5,
    memoryBytes: 268_435_456,
    processes: 8,
    fileBytes: 1024,
  };
  const script = '! touch /probe 2>/dev/null && [ "$(grep -c : /proc/net/dev)" = 1 ]';
  const test = { program: '/usr/bin/sh', arguments: ['-c', script], readable: [], limits };
  const { status, error } = spawnSync(bubblewrap, sandboxArguments(test), {
    ...sandboxAccount(),
    cwd: '/',
    env: {},
    timeout: probeTimeoutMs,
    stdio: 'ignore',
  });
  if (status === 0) return null;
  const why =
    error === undefined ? `status ${status}` : ((error as NodeJS.ErrnoException).code ?? error.name);
  return `bubblewrap cannot isolate programs here (${why}); allow unprivileged user namespaces, and use 0.8 or later`;
}
