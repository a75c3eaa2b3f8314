import { DecryptCommand, EncryptCommand, KMSClient, KMSServiceException } from '@aws-sdk/client-kms';
import type { AwsKmsConfig } from './keyring-config.ts';
import { KeyringError, KeyringUnavailableError, type KeyWrapper } from './keyring.ts';

/** Codes of KMS that say: this ciphertext, under this key and this context, will never open. */
const neverOpens = new Set([
  'InvalidCiphertextException',
  'IncorrectKeyException',
  'NotFoundException',
  'InvalidKeyUsageException',
]);

/**
 * Wraps with a symmetric key of AWS KMS. Credentials are found by the SDK's own chain and renewed by it.
 * The context becomes the encryption context, which a key policy can restrict and CloudTrail shows.
 */
export function awsKmsWrapper(config: AwsKmsConfig): KeyWrapper {
  const { keyArn, region, endpoint, timeoutMs = 2000 } = config;
  const client = new KMSClient({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    // The second try is for connections that the other side closed while they were idle.
    maxAttempts: 2,
    requestHandler: { connectionTimeout: timeoutMs, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
  });

  /** The SDK minds the signal while it waits for an answer, but not between two tries. */
  async function bounded<Answer>(send: (abortSignal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    const signal = AbortSignal.timeout(timeoutMs);
    const late = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    return Promise.race([send(signal), late]);
  }

  return {
    async wrap(plaintext, context) {
      const command = new EncryptCommand({
        KeyId: keyArn,
        Plaintext: plaintext,
        EncryptionContext: encryptionContext(context),
      });
      const answer = await bounded((abortSignal) => client.send(command, { abortSignal })).catch(
        (cause: unknown) => {
          throw unavailable(cause);
        },
      );
      if (!answer.CiphertextBlob || answer.KeyId !== keyArn) throw notUnderstood();
      return { wrapped: Buffer.from(answer.CiphertextBlob), keyId: keyArn };
    },

    async unwrap(wrapped, keyId, context) {
      // The id comes from a row. Somebody who can write rows must not choose a key of his own.
      if (keyId !== keyArn) throw new KeyringError('The keyring is not configured with the key of this row.');
      const command = new DecryptCommand({
        KeyId: keyArn,
        CiphertextBlob: wrapped,
        EncryptionContext: encryptionContext(context),
      });
      const answer = await bounded((abortSignal) => client.send(command, { abortSignal })).catch(
        (cause: unknown) => {
          throw isFinal(cause)
            ? new KeyringError(`The wrapped key, or what it belongs to, was altered (${codeOf(cause)}).`)
            : unavailable(cause);
        },
      );
      if (!answer.Plaintext || answer.KeyId !== keyArn) throw notUnderstood();
      return Buffer.from(answer.Plaintext);
    },

    names: (keyId) => keyId === keyArn,
  };
}

/** One pair, so that a policy can match it: `kms:EncryptionContext:countersign` like `eu/*`. */
function encryptionContext(context: string): Record<string, string> {
  return { countersign: context };
}

function isFinal(cause: unknown): boolean {
  return cause instanceof KMSServiceException && neverOpens.has(cause.name);
}

/** Names only: a message of the service may quote what it was sent (I8). */
function unavailable(cause: unknown): KeyringUnavailableError {
  return new KeyringUnavailableError(`AWS KMS did not do what was asked (${codeOf(cause)}).`);
}

function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown fault';
  const code = 'code' in cause && typeof cause.code === 'string' ? ` ${cause.code}` : '';
  return `${cause.name}${code}`;
}

function notUnderstood(): KeyringUnavailableError {
  return new KeyringUnavailableError('AWS KMS gave an answer that is not one of KMS.');
}
