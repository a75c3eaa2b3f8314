import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ObjectStore } from '../../src/storage/object-store/object-store.ts';
import { openS3Store } from '../../src/storage/object-store/s3.ts';

/** A running S3 server, and a client of the proof's own. */
export interface S3Target {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly client: S3Client;
}

/** Prints what was expected and whether it holds. */
export class Account {
  failures = 0;
  readonly #gaps: readonly string[];

  /** @param gaps what this server is known not to do; it is printed and does not count */
  constructor(gaps: readonly string[]) {
    this.#gaps = gaps;
  }

  check(what: string, holds: boolean, found = ''): void {
    const isGap = !holds && this.#gaps.includes(what);
    if (!holds && !isGap) this.failures += 1;
    const result = holds ? 'holds' : isGap ? 'gap  ' : 'FAILS';
    console.log(`  ${result}  ${what}${found === '' ? '' : ` (${found})`}`);
  }

  /** The work must fail with an error of this name. */
  async refuses(what: string, work: () => Promise<unknown>, names?: readonly string[]): Promise<void> {
    try {
      await work();
      this.check(what, false, 'it was done');
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown';
      this.check(what, names === undefined || names.includes(name), name);
    }
  }
}

export async function makeBucket(target: S3Target, bucket: string, locked: boolean): Promise<void> {
  await target.client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: locked }));
}

export function storeOn(target: S3Target, bucket: string, lockDays = 1): ObjectStore {
  const { endpoint, region, credentials } = target;
  return openS3Store({
    bucket,
    region,
    prefix: 'archive/',
    endpoint,
    pathStyle: true,
    credentials,
    lockDays,
  });
}

export function inDays(days: number): Date {
  return new Date((Math.ceil(Date.now() / 1000) + days * 86_400) * 1000);
}
