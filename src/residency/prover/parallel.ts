import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { ResidencyPolicy } from '../policy.ts';
import type { ProofOptions } from './plan.ts';
import { type Proof, type ProofShare, proofOf, prove, proveShare, type Share } from './prove.ts';

interface Job {
  readonly proverJob: true;
  readonly policy: ResidencyPolicy;
  readonly options: ProofOptions;
  readonly share: Share;
}

const threadsMax = 8;

/** The same as `prove`, with the demands shared out over threads, one per core unless told. */
export async function proveInThreads(
  policy: ResidencyPolicy,
  options: ProofOptions,
  threads: number = Math.min(threadsMax, availableParallelism()),
): Promise<Proof> {
  // Node 20 loads no TypeScript in a thread.
  if (import.meta.url.endsWith('.ts') || threads === 1) return prove(policy, options);
  const startedMs = performance.now();
  const shares = Array.from({ length: threads }, (_, index) => ({ index, count: threads }));
  const found = await Promise.all(
    shares.map((share) => runThread({ proverJob: true, policy, options, share })),
  );
  return proofOf(policy, options, startedMs, found);
}

/** This very file is the thread's program: so it is found from src and from dist alike. */
function runThread(job: Job): Promise<ProofShare> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: job });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a thread of the prover ended with ${code}`)));
  });
}

function isJob(data: unknown): data is Job {
  return typeof data === 'object' && data !== null && 'proverJob' in data;
}

if (!isMainThread && isJob(workerData)) {
  const { policy, options, share } = workerData;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage(proveShare(policy, options, share));
}
