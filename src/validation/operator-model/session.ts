import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { OperatorModelError } from './problem.ts';
import { createRunner, loadRuntime, type Runner } from './runner.ts';

/** A loaded model. */
export interface ModelSession {
  readonly run: Runner;
  close(): Promise<void>;
}

export type StartSession = (model: Uint8Array) => Promise<ModelSession>;

interface Job {
  readonly operatorModel: Uint8Array;
}

type Told =
  | { readonly kind: 'ready' }
  | { readonly kind: 'logits'; readonly number: number; readonly logits: readonly number[] }
  | { readonly kind: 'failed'; readonly number: number | null; readonly message: string };

/**
 * Loads a model in a thread of its own: the package computes where it is called, and would hold up
 * every other request.
 * @throws OperatorModelError
 */
export async function startSession(model: Uint8Array): Promise<ModelSession> {
  // Node 20 loads no TypeScript in a thread.
  if (import.meta.url.endsWith('.ts')) {
    const run = await createRunner(await loadRuntime(), model);
    return { run, close: async () => undefined };
  }
  const job: Job = { operatorModel: model };
  return new Promise((resolve, reject) =>
    startThread(new Worker(new URL(import.meta.url), { workerData: job }), resolve, reject),
  );
}

function startThread(
  worker: Worker,
  ready: (session: ModelSession) => void,
  refused: (fault: OperatorModelError) => void,
): void {
  const waiting = new Map<
    number,
    { resolve: (logits: readonly number[]) => void; reject: (fault: Error) => void }
  >();
  let ended: OperatorModelError | null = null;
  let asked = 0;
  const end = (message: string) => {
    ended ??= new OperatorModelError(message);
    refused(ended);
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  const run: Runner = (ids) =>
    new Promise((resolve, reject) => {
      if (ended !== null) return reject(ended);
      asked += 1;
      waiting.set(asked, { resolve, reject });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage({ number: asked, ids });
    });
  worker.on('message', (told: Told) => {
    if (told.kind === 'ready') {
      // A start that fails elsewhere must not be kept alive by it; whoever waits for it has a deadline of their own.
      worker.unref();
      return ready({ run, close: async () => void (await worker.terminate()) });
    }
    if (told.kind === 'failed' && told.number === null) return end(told.message);
    const number = told.number ?? 0;
    const one = waiting.get(number);
    waiting.delete(number);
    if (told.kind === 'logits') one?.resolve(told.logits);
    else one?.reject(new OperatorModelError(told.message));
  });
  worker.once('error', ({ name }) => end(`the thread of the model ended with ${name}`));
  worker.once('exit', () => end('the thread of the model has ended'));
}

function isJob(data: unknown): data is Job {
  return typeof data === 'object' && data !== null && 'operatorModel' in data;
}

async function serve({ operatorModel }: Job, tell: (told: Told) => void): Promise<void> {
  const messageOf = (fault: unknown) =>
    fault instanceof OperatorModelError ? fault.message : 'the model failed on a text';
  try {
    const run = await createRunner(await loadRuntime(), operatorModel);
    parentPort?.on('message', ({ number, ids }: { number: number; ids: readonly number[] }) => {
      run(ids).then(
        (logits) => tell({ kind: 'logits', number, logits }),
        (fault: unknown) => tell({ kind: 'failed', number, message: messageOf(fault) }),
      );
    });
    tell({ kind: 'ready' });
  } catch (fault) {
    tell({ kind: 'failed', number: null, message: messageOf(fault) });
  }
}

if (!isMainThread && isJob(workerData)) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  await serve(workerData, (told) => parentPort?.postMessage(told));
}
