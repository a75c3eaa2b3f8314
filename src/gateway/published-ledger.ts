import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { leavesOf } from '../audit/ledger/leaf.ts';
import { namesIn, PublishedFiles } from '../audit/ledger/published-files.ts';
import { bundleLevel, tilePath, tileWidth } from '../audit/ledger/tile.ts';
import type { OutsideCheckpoint } from '../audit/verification/log-check.ts';

/** The checkpoints in the published files of a cell's logs. */
export async function publishedCheckpoints(folder: string): Promise<OutsideCheckpoint[]> {
  const found: OutsideCheckpoint[] = [];
  for (const period of await namesIn(folder)) {
    const note = await new PublishedFiles(join(folder, period)).read('checkpoint');
    if (note !== null) found.push({ source: `the published files of ${period}`, note });
  }
  return found;
}

/** The leaves of a bundle in the published files, full or as far as it goes; null when it is not there. */
export async function publishedLeaves(
  folder: string,
  period: string,
  bundle: number,
): Promise<Buffer | null> {
  const full = join(folder, period, tilePath({ level: bundleLevel, index: bundle, width: tileWidth }));
  const widths = (await namesIn(`${full}.p`)).map(Number).filter(Number.isInteger);
  const partial = Math.max(0, ...widths);
  const file = existsSync(full) ? full : partial > 0 ? join(`${full}.p`, String(partial)) : null;
  return file === null ? null : leavesOf(await readFile(file));
}
