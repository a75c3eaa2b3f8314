import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { Type } from 'typebox';

/** Secrets never stand in the configuration; it says where they are. */
export const SecretReferenceSchema = Type.String({
  pattern: '^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$',
  description: 'a secret by reference: env:NAME, or file:PATH relative to the configuration file',
});

export class SecretError extends Error {
  override name = 'SecretError';
}

/**
 * The secret's text without a final line break. Called at the moment of use, so that a secret is not
 * kept in the configuration object that is printed and digested.
 * @throws SecretError naming the reference, never the value
 */
export function resolveSecret(reference: string, baseFolder: string): string {
  const value = reference.startsWith('env:')
    ? process.env[reference.slice(4)]
    : readSecretFile(reference.slice('file:'.length), baseFolder);
  if (value === undefined || value === '') {
    throw new SecretError(`${reference} is not set; set it before starting, or change the reference`);
  }
  return value;
}

function readSecretFile(path: string, baseFolder: string): string | undefined {
  const full = isAbsolute(path) ? path : resolve(baseFolder, path);
  try {
    return readFileSync(full, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new SecretError(
      `file:${path} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`,
      {
        cause,
      },
    );
  }
}
