import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { codeOf } from './errors.ts';

/**
 * A text that differs between two processes that had the same pid: the boot and field 22 (start time) of
 * /proc/<pid>/stat. Null when no such process lives, or it is a zombie nobody has reaped; an empty text
 * where there is no /proc and only the pid can be compared.
 */
export function processIdentity(pid: number): string | null {
  if (!signalReaches(pid)) return null;
  if (process.platform !== 'linux') return '';
  const stat = readProcFile(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The command name, field 2, may hold spaces and brackets: count from the last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  const boot = readProcFile('/proc/sys/kernel/random/boot_id') ?? '';
  return `${boot.trim()}:${fields[19] ?? ''}`;
}

/** The command line of a process, its arguments joined by spaces; empty when it is gone. */
export function commandLine(pid: number): string {
  if (process.platform === 'linux') return (readProcFile(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ');
  if (processIdentity(pid) === null) return '';
  return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
}

function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return codeOf(error) === 'EPERM';
  }
}

function readProcFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = codeOf(error);
    // ESRCH: the process ended while its file was being read.
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}
