import { join } from 'node:path';
import { lastSegment } from '../audit/archive/repository.ts';
import { type ArchiveVerification, verifyArchive } from '../audit/archive/verify.ts';
import type { OutsideCheckpoint } from '../audit/verification/log-check.ts';
import { type VerifyOptions, type VerifyResult, verifyCell } from '../audit/verification/verify.ts';
import type { LoadedConfig } from '../config/load.ts';
import { publishedCheckpoints, publishedLeaves } from './published-ledger.ts';
import type { Cell } from './rooms.ts';

export interface CellVerification extends VerifyResult {
  readonly cell: string;
  /** What the sealed archive says; null when the cell has none. */
  readonly archive: ArchiveVerification | null;
}

/**
 * Verifies a hosted cell: its store against its ledger, the ledger against the published files and against
 * checkpoints that somebody kept, and the sealed archive.
 */
export async function verifyHostedCell(
  cell: Cell,
  config: LoadedConfig,
  more: {
    kept?: readonly OutsideCheckpoint[];
  } & Pick<VerifyOptions, 'resumeFrom' | 'onProgress' | 'onState'> = {},
): Promise<CellVerification> {
  const { kept = [], ...following } = more;
  const folder = join(config.resolvePath(config.gateway.ledger.folder), cell.id);
  const { archive, ledger } = cell;
  const result = await verifyCell({
    store: cell.store,
    keys: cell.keys,
    logKey: (period) => ledger.verifier(period),
    outside: [...(await publishedCheckpoints(folder)), ...kept],
    publishedLeaves: (period, bundle) => publishedLeaves(folder, period, bundle),
    isArchived: async (decisionId) => (await archive?.isArchived(decisionId)) ?? false,
    ...following,
  });
  if (archive === null) return { cell: cell.id, ...result, archive: null };
  const newest = await lastSegment(cell.store.query);
  const sealed = await verifyArchive(
    archive.objects,
    cell.id,
    () => undefined,
    newest,
    (period) => ledger.verifier(period),
  );
  return { cell: cell.id, ...result, archive: sealed };
}

export function holds({ problemCount, archive }: CellVerification): boolean {
  return problemCount === 0 && (archive === null || archive.problem === null);
}
