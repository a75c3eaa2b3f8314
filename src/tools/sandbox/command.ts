import { spawn } from 'node:child_process';
import type { CommandRun } from '../declaration.ts';
import { sandboxAccount, sandboxArguments, sandboxProblem, sandboxProgram } from './bubblewrap.ts';
import { fault, type ToolOutcome } from './outcome.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Runs a command tool once. Killing bubblewrap kills everything within: its first process is the init of the
 * sandbox's process namespace.
 * @param input JSON, on its standard input
 */
export function runCommand(run: CommandRun, input: string): Promise<ToolOutcome> {
  // Asked here again, so that nothing runs outside a sandbox whoever read the configuration (I6).
  if (sandboxProblem() !== null) return Promise.resolve(fault('UNAVAILABLE'));
  return new Promise((resolve) => {
    const child = spawn(sandboxProgram, sandboxArguments(run), {
      ...sandboxAccount(),
      cwd: '/',
      env: {},
      // What it prints as errors may quote its arguments (I8).
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    let ended: ToolOutcome | null = null;
    const kill = (outcome: ToolOutcome) => {
      ended ??= outcome;
      child.kill('SIGKILL');
    };
    const endWithGateway = () => child.kill('SIGKILL');
    const timer = setTimeout(() => kill(fault('TIMEOUT')), run.limits.timeoutMs);
    process.on('exit', endWithGateway);
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > run.limits.outputBytes) kill(fault('OUTPUT_TOO_LARGE'));
      else chunks.push(chunk);
    });
    // A tool need not read its arguments; the pipe then breaks.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('error', () => kill(fault('UNAVAILABLE')));
    child.once('close', (status) => {
      clearTimeout(timer);
      process.off('exit', endWithGateway);
      resolve(ended ?? (status === 0 ? asText(Buffer.concat(chunks)) : fault('ERROR')));
    });
  });
}

function asText(bytes: Buffer): ToolOutcome {
  try {
    return { kind: 'result', text: strictUtf8.decode(bytes) };
  } catch (error) {
    if (error instanceof TypeError) return fault('NO_TEXT');
    throw error;
  }
}
