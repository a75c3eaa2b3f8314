import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
/** Keys cross this connection: it is TLS, or it does not leave the machine. */
const safeOrigin = '^(https://[^/@?#\\s]+|http://(127\\.0\\.0\\.1|localhost|\\[::1\\])(:[0-9]+)?)/?$';
const timeoutMs = Type.Optional(
  Type.Integer({
    minimum: 50,
    maximum: 60_000,
    description: 'longest wait for one answer of the key service, ms; 2000 when left out',
  }),
);

const FileSchema = Type.Object(
  { file: Type.String({ minLength: 1, description: 'key file, mode 0600; made on the first start' }) },
  { ...closed, description: 'keys in a file of this machine' },
);

const AwsKmsSchema = Type.Object(
  {
    awsKms: Type.Object(
      {
        keyArn: Type.String({
          pattern: '^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$',
          description: 'ARN of a symmetric key; an alias is refused, because it can be pointed elsewhere',
        }),
        region: Type.String({ pattern: '^[a-z0-9-]+$', description: 'AWS region of the key' }),
        endpoint: Type.Optional(
          Type.String({ pattern: safeOrigin, description: 'address of KMS, for a private endpoint' }),
        ),
        timeoutMs,
      },
      { ...closed, description: 'credentials are found by the AWS SDK: role, profile or environment' },
    ),
  },
  { ...closed, description: 'keys in AWS KMS' },
);

const VaultSchema = Type.Object(
  {
    vault: Type.Object(
      {
        address: Type.String({
          pattern: safeOrigin,
          description: 'origin of Vault or OpenBao; TLS off the machine',
        }),
        mount: Type.String({
          pattern: '^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$',
          description: 'path at which the Transit engine is mounted',
        }),
        key: Type.String({
          pattern: '^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$',
          description: 'name of an AEAD key of the engine, such as aes256-gcm96',
        }),
        token: Type.String({
          pattern: '^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$',
          description: 'reference to the token, read anew for every use: env:NAME or file:PATH',
        }),
        namespace: Type.Optional(
          Type.String({ pattern: '^[A-Za-z0-9_/-]+$', description: 'namespace of the mount' }),
        ),
        timeoutMs,
      },
      { ...closed, description: 'keys never leave the engine' },
    ),
  },
  { ...closed, description: 'keys in the Transit engine of HashiCorp Vault or OpenBao' },
);

const KeyServiceSchema = Type.Union([FileSchema, AwsKmsSchema, VaultSchema]);
const previous = Type.Optional(
  Type.Array(KeyServiceSchema, {
    description: 'earlier keyrings: they only unwrap, until "countersign keys rotate" has left them no row',
  }),
);

/** What wraps the keys of a cell. `previous` lets a cell move to a key service, or from one to another. */
export const KeyringSchema = Type.Union(
  [
    FileSchema,
    Type.Object(
      { ...AwsKmsSchema.properties, previous },
      { ...closed, description: 'keys in AWS KMS, and where they were before' },
    ),
    Type.Object(
      { ...VaultSchema.properties, previous },
      { ...closed, description: 'keys in Vault or OpenBao Transit, and where they were before' },
    ),
  ],
  { description: 'what wraps the subjects’ keys' },
);

export type KeyringConfig = Static<typeof KeyringSchema>;
export type KeyServiceConfig = Static<typeof KeyServiceSchema>;
export type AwsKmsConfig = Static<typeof AwsKmsSchema>['awsKms'];
export type VaultConfig = Static<typeof VaultSchema>['vault'];
