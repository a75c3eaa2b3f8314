import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { rebuildIndex } from '../../src/audit/archive/rebuild.ts';
import { lastSegment } from '../../src/audit/archive/repository.ts';
import { verifyArchive } from '../../src/audit/archive/verify.ts';
import { tellStory } from '../../src/audit/story.ts';
import { type ArchiveStage, inHour, openArchiveStage } from '../../test/support/archive.ts';
import { tamper } from '../../test/support/ledger.ts';
import type { TestPostgres } from '../../test/support/postgres.ts';
import { type Account, type S3Target, makeBucket, storeOn } from './target.ts';

const bucket = 'rounds';

/** A whole life: sealed, read back, found after the store has lost it, verified, its index made again. */
export async function proveArchive(
  target: S3Target,
  account: Account,
  postgres: TestPostgres,
): Promise<void> {
  await makeBucket(target, bucket, true);
  const stage = await openArchiveStage(postgres, () => storeOn(target, bucket, 400));
  try {
    const decision = await stage.decide(inHour(0), 'kept in S3');
    await stage.sequence(inHour(0));
    await stage.decide(inHour(2));
    await stage.sequence(inHour(2));
    const sealed = await stage.seal(inHour(3, 2));
    account.check(
      'three hours are sealed and read back with their locks',
      sealed.length === 3,
      `${sealed.length} hours`,
    );
    const { problem, entries } = await verify(stage);
    account.check(
      'the archive verifies',
      problem === null && entries === 2,
      problem?.problem ?? `${entries} entries`,
    );
    await tamper(stage.cell.owner, 'DELETE FROM entries');
    const story = await tellStory(stage.store, stage.keys, decision);
    account.check(
      'a decision that left the store is found and opened',
      story?.source === 'archive' && story.intact && JSON.stringify(story).includes('kept in S3'),
    );
    await stage.cell.owner.query('TRUNCATE archive_segments, archive_continuations');
    const { objects } = stage.archive;
    const desk = { cell: 'eu', query: stage.store.query, store: objects, nowMs: Date.now };
    const { added } = await rebuildIndex(desk, () => undefined);
    account.check('its index is made again from the bucket', added === sealed.length);
    await proveDamage(target, account, stage);
  } finally {
    await stage.stop();
  }
}

async function verify(stage: ArchiveStage) {
  const log = (period: string) => stage.desk.ledger.verifier(period);
  return verifyArchive(
    stage.archive.objects,
    'eu',
    () => undefined,
    await lastSegment(stage.store.query),
    log,
  );
}

/** What an administrator can still do to the newest version of a name is noticed. */
async function proveDamage(target: S3Target, account: Account, stage: ArchiveStage): Promise<void> {
  const names: string[] = [];
  for await (const name of stage.archive.objects.list('eu/')) names.push(name);
  const entries = names.find((name) => name.includes('/entries-')) ?? '';
  const at = { Bucket: bucket, Key: `archive/${entries}` };
  const hidden = await done(() => target.client.send(new DeleteObjectCommand(at)));
  if (hidden) {
    const { problem } = await verify(stage);
    account.check(
      'an object hidden by a delete marker is named',
      problem?.problem === 'the object is missing',
    );
  }
  const covered = await done(() => target.client.send(new PutObjectCommand({ ...at, Body: 'other' })));
  if (covered) {
    const { problem } = await verify(stage);
    account.check(
      'an object covered by another version is named',
      problem?.problem === 'the object was altered',
    );
  }
  account.check('damage was refused or named', true, `hidden: ${hidden}, covered: ${covered}`);
}

async function done(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch {
    return false;
  }
}
