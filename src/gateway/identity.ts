import { type PublicKeySet, readKeySet } from '../config/key-set.ts';
import type { LoadedConfig } from '../config/load.ts';
import { ConfigError } from '../config/problem.ts';
import { InvariantError } from '../decision/errors.ts';
import { type ReferenceReader, createReferenceReader } from '../residency/subject-reference.ts';
import { type Authenticator, createAuthenticator } from './api-key.ts';
import type { Rooms } from './rooms.ts';
import { createTokenReader, looksLikeToken } from './token.ts';

/** Whoever sends a credential: an API key of ours, or a token of a trusted issuer. */
export function createDoor(rooms: Rooms): Authenticator {
  const { gateway } = rooms.config;
  const elsewhere = gateway.cells.filter(({ hosted }) => !hosted).flatMap((cell) => cell.jurisdictions);
  const keys = createAuthenticator(cellsWithJurisdictions(rooms), elsewhere);
  const issuers = withKeys(rooms.config, gateway.tokens ?? []);
  const tokens = createTokenReader(issuers, (granted, text) => macAtHome(rooms, granted, text), rooms.nowMs);
  return {
    authenticate: (credential) =>
      looksLikeToken(credential) ? tokens.read(credential) : keys.authenticate(credential),
  };
}

/** Reads references of the configured customer systems. @throws ConfigError when a key set cannot be read */
export function createReferences(config: LoadedConfig, nowMs: () => number): ReferenceReader {
  return createReferenceReader(withKeys(config, config.gateway.subjectReferences ?? []), nowMs);
}

function withKeys<Signer extends { readonly keys: string }>(
  config: LoadedConfig,
  signers: readonly Signer[],
): (Omit<Signer, 'keys'> & { readonly keys: PublicKeySet })[] {
  return signers.map((signer) => {
    const keys = readKeySet(signer.keys, config.baseFolder);
    if (typeof keys === 'string')
      throw new ConfigError([{ file: signer.keys, line: 1, path: '', message: keys }]);
    return { ...signer, keys };
  });
}

/** One person is one caller in every process that hosts their home, and nothing outside it can tell who. */
function macAtHome(rooms: Rooms, jurisdictions: readonly string[], text: string): Buffer {
  const hosted = rooms.config.gateway.cells.filter((cell) => rooms.cells.has(cell.id));
  const home = hosted.find((cell) => cell.jurisdictions.some((id) => jurisdictions.includes(id)));
  const cell = rooms.cells.get((home ?? hosted[0])?.id ?? '');
  if (cell === undefined) throw new InvariantError('a gateway without a cell');
  return cell.keyring.mac('token-caller', text);
}

function cellsWithJurisdictions(rooms: Rooms) {
  return [...rooms.cells.values()].map(({ id, store }) => {
    const jurisdictions = rooms.config.gateway.cells.find((cell) => cell.id === id)?.jurisdictions ?? [];
    return { store, jurisdictions };
  });
}
