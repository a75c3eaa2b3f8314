import { decodeProtectedHeader, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import type { TokenIssuer } from '../config/identity-schema.ts';
import type { PublicKeySet } from '../config/key-set.ts';
import { sha256 } from '../decision/canonical.ts';
import { CountersignError } from '../decision/errors.ts';
import { countryCodes } from '../residency/country.ts';
import { type SignatureProblem, createSignatureCheck } from '../residency/signature.ts';
import { referenceType } from '../residency/subject-reference.ts';
import type { Caller, Grants } from './caller.ts';

/** An issuer with its keys read. */
export type TrustedIssuer = Omit<TokenIssuer, 'keys'> & { readonly keys: PublicKeySet };

export interface TokenReader {
  /**
   * The caller that a JSON Web Token speaks for, with exactly the grants it carries.
   * @throws CountersignError TOKEN_INVALID: a token that lacks one claim grants nothing
   */
  read(token: string): Promise<Caller>;
}

const tokenShape = /^[\w-]+\.[\w-]+\.[\w-]*$/;
const cachedTokens = 10_000;
/** Technical names only: no `@`, no blank, so neither an address nor a person's name. */
const clientForm = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$/;
const nameForm = /^[\x21-\x7e]{1,100}$/;
const listMax = 200;

/** Whether a credential is a token by its form, whatever it is worth. */
export function looksLikeToken(credential: string): boolean {
  return tokenShape.test(credential);
}

/**
 * @param macOf a keyed digest of a text, under a key of the cell that is the home of these jurisdictions
 * @param nowMs epoch milliseconds
 */
export function createTokenReader(
  issuers: readonly TrustedIssuer[],
  macOf: (jurisdictions: readonly string[], text: string) => Buffer,
  nowMs: () => number,
): TokenReader {
  const check = createSignatureCheck(issuers, nowMs);
  const cache = new LRUCache<string, { caller: Caller; untilMs: number }>({ max: cachedTokens });

  return {
    async read(token) {
      // Its digest, for a token in memory is as good as the token.
      const cacheKey = sha256(token).toString('base64');
      const cached = cache.get(cacheKey);
      if (cached && nowMs() < cached.untilMs) return cached.caller;
      if (isReference(token)) throw invalid('type');
      const checked = await check(token);
      if (checked.kind === 'refuse') throw invalid(checked.problem);
      const { signer, claims } = checked;
      const caller = callerOf(signer, claims, macOf);
      if (caller === null) throw invalid('claims');
      cache.set(cacheKey, { caller, untilMs: (claims.exp ?? 0) * 1000 });
      return caller;
    },
  };
}

function invalid(problem: SignatureProblem): CountersignError {
  return new CountersignError('TOKEN_INVALID', { extra: { problem } });
}

/** A statement about a subject, by the same signer, must not open the door. */
function isReference(token: string): boolean {
  try {
    return decodeProtectedHeader(token).typ?.toLowerCase() === referenceType;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** Null when a claim is missing or is not what it should be: no part of a token counts without the others. */
function callerOf(
  issuer: TrustedIssuer,
  claims: JWTPayload,
  macOf: (jurisdictions: readonly string[], text: string) => Buffer,
): Caller | null {
  const { claims: names, caller: who } = issuer;
  const tenant = claims[names.tenant];
  if (typeof tenant !== 'string' || !issuer.tenants.includes(tenant)) return null;
  const grants = grantsOf(issuer, claims);
  const named = claims[who.claim];
  if (grants === null || typeof named !== 'string' || named === '') return null;
  if (who.is === 'client' && !clientForm.test(named)) return null;
  const id =
    who.is === 'client'
      ? named
      : macOf(grants.jurisdictions, `${issuer.id}\u0000${named}`).subarray(0, 16).toString('base64url');
  return { keyId: `jwt:${issuer.id}:${id}`, name: issuer.id, tenant, grants, source: 'token' };
}

function grantsOf({ claims: names, roles }: TrustedIssuer, claims: JWTPayload): Grants | null {
  const jurisdictions = listOf(claims[names.jurisdictions]);
  const dataClasses = listOf(claims[names.dataClasses]);
  const decisionTypes = listOf(claims[names.decisionTypes]);
  const named = listOf(claims[names.roles]);
  if (jurisdictions === null || dataClasses === null || decisionTypes === null || named === null) return null;
  const granted = named.flatMap((name) => roles.filter((role) => role === name));
  if (granted.length < named.length) return null;
  const country = names.country === undefined ? undefined : claims[names.country];
  const skills = names.skills === undefined ? undefined : claims[names.skills];
  const skilled = skills === undefined ? [] : listOf(skills);
  if (skilled === null) return null;
  const bare = { jurisdictions, dataClasses, decisionTypes, roles: granted };
  const grants = skilled.length === 0 ? bare : { ...bare, skills: skilled };
  if (country === undefined) return grants;
  return typeof country === 'string' && countryCodes.has(country) ? { ...grants, country } : null;
}

function listOf(value: unknown): string[] | null {
  if (!Array.isArray(value) || value.length > listMax) return null;
  const items: unknown[] = value;
  const names = items.filter((item): item is string => typeof item === 'string' && nameForm.test(item));
  return names.length < items.length ? null : names;
}
