/*
 * The program of the child process that parses documents: the parser meets hostile files here, with
 * a bounded heap, no environment, no right to write, and no way to the network.
 */
import type { Extraction, ExtractionLimits } from './extraction.ts';

interface Job {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly limits: ExtractionLimits;
}

const refuseNetwork = (): never => {
  throw new Error('a document tried to reach the network');
};
for (const name of ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest']) {
  Object.defineProperty(globalThis, name, { value: refuseNetwork, writable: false });
}

/*
 * The parser makes a DOMMatrix while it loads, for drawing, which is never done here. The native
 * canvas that would bring one is not allowed into this process.
 */
for (const name of ['DOMMatrix', 'ImageData', 'Path2D']) {
  Object.defineProperty(globalThis, name, { value: Object, configurable: true });
}

// Without the gateway there is nobody to work for.
process.on('disconnect', () => process.exit(0));
process.on('message', (job: Job) => {
  void read(job).then((extraction) => process.send?.(extraction));
});

/** A file that the parser cannot make sense of is an answer, not a fault. */
async function read({ mediaType, bytes, limits }: Job): Promise<Extraction> {
  try {
    // Loaded after the above.
    const { readWhole } = await import('./whole-document.ts');
    return await readWhole(mediaType, bytes, limits);
  } catch (error) {
    return { kind: 'unreadable', detail: error instanceof Error ? error.name : 'unknown' };
  }
}
