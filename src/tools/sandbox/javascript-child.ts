import { getQuickJS } from 'quickjs-emscripten';
import type { JavascriptTask } from './javascript-task.ts';
import { fault, type ToolOutcome } from './outcome.ts';
import { runInQuickJs } from './quickjs.ts';

/*
 * The process that javascript tools run in, one call at a time. Whatever goes wrong in here, the gateway loses
 * one child.
 */

const module = await getQuickJS();

process.on('message', (task: JavascriptTask) => {
  const outcome = attempt(task);
  process.send?.(outcome, undefined, {}, () => {
    // A runtime that met a limit may have left its memory in any state.
    if (outcome.kind === 'fault' && outcome.fault !== 'ERROR' && outcome.fault !== 'NO_TEXT') process.exit(0);
  });
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');

function attempt(task: JavascriptTask): ToolOutcome {
  try {
    return runInQuickJs(module, task);
  } catch {
    // A fault of WebAssembly itself; the gateway is told its kind, and records that.
    return fault('CRASH');
  }
}
