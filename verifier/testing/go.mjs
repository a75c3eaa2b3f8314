import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { makeFolder } from './folder.mjs';

/** @returns {string | null} the Go command, where there is one */
export function findGo() {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/go/bin'];
  return folders.map((folder) => join(folder, 'go')).find((path) => existsSync(path)) ?? null;
}

/**
 * Builds the program of testdata/go.
 * @returns {{program: string, reason: null} | {program: null, reason: string}}
 */
export function buildOracle() {
  const go = findGo();
  if (go === null) return { program: null, reason: 'Go is not on this machine' };
  const program = join(makeFolder(), 'oracle');
  try {
    execFileSync(go, ['build', '-o', program, '.'], {
      cwd: new URL('../testdata/go', import.meta.url),
      stdio: 'pipe',
      timeout: 100_000,
    });
  } catch (error) {
    const stderr = /** @type {{stderr?: Buffer}} */ (error).stderr?.toString().trim();
    return { program: null, reason: `Go could not build the oracle: ${stderr ?? String(error)}` };
  }
  return { program, reason: null };
}
