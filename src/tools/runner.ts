import { createHash } from 'node:crypto';
import type { Tool } from './declaration.ts';
import { runCommand } from './sandbox/command.ts';
import { JavascriptPool } from './sandbox/javascript-pool.ts';
import { fault, type ToolOutcome } from './sandbox/outcome.ts';

/** Runs the tools that need no network, each in its sandbox. */
export interface ToolRunner {
  /**
   * Runs one call that has been checked. Never rejects: what goes wrong is a fault.
   * @param call `id` seeds its random numbers, `nowMs` is its clock
   */
  run(tool: Tool, args: string, call: { readonly id: string; readonly nowMs: number }): Promise<ToolOutcome>;
  close(): void;
}

export function createToolRunner(): ToolRunner {
  const pool = new JavascriptPool();
  return {
    async run({ config, code }, args, { id, nowMs }) {
      const { runs } = config;
      if (runs.kind === 'command') return runCommand(runs, args);
      if (runs.kind !== 'javascript' || code === null) return fault('UNAVAILABLE');
      return pool.run({
        code,
        arguments: args,
        now: new Date(nowMs).toISOString(),
        seed: createHash('sha256').update(id).digest().readUInt32BE(0),
        limits: runs.limits,
      });
    },
    close: () => pool.close(),
  };
}
