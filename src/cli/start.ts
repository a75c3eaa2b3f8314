import { Command } from 'commander';
import { epilogue, summary } from '../story/epilogue.ts';
import type { SceneResult } from '../story/scene.ts';
import { setStage, type Stage } from '../story/stage.ts';
import { StageError } from '../story/stage-error.ts';
import { playStory } from '../story/story.ts';
import { StoryTable } from '../story/table.ts';
import { CheckFailed } from './exit.ts';
import { quietLog } from './log.ts';
import { configOption, jsonOption, printJson } from './options.ts';

const parentPeriodMs = 250;

interface StartOptions {
  config: string;
  exit?: boolean;
  json?: boolean;
}

export function startCommand(): Command {
  return new Command('start')
    .description(
      'Bring everything up with simulated endpoints, play the story of eleven scenes, and stay up.',
    )
    .addOption(configOption())
    .addOption(jsonOption())
    .option('--exit', 'stop after the scenes; exit code 0 only if every scene holds')
    .addHelpText('after', '\nExample:\n  countersign start --config examples/countersign.yaml --exit')
    .action(start);
}

async function start(options: StartOptions): Promise<void> {
  const { signal } = stopSignals();
  const say = (line: string) => console.error(line);
  try {
    const stage = await setStage({ configFile: options.config, signal, log: quietLog, say });
    await perform(stage, options, say);
  } catch (error) {
    // Whoever pressed Ctrl-C knows why it ended, and everything is stopped by now.
    if (!signal.aborted || error !== signal.reason) throw error;
    throw new CheckFailed();
  }
}

async function perform(stage: Stage, options: StartOptions, say: (line: string) => void): Promise<void> {
  let hasFailed = false;
  try {
    const results = await playStory(stage, narrator(options.json === true));
    const ok = results.every((result) => result.ok);
    hasFailed = !ok;
    if (options.json) printJson({ ok, scenes: results });
    else console.log(`\n${summary(results)}\n`);
    if (!options.exit) {
      (options.json ? say : console.log)(epilogue(stage, results));
      await untilStopped(stage);
      say('\nStopping …');
    }
  } finally {
    await stage.strike(hasFailed);
    if (hasFailed) say(`The logs of all processes are in ${stage.folder}`);
  }
  if (hasFailed) throw new CheckFailed();
}

/** Tells each scene as it ends: a row of the table, or a line of progress where the output is for machines. */
function narrator(isForMachine: boolean): (result: SceneResult) => void {
  if (isForMachine) {
    return ({ ok, name }) => console.error(`${ok ? 'ok  ' : 'FAIL'}  ${name}`);
  }
  const { isTTY, columns } = process.stdout;
  const colour = isTTY && process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb';
  const table = new StoryTable({ columns: isTTY ? columns : 120, colour });
  console.log(`\n${table.head()}`);
  return (result) => console.log(table.row(result));
}

/** Resolves on a signal. @throws StageError when a process of the stage ends by itself */
async function untilStopped(stage: Stage): Promise<void> {
  const ended = (name: string, end: Promise<void>) => end.then(() => name);
  const stopped = new Promise<null>((resolve) => {
    if (stage.signal.aborted) resolve(null);
    stage.signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  const first = await Promise.race([
    stopped,
    ended('the gateway', stage.gateway.ended),
    ended('the EU simulator', stage.eu.ended),
    ended('the US simulator', stage.us.ended),
  ]);
  if (first !== null) throw new StageError(`${first} ended by itself; its log is in ${stage.folder}`);
}

/** Aborts at the first signal. Later ones change nothing: npm passes on what the terminal has sent already. */
function stopSignals(): AbortController {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
  // npm signals its shell, which ends without passing the signal on: then the parent's end is the signal.
  if (process.env['npm_lifecycle_event'] !== undefined) {
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && stopping.abort(), parentPeriodMs).unref();
  }
  return stopping;
}
