import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { StageError } from './stage-error.ts';

export const programs = {
  countersign: fileURLToPath(new URL('../cli/main.js', import.meta.url)),
  simulator: fileURLToPath(new URL('../simulator/main.js', import.meta.url)),
} as const;

const commandTimeoutMs = 60_000;

/**
 * Runs `countersign …` as an operator would, and gives what it printed.
 * @throws StageError when it does not end in time or by itself
 */
export function runCountersign(
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ exitCode: number; stdout: string }> {
  return new Promise((resolve, reject) => {
    const options = { timeout: commandTimeoutMs, maxBuffer: 64 * 1024 * 1024, signal };
    execFile(process.execPath, [programs.countersign, ...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ exitCode: 0, stdout });
      else if (typeof error.code === 'number') resolve({ exitCode: error.code, stdout });
      else
        reject(
          new StageError(`"countersign ${args.join(' ')}" did not end by itself: ${stderr}`, {
            cause: error,
          }),
        );
    });
  });
}
