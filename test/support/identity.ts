import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CryptoKey, type JWTPayload, SignJWT, exportJWK, generateKeyPair } from 'jose';
import type { ReferenceSource, TokenIssuer } from '../../src/config/identity-schema.ts';

/** Somebody who signs: a key pair, and its public half in a file as the configuration names it. */
export interface TestSigner {
  readonly privateKey: CryptoKey;
  /** The public key as JSON text, for whoever would misuse it. */
  readonly publicText: string;
  /** `file:…` of the JWK set. */
  readonly keys: string;
  sign(claims: JWTPayload, options?: { typ?: string; alg?: string; key?: CryptoKey }): Promise<string>;
  remove(): void;
}

const tokenIssuer = 'https://login.bank.example';
const customerIssuer = 'https://customers.bank.example';
export const audience = 'countersign-test';

export async function makeSigner(alg: 'ES256' | 'EdDSA'): Promise<TestSigner> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg };
  const folder = mkdtempSync(join(tmpdir(), 'countersign-signer-'));
  const file = join(folder, 'jwks.json');
  writeFileSync(file, JSON.stringify({ keys: [jwk] }));
  return {
    privateKey,
    publicText: JSON.stringify(jwk),
    keys: `file:${file}`,
    sign: (claims, { typ = 'JWT', key = privateKey } = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg, kid: 'k1', typ }).sign(key),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function tokenConfig(keys: string, changes: Partial<TokenIssuer> = {}): TokenIssuer {
  return {
    id: 'bank-login',
    issuer: tokenIssuer,
    audience,
    algorithms: ['ES256'],
    keys,
    tenants: ['acme'],
    roles: ['caller', 'reviewer', 'auditor'],
    caller: { claim: 'azp', is: 'client' },
    claims: {
      tenant: 'tenant',
      jurisdictions: 'cs_jurisdictions',
      dataClasses: 'cs_classes',
      decisionTypes: 'cs_types',
      roles: 'cs_roles',
      country: 'cs_country',
    },
    ...changes,
  };
}

/** Claims that are good for an hour. */
export function tokenClaims(changes: JWTPayload = {}): JWTPayload {
  return {
    iss: tokenIssuer,
    aud: audience,
    sub: 'jane.canary@bank.example',
    azp: 'claims-app',
    tenant: 'acme',
    cs_jurisdictions: ['EU'],
    cs_classes: ['personal'],
    cs_types: ['credit-application'],
    cs_roles: ['caller', 'auditor'],
    exp: secondsFromNow(3600),
    ...changes,
  };
}

export function referenceConfig(keys: string): ReferenceSource {
  return {
    id: 'customer-system',
    issuer: customerIssuer,
    audience,
    algorithms: ['EdDSA'],
    keys,
    tenants: ['acme'],
  };
}

export function referenceClaims(subject: string, jurisdiction: string, changes: JWTPayload = {}): JWTPayload {
  return {
    iss: customerIssuer,
    aud: audience,
    sub: subject,
    jurisdiction,
    exp: secondsFromNow(300),
    ...changes,
  };
}

export function secondsFromNow(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}
