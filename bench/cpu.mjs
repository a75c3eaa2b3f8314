import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

// Linux counts process time in ticks of this length.
const tickMs = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/**
 * CPU time, user and system, that a process and everything below it has used so far. Children that
 * have ended are in their parent's own count, so the difference of two readings misses nothing.
 * @param {number} rootPid
 * @returns {number} milliseconds, in steps of one clock tick
 */
export function cpuMsOfTree(rootPid) {
  const processes = readProcesses();
  if (!processes.has(rootPid)) throw new Error(`process ${rootPid} is gone`);
  let ticks = 0;
  const pending = [rootPid];
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    ticks += processes.get(pid)?.ticks ?? 0;
    for (const [childPid, { parentPid }] of processes) if (parentPid === pid) pending.push(childPid);
  }
  return ticks * tickMs;
}

/**
 * Direct children of a process that run a program of this name.
 * @param {number} parentPid
 * @param {string} name
 */
export function childrenNamed(parentPid, name) {
  const children = [...readProcesses()].filter(
    ([, child]) => child.parentPid === parentPid && child.name === name,
  );
  return children.map(([pid]) => pid);
}

/** @returns {Map<number, { name: string, parentPid: number, ticks: number }>} */
function readProcesses() {
  const processes = new Map();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = readStat(entry);
    if (stat === null) continue;
    // The second field is a name in parentheses that may hold anything; see proc(5) for the rest.
    const nameEnd = stat.lastIndexOf(')');
    const name = stat.slice(stat.indexOf('(') + 1, nameEnd);
    const fields = stat.slice(nameEnd + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
    processes.set(Number(entry), { name, parentPid: Number(fields[1]), ticks });
  }
  return processes;
}

/** @param {string} pid */
function readStat(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    // Processes end while we look.
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}
