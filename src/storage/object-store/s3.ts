import {
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectRetentionCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { StorageSetupError } from '../errors.ts';
import {
  ObjectConflictError,
  type ObjectHead,
  type ObjectStore,
  ObjectStoreError,
  checkObjectName,
} from './object-store.ts';

export interface S3StoreOptions {
  readonly bucket: string;
  readonly region: string;
  /** Put before every name; empty or ending in `/`. */
  readonly prefix: string;
  /** Address of an S3-compatible server; AWS when absent. */
  readonly endpoint?: string;
  readonly pathStyle?: boolean;
  /** The SDK looks for credentials by its own chain when absent. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly lockDays: number;
}

const attemptsMax = 4;
const connectTimeoutMs = 5_000;
/** For 16 MiB over a slow line. */
const requestTimeoutMs = 60_000;

interface Bucket {
  readonly client: S3Client;
  readonly bucket: string;
  readonly prefix: string;
}

/** Objects in a bucket with Object Lock, each locked in compliance mode from the moment it is there. */
export function openS3Store(options: S3StoreOptions): ObjectStore {
  const { bucket, region, prefix, endpoint, pathStyle, credentials, lockDays } = options;
  const client = new S3Client({
    region,
    maxAttempts: attemptsMax,
    requestHandler: { connectionTimeout: connectTimeoutMs, requestTimeout: requestTimeoutMs },
    ...(endpoint !== undefined && { endpoint }),
    ...(pathStyle !== undefined && { forcePathStyle: pathStyle }),
    ...(credentials !== undefined && { credentials }),
  });
  const at: Bucket = { client, bucket, prefix };
  return {
    place: `s3://${bucket}/${prefix}`,
    lockDays,
    check: () => checkLock(at),
    put: (name, bytes, { lockUntil }) => putLocked(at, name, bytes, lockUntil),
    get: (name) => absentAsNull('GetObject', () => getBytes(at, name)),
    head: (name) => absentAsNull('HeadObject', () => headOf(at, name)),
    list: (start) => namesFrom(at, start),
    close() {
      client.destroy();
      return Promise.resolve();
    },
  };
}

async function checkLock({ client, bucket }: Bucket): Promise<void> {
  let enabled: string | undefined;
  try {
    const answer = await client.send(new GetObjectLockConfigurationCommand({ Bucket: bucket }));
    enabled = answer.ObjectLockConfiguration?.ObjectLockEnabled;
  } catch (cause) {
    if ((statusOf(cause) ?? 500) >= 500) throw fault('GetObjectLockConfiguration', cause);
    throw notLocked(bucket, nameOf(cause));
  }
  if (enabled !== 'Enabled') throw notLocked(bucket, 'not enabled');
}

function notLocked(bucket: string, code: string): StorageSetupError {
  return new StorageSetupError(
    `The archive's bucket "${bucket}" does not say that it has Object Lock (${code}). Make the bucket with Object Lock, and give the gateway s3:GetBucketObjectLockConfiguration; docs/archive.md shows how.`,
  );
}

async function putLocked(at: Bucket, name: string, bytes: Buffer, lockUntil: Date | null): Promise<void> {
  if (lockUntil === null) throw new ObjectStoreError('An object was to be written without a lock.');
  const command = new PutObjectCommand({
    ...keyOf(at, name),
    Body: bytes,
    ContentLength: bytes.length,
    // S3 asks for the header that names the algorithm where an object is locked at once.
    ChecksumAlgorithm: 'SHA256',
    ChecksumSHA256: createHash('sha256').update(bytes).digest('base64'),
    IfNoneMatch: '*',
    ObjectLockMode: 'COMPLIANCE',
    ObjectLockRetainUntilDate: lockUntil,
  });
  try {
    await at.client.send(command);
  } catch (cause) {
    // 412: the name is taken. 409: somebody else is just writing it, or a lock forbids to write over it.
    if (![409, 412].includes(statusOf(cause) ?? 0)) throw fault('PutObject', cause);
    const existing = await absentAsNull('GetObject', () => getBytes(at, name));
    if (existing === null) throw fault('PutObject', cause);
    if (!existing.equals(bytes)) throw new ObjectConflictError(name);
    await prolong(at, name, lockUntil);
  }
}

/** A lock in compliance mode can be made longer, by anybody, and shorter by nobody. */
async function prolong(at: Bucket, name: string, lockUntil: Date): Promise<void> {
  const { lockedUntil } = await send('HeadObject', () => headOf(at, name));
  if (lockedUntil !== null && lockedUntil >= lockUntil) return;
  const Retention = { Mode: 'COMPLIANCE', RetainUntilDate: lockUntil } as const;
  await send('PutObjectRetention', () =>
    at.client.send(new PutObjectRetentionCommand({ ...keyOf(at, name), Retention })),
  );
}

async function getBytes(at: Bucket, name: string): Promise<Buffer> {
  const answer = await at.client.send(new GetObjectCommand(keyOf(at, name)));
  if (!answer.Body) throw new ObjectStoreError('GetObject gave an answer without a body.');
  return Buffer.from(await answer.Body.transformToByteArray());
}

/** The lock counts in compliance mode only: in governance mode some may remove it. */
async function headOf(at: Bucket, name: string): Promise<ObjectHead> {
  const answer = await at.client.send(new HeadObjectCommand(keyOf(at, name)));
  const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until } = answer;
  const lockedUntil =
    mode === undefined ? await retentionOf(at, name) : mode === 'COMPLIANCE' ? (until ?? null) : null;
  return { bytes: answer.ContentLength ?? 0, lockedUntil };
}

/** For servers that do not tell the lock with the object. */
async function retentionOf(at: Bucket, name: string): Promise<Date | null> {
  try {
    const { Retention } = await at.client.send(new GetObjectRetentionCommand(keyOf(at, name)));
    return Retention?.Mode === 'COMPLIANCE' ? (Retention.RetainUntilDate ?? null) : null;
  } catch (cause) {
    if (nameOf(cause) === 'NoSuchObjectLockConfiguration') return null;
    throw fault('GetObjectRetention', cause);
  }
}

async function* namesFrom(at: Bucket, start: string): AsyncGenerator<string> {
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      Bucket: at.bucket,
      Prefix: at.prefix + start,
      ...(token !== undefined && { ContinuationToken: token }),
    });
    const page = await send('ListObjectsV2', () => at.client.send(command));
    for (const { Key } of page.Contents ?? []) if (Key) yield Key.slice(at.prefix.length);
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

function keyOf({ bucket, prefix }: Bucket, name: string) {
  checkObjectName(name);
  return { Bucket: bucket, Key: prefix + name };
}

async function absentAsNull<Found>(operation: string, look: () => Promise<Found>): Promise<Found | null> {
  try {
    return await look();
  } catch (cause) {
    if (statusOf(cause) === 404) return null;
    throw fault(operation, cause);
  }
}

async function send<Answer>(operation: string, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (cause) {
    throw fault(operation, cause);
  }
}

/** Names only: a server's message may quote what it was sent. */
function fault(operation: string, cause: unknown): ObjectStoreError {
  if (cause instanceof ObjectStoreError) return cause;
  return new ObjectStoreError(`S3 did not do ${operation} (${nameOf(cause)}).`);
}

function nameOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown fault';
  const code = 'code' in cause && typeof cause.code === 'string' ? ` ${cause.code}` : '';
  return `${cause.name}${code}`;
}

/** Null when no server answered. */
function statusOf(cause: unknown): number | null {
  if (!(cause instanceof Error) || !('$metadata' in cause)) return null;
  const { httpStatusCode } = cause.$metadata as { httpStatusCode?: number };
  return httpStatusCode ?? null;
}
