import {
  DefaultIntrinsics,
  type QuickJSContext,
  type QuickJSWASMModule,
  shouldInterruptAfterDeadline,
} from 'quickjs-emscripten';
import type { JavascriptTask } from './javascript-task.ts';
import { fault, type ToolOutcome } from './outcome.ts';

/**
 * What a tool finds beside the language: nothing of the host. There is no clock (a clock measures, and what it
 * measures leaks), and random numbers follow from a seed, so that the same call gives the same result.
 */
const prelude = `
(() => {
  let state = SEED >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  Object.defineProperty(Math, 'random', { value: random, writable: false, configurable: false });
})();
`;

const invoke = `
((named, text, call) => {
  if (typeof named !== 'function') throw new TypeError('no function tool');
  const result = named(JSON.parse(text), JSON.parse(call));
  return typeof result === 'string' ? result : JSON.stringify(result);
})`;

/**
 * Runs one tool in a runtime of its own, and disposes of it. The process around it must be thrown away after
 * any fault but `ERROR`: what an exhausted runtime leaves behind in its WebAssembly memory is not known.
 */
export function runInQuickJs(module: QuickJSWASMModule, task: JavascriptTask): ToolOutcome {
  const { limits } = task;
  const runtime = module.newRuntime();
  const deadlineMs = Date.now() + limits.timeoutMs;
  runtime.setMemoryLimit(limits.memoryBytes);
  runtime.setMaxStackSize(limits.stackBytes);
  runtime.setInterruptHandler(shouldInterruptAfterDeadline(deadlineMs));
  const context = runtime.newContext({ intrinsics: { ...DefaultIntrinsics, Date: false } });
  const outcome = evaluate(context, task);
  const isLate = Date.now() >= deadlineMs;
  context.dispose();
  runtime.dispose();
  return outcome.kind === 'fault' && outcome.fault === 'ERROR' && isLate ? fault('TIMEOUT') : outcome;
}

function evaluate(
  context: QuickJSContext,
  { code, seed, now, limits, ...call }: JavascriptTask,
): ToolOutcome {
  const steps = [
    prelude.replace('SEED', String(seed)),
    code,
    `${invoke}(tool, ${literal(call.arguments)}, ${literal(JSON.stringify({ now }))})`,
  ];
  let text: ToolOutcome = fault('NO_TEXT');
  for (const [i, step] of steps.entries()) {
    const result = context.evalCode(step, `tool-${i}.js`);
    if (result.error) {
      const isMemory = isOutOfMemory(context, result.error);
      result.error.dispose();
      return fault(isMemory ? 'MEMORY' : 'ERROR');
    }
    if (i === steps.length - 1 && context.typeof(result.value) === 'string')
      text = { kind: 'result', text: context.getString(result.value) };
    result.value.dispose();
  }
  if (text.kind === 'result' && Buffer.byteLength(text.text) > limits.outputBytes)
    return fault('OUTPUT_TOO_LARGE');
  return text;
}

/** A string as a literal of JavaScript: JSON allows two line ends that older JavaScript does not. */
function literal(text: string): string {
  return JSON.stringify(text)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`);
}

function isOutOfMemory(context: QuickJSContext, error: Parameters<QuickJSContext['getString']>[0]): boolean {
  const message = context.getProp(error, 'message');
  const isIt = context.typeof(message) === 'string' && context.getString(message) === 'out of memory';
  message.dispose();
  // An exhausted heap may have no room for the error itself; it is then null.
  return isIt || (context.typeof(error) === 'object' && context.eq(error, context.null));
}
