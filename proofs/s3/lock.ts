import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import { type Account, type S3Target, inDays, makeBucket, storeOn } from './target.ts';

const Bucket = 'lock';
const Key = 'archive/eu/sealed.txt';

export const refusals = {
  shorter: 'the server refuses a shorter lock',
  weaker: 'the server refuses a weaker lock',
} as const;

/** The server itself refuses to lose what was sealed, also to the account's owner. */
export async function proveLock(target: S3Target, account: Account): Promise<void> {
  const { client } = target;
  await makeBucket(target, Bucket, true);
  const store = storeOn(target, Bucket);
  const bytes = Buffer.from('sealed');
  await store.put('eu/sealed.txt', bytes, { lockUntil: inDays(1) });
  const versions = await client.send(new ListObjectVersionsCommand({ Bucket }));
  const VersionId = versions.Versions?.[0]?.VersionId;
  account.check('the object has one version', versions.Versions?.length === 1 && VersionId !== undefined);
  if (VersionId === undefined) return;
  const remove = (bypass: boolean) =>
    client.send(new DeleteObjectCommand({ Bucket, Key, VersionId, BypassGovernanceRetention: bypass }));
  await account.refuses('the server refuses to delete the locked version', () => remove(false));
  await account.refuses('… also when governance is to be bypassed', () => remove(true));
  const retain = (Mode: 'COMPLIANCE' | 'GOVERNANCE', RetainUntilDate: Date) =>
    client.send(
      new PutObjectRetentionCommand({
        Bucket,
        Key,
        Retention: { Mode, RetainUntilDate },
        BypassGovernanceRetention: true,
      }),
    );
  await account.refuses(refusals.shorter, () => retain('COMPLIANCE', new Date(Date.now() + 60_000)));
  await account.refuses(refusals.weaker, () => retain('GOVERNANCE', inDays(2)));
  await overwrite(target, account, VersionId);
  await store.close();
}

/** With versions, other bytes become another version above the locked one, which stays. */
async function overwrite({ client }: S3Target, account: Account, locked: string): Promise<void> {
  try {
    await client.send(new PutObjectCommand({ Bucket, Key, Body: 'other' }));
  } catch (error) {
    account.check(
      'the server refuses to overwrite it',
      true,
      error instanceof Error ? error.name : 'unknown',
    );
    return;
  }
  const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  const stays = Versions?.some((version) => version.VersionId === locked && version.Size === 6) ?? false;
  account.check(
    'overwriting leaves the locked version below the new one',
    stays,
    `${Versions?.length} versions`,
  );
}
