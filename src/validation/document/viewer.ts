/*
 * The program of the child process that draws pages and reads what is drawn: native code meets hostile
 * files here, so it has the same bounds as the parser's child, and answers to nobody but its parent.
 */
import type { Seen, ViewingJob } from './child-programs.ts';

const refuseNetwork = (): never => {
  throw new Error('a document tried to reach the network');
};
for (const name of ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest']) {
  Object.defineProperty(globalThis, name, { value: refuseNetwork, writable: false });
}

// Without the gateway there is nobody to work for.
process.on('disconnect', () => process.exit(0));
process.on('message', (job: ViewingJob) => {
  void view(job).then((seen) => process.send?.(seen));
});

/** A file that cannot be drawn is an answer, not a fault. */
async function view(job: ViewingJob): Promise<Seen> {
  try {
    // Loaded after the above.
    if (job.mediaType === 'application/pdf') {
      const { viewPages } = await import('./viewing/pages.ts');
      return await viewPages(job.bytes, job.pages, job.limits);
    }
    const { viewPicture } = await import('./viewing/pictures.ts');
    return await viewPicture(job.mediaType, job.bytes, job.limits);
  } catch (error) {
    return { kind: 'unreadable', detail: error instanceof Error ? error.name : 'unknown' };
  }
}
