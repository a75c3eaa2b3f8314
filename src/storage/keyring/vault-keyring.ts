import { Agent, request } from 'undici';
import { codeOf } from '../errors.ts';
import type { VaultConfig } from './keyring-config.ts';
import { KeyringError, KeyringUnavailableError, type KeyWrapper } from './keyring.ts';

const answerBytesMax = 64 * 1024;

/**
 * Wraps with a key of the Transit engine of HashiCorp Vault or OpenBao. The context is the associated
 * data. Ids are `<mount>/<key>:v<version>`, so a row tells which version of the key it needs.
 *
 * @param token Asked for every request: tokens are renewed while we run.
 */
export function vaultWrapper(config: VaultConfig, token: () => string): KeyWrapper {
  const { mount, key } = config;
  const prefix = `${mount}/${key}:v`;
  const call = transit(config, token);

  return {
    async wrap(plaintext, context) {
      const { status, data } = await call('encrypt', {
        plaintext: plaintext.toString('base64'),
        associated_data: Buffer.from(context).toString('base64'),
      });
      if (status !== 200) throw unavailable(meaning(status));
      const { ciphertext } = data;
      const version = typeof ciphertext === 'string' ? versionOf(ciphertext) : null;
      if (typeof ciphertext !== 'string' || version === null)
        throw unavailable('its answer is not one of Transit');
      return { wrapped: Buffer.from(ciphertext), keyId: `${prefix}${version}` };
    },

    async unwrap(wrapped, keyId, context) {
      const ciphertext = wrapped.toString('latin1');
      const version = versionOf(ciphertext);
      if (version === null || keyId !== `${prefix}${version}`) {
        throw new KeyringError('The wrapped key is not one of this keyring, or was altered.');
      }
      const { status, data } = await call('decrypt', {
        ciphertext,
        associated_data: Buffer.from(context).toString('base64'),
      });
      if (status === 400) {
        throw new KeyringError('The wrapped key, or what it belongs to, was altered, or its key is gone.');
      }
      if (status !== 200) throw unavailable(meaning(status));
      if (typeof data['plaintext'] !== 'string') throw unavailable('its answer is not one of Transit');
      return Buffer.from(data['plaintext'], 'base64');
    },

    names: (keyId) => keyId.startsWith(prefix),
  };
}

/**
 * The version in `vault:v3:<base64>`, or null. Base64 must be the one way to write its bytes: Vault takes
 * others too, and an altered row would pass as whole.
 */
function versionOf(ciphertext: string): string | null {
  const [, version, base64] = /^vault:v([1-9][0-9]{0,8}):([A-Za-z0-9+/]+={0,2})$/.exec(ciphertext) ?? [];
  if (version === undefined || base64 === undefined) return null;
  return Buffer.from(base64, 'base64').toString('base64') === base64 ? version : null;
}

interface TransitAnswer {
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>>;
}

function transit(config: VaultConfig, token: () => string) {
  const { address, mount, key, namespace, timeoutMs = 2000 } = config;
  const dispatcher = new Agent({ maxResponseSize: answerBytesMax, connect: { timeout: timeoutMs } });
  const base = `${address.replace(/\/$/, '')}/v1/${mount}`;

  async function post(path: string, body: string, signal: AbortSignal): Promise<TransitAnswer> {
    const answer = await request(`${base}/${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-vault-token': token(),
        // Vault asks for it where a token is handed on by an agent, as a guard against forged requests.
        'x-vault-request': 'true',
        ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
      },
      body,
      signal,
      dispatcher,
    });
    if (answer.statusCode !== 200) {
      await answer.body.dump();
      return { status: answer.statusCode, data: {} };
    }
    const content = (await answer.body.json()) as { data?: unknown } | null;
    return { status: 200, data: (content?.data ?? {}) as Record<string, unknown> };
  }

  return async (operation: 'encrypt' | 'decrypt', fields: Record<string, string>): Promise<TransitAnswer> => {
    const body = JSON.stringify(fields);
    const signal = AbortSignal.timeout(timeoutMs);
    const path = `${operation}/${key}`;
    try {
      return await post(path, body, signal).catch((error: unknown) => {
        // The other side closed the connection while it was idle. Doing either twice does no harm.
        if (isConnectionLost(error)) return post(path, body, signal);
        throw error;
      });
    } catch (error) {
      throw unavailable(faultOf(error));
    }
  };
}

function isConnectionLost(error: unknown): boolean {
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(codeOf(error) ?? '');
}

/** Codes and names only, and the words of whoever resolves the token: a body may hold a key (I8). */
function faultOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'its answer is not JSON';
  if (!(error instanceof Error)) return 'unknown fault';
  return error.name === 'SecretError' ? error.message : (codeOf(error) ?? error.name);
}

function meaning(status: number): string {
  const known: Readonly<Record<number, string>> = {
    400: 'it has no such key, or refuses to encrypt with it',
    403: 'it refuses the token, or its policy does not allow this',
    404: 'no Transit engine is mounted there',
    429: 'it is throttling, or in standby',
    503: 'it is sealed or in maintenance',
  };
  return `status ${status}${known[status] === undefined ? '' : `: ${known[status]}`}`;
}

function unavailable(fault: string): KeyringUnavailableError {
  return new KeyringUnavailableError(`Vault did not do what was asked (${fault}).`);
}
