import { type JSONWebKeySet, type JWTPayload, createLocalJWKSet, decodeJwt, errors, jwtVerify } from 'jose';

/** Whoever's signature is believed, and with which keys. */
export interface TrustedSigner {
  readonly id: string;
  /** What its signatures carry as `iss`; no two signers share one. */
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  /** Public keys as JWKs. */
  readonly keys: { readonly keys: readonly object[] };
  readonly tenants: readonly string[];
}

/** Why a signature was not believed: told to the caller, so it holds nothing of what was signed. */
export type SignatureProblem =
  | 'malformed'
  | 'type'
  | 'issuer'
  | 'algorithm'
  | 'signature'
  | 'audience'
  | 'expired'
  | 'not-yet-valid'
  | 'claims';

export type SignatureVerdict<Signer> =
  | { readonly kind: 'pass'; readonly signer: Signer; readonly claims: JWTPayload }
  | { readonly kind: 'refuse'; readonly problem: SignatureProblem };

/** Clocks of two machines may differ by this much, seconds (RFC 7519, section 4.1.4). */
const clockToleranceSeconds = 5;

/**
 * Checks compact JWS (RFC 7515) with claims (RFC 7519) against keys on disk: issuer, audience, algorithm,
 * signature, `nbf` and a mandatory `exp`.
 * @param nowMs epoch milliseconds
 */
export function createSignatureCheck<Signer extends TrustedSigner>(
  signers: readonly Signer[],
  nowMs: () => number,
): (compact: string) => Promise<SignatureVerdict<Signer>> {
  const known = new Map(
    signers.map((signer) => [
      signer.issuer,
      { signer, keys: createLocalJWKSet(signer.keys as unknown as JSONWebKeySet) },
    ]),
  );
  return async (compact) => {
    try {
      // Which signer it claims to be only chooses the keys it is then held against.
      const { iss } = decodeJwt(compact);
      const claimed = iss === undefined ? undefined : known.get(iss);
      if (claimed === undefined) return { kind: 'refuse', problem: 'issuer' };
      const { signer, keys } = claimed;
      const { payload } = await jwtVerify(compact, keys, {
        issuer: signer.issuer,
        audience: signer.audience,
        algorithms: [...signer.algorithms],
        requiredClaims: ['exp'],
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(nowMs()),
      });
      return { kind: 'pass', signer, claims: payload };
    } catch (error) {
      return { kind: 'refuse', problem: problemOf(error) };
    }
  };
}

function problemOf(error: unknown): SignatureProblem {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return 'audience';
    return error.claim === 'nbf' ? 'not-yet-valid' : 'claims';
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) return 'malformed';
  // No fitting key, several, or one that did not sign it; a key that cannot be used is as good as none.
  return 'signature';
}
