import { Type } from 'typebox';
import { SecretReferenceSchema } from './secret.ts';

const closed = { additionalProperties: false } as const;

const WitnessSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'key name of the witness, as in its verifier key' }),
    key: Type.String({ description: 'verifier key of the witness: name+hash+key' }),
    url: Type.String({
      pattern: '^https?://',
      description: 'submission prefix; checkpoints go to <url>/add-checkpoint',
    }),
  },
  closed,
);

/** The transparency log of each cell. */
export const LedgerSchema = Type.Object(
  {
    origin: Type.String({
      pattern: '^[a-zA-Z0-9][a-zA-Z0-9._/-]{0,190}$',
      description: 'first part of every log’s origin, without scheme; cell and period follow it',
    }),
    folder: Type.String({
      description: 'folder of the published files, relative to this file; not on the store’s disk',
    }),
    public: Type.Boolean({
      description: 'whether /ledger/… is served without a key; otherwise the key needs the role auditor',
    }),
    checkpointPeriodMs: Type.Integer({
      minimum: 100,
      maximum: 60_000,
      description: 'time between checkpoints while entries arrive, ms',
    }),
    witnesses: Type.Array(WitnessSchema, {
      description: 'who cosigns checkpoints; they see sizes and roots',
    }),
    quorum: Type.Integer({
      minimum: 0,
      description: 'cosignatures a checkpoint needs to count as witnessed',
    }),
    unwitnessedAlertMinutes: Type.Integer({
      minimum: 1,
      description: 'an alert is raised when the newest witnessed checkpoint lags by more, minutes',
    }),
  },
  { ...closed, description: 'the signed ledger of every cell: proof that nothing was altered or removed' },
);

/** The count of what left, kept apart from the store. */
export const EgressCounterSchema = Type.Object(
  {
    folder: Type.String({
      description: 'folder of the append-only files, relative to this file; not on the store’s disk',
    }),
  },
  {
    ...closed,
    description: 'one line for each call, written before it leaves; completeness counts against it',
  },
);

const hotMonths = Type.Union([Type.Integer({ minimum: 1 }), Type.Literal('all')], {
  description:
    'full months a decision stays in the store before "audit archive detach" may take its month out, or all',
});

const archiveEndpoint = Type.String({
  pattern: '^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$',
  description: 'endpoint that declares where the archive is; it passes the lawful filter as archive',
});

const FolderArchiveSchema = Type.Object(
  {
    endpoint: archiveEndpoint,
    folder: Type.String({ description: 'folder of the sealed segments, relative to this file' }),
    hotMonths,
  },
  closed,
);

const S3ArchiveSchema = Type.Object(
  {
    endpoint: archiveEndpoint,
    s3: Type.Object(
      {
        bucket: Type.String({ minLength: 3, description: 'bucket with Object Lock enabled' }),
        region: Type.String({ description: 'region of the bucket' }),
        prefix: Type.String({
          pattern: '^(.*/)?$',
          description: 'prefix of every object key, ending in /; may be empty',
        }),
        endpoint: Type.Optional(
          Type.String({ pattern: '^https?://', description: 'address of an S3-compatible server' }),
        ),
        pathStyle: Type.Optional(Type.Boolean({ description: 'address buckets by path, not by host' })),
        accessKeyId: Type.Optional(SecretReferenceSchema),
        secretAccessKey: Type.Optional(SecretReferenceSchema),
        lockDays: Type.Integer({
          minimum: 1,
          description: 'days every object is locked in compliance mode; nobody can shorten it',
        }),
      },
      closed,
    ),
    hotMonths,
  },
  closed,
);

/** Where sealed segments go. */
export const ArchiveSchema = Type.Union([Type.Literal('none'), FolderArchiveSchema, S3ArchiveSchema], {
  description: 'where a cell’s sealed hourly segments go: none, a folder, or S3-compatible storage',
});

/** A rule of law that makes records be kept. */
export const RetentionRuleSchema = Type.Object(
  {
    class: Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{0,62}$', description: 'name of the retention class' }),
    law: Type.String({ minLength: 1, description: 'what asks for it, for the record' }),
    months: Type.Union([Type.Integer({ minimum: 1 }), Type.Literal('indefinite')], {
      description: 'months from the clock’s start, or indefinite',
    }),
    clockStart: Type.Enum(['decision', 'account-closed', 'notice'], {
      description: 'event from which the months run; before it, the record is kept',
    }),
    jurisdictions: Type.Array(Type.String(), { description: 'jurisdictions it applies in; empty: all' }),
    decisionTypes: Type.Array(Type.String(), { description: 'decision types it applies to; empty: all' }),
  },
  closed,
);
