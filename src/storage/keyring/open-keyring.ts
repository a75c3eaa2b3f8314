import { randomBytes } from 'node:crypto';
import { type CellSecrets, cellSecret, findCellSecret } from '../cell-secrets.ts';
import { StorageSetupError } from '../errors.ts';
import { openFileKeyring } from './file-keyring.ts';
import type { KeyringConfig, KeyServiceConfig } from './keyring-config.ts';
import { type Keyring, KeyringError, type KeyWrapper, macKeyBytes, macUnder } from './keyring.ts';

export interface KeyringOptions {
  readonly cell: string;
  /** The store holds no subject key yet. Only then are new keys made: beside old rows they would open none. */
  readonly fresh: boolean;
  readonly secrets: CellSecrets;
  /** Relative to the configuration file. */
  readonly resolvePath: (path: string) => string;
  /** Turns `env:NAME` or `file:PATH` into the secret; its errors name the reference only. */
  readonly resolveSecret: (reference: string) => string;
}

/** The name of the MAC key among the cell's secrets. */
const macSecret = 'mac';

/**
 * Opens what wraps the keys of a cell. A key service is tried out before it is trusted.
 *
 * @throws StorageSetupError when it cannot be used as it is configured
 * @throws KeyringUnavailableError when the key service does not answer or refuses us
 */
export async function openKeyring(config: KeyringConfig, options: KeyringOptions): Promise<Keyring> {
  const { cell, secrets, fresh } = options;
  const active = await openWrapper(config, options, fresh);
  const previous: OpenWrapper[] = [];
  const earlier = 'previous' in config ? (config.previous ?? []) : [];
  for (const service of earlier) previous.push(await openWrapper(service, options, false));
  await proveBinding(active.wrapper, cell);

  const wrapper = previous.length === 0 ? active.wrapper : withPrevious(active, previous);
  const macKey = await findMacKey();
  return { ...wrapper, mac: (purpose, data) => macUnder(macKey, purpose, data) };

  /** Under another MAC key no subject would be found again: it stays, whatever wraps it. */
  async function findMacKey(): Promise<Buffer> {
    const stored = await findCellSecret(wrapper, secrets, cell, macSecret);
    if (stored) return stored;
    if (active.macKey) return active.macKey;
    const inherited = previous.find((one) => one.macKey !== null)?.macKey ?? null;
    if (inherited === null && !fresh) {
      throw new StorageSetupError(
        `The store of the cell "${cell}" has keys that another keyring wrapped. List that keyring under keyring.previous.`,
      );
    }
    return cellSecret(wrapper, secrets, cell, macSecret, inherited ?? macKeyBytes);
  }
}

interface OpenWrapper {
  readonly wrapper: KeyWrapper;
  /** Only a file brings its own. */
  readonly macKey: Buffer | null;
}

/** The key services' clients are loaded only where one is configured. */
async function openWrapper(
  config: KeyServiceConfig,
  options: KeyringOptions,
  create: boolean,
): Promise<OpenWrapper> {
  if ('file' in config) {
    const keyring = await openFileKeyring(options.resolvePath(config.file), { create });
    return { wrapper: keyring, macKey: keyring.macKey };
  }
  if ('awsKms' in config) {
    const { awsKmsWrapper } = await import('./aws-kms-keyring.ts');
    return { wrapper: awsKmsWrapper(config.awsKms), macKey: null };
  }
  const { vaultWrapper } = await import('./vault-keyring.ts');
  const { token } = config.vault;
  return { wrapper: vaultWrapper(config.vault, () => options.resolveSecret(token)), macKey: null };
}

function withPrevious(active: OpenWrapper, previous: readonly OpenWrapper[]): KeyWrapper {
  const all = [active, ...previous].map(({ wrapper }) => wrapper);
  return {
    wrap: (plaintext, context) => active.wrapper.wrap(plaintext, context),
    async unwrap(wrapped, keyId, context) {
      const owner = all.find((wrapper) => wrapper.names(keyId));
      if (!owner) throw new KeyringError('No keyring of the cell has the key of this row.');
      return owner.unwrap(wrapped, keyId, context);
    },
    names: (keyId) => all.some((wrapper) => wrapper.names(keyId)),
  };
}

/**
 * Wrapping must bind to the context. A service that ignores it, as old ones do with associated data they
 * do not know, would let a wrapped key be moved to another row.
 */
async function proveBinding(wrapper: KeyWrapper, cell: string): Promise<void> {
  const probe = randomBytes(32);
  const { wrapped, keyId } = await wrapper.wrap(probe, `${cell}/self-test/one`);
  const opened = await wrapper.unwrap(wrapped, keyId, `${cell}/self-test/one`);
  if (!opened.equals(probe))
    throw new StorageSetupError('The keyring gives back other bytes than it was given.');
  const moved = await wrapper.unwrap(wrapped, keyId, `${cell}/self-test/two`).catch((error: unknown) => {
    if (error instanceof KeyringError) return null;
    throw error;
  });
  if (moved !== null) {
    throw new StorageSetupError(
      'The keyring opens a wrapped key under another context. Use an AEAD key of a service that knows associated data.',
    );
  }
}
