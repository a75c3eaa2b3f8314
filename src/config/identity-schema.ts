import { type Static, Type } from 'typebox';
import { detectedKinds } from '../validation/sensitive-kinds.ts';

/*
 * Who speaks for whom: the part of countersign.yaml that says whose signatures are believed, and what is
 * found in a request by itself. Nothing here has a default.
 */

const closed = { additionalProperties: false } as const;
const Id = (description: string) =>
  Type.String({ pattern: '^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$', description });
const Claim = (description: string) => Type.String({ minLength: 1, maxLength: 100, description });
const Tenants = Type.Array(Type.String({ minLength: 1, description: 'a tenant' }), {
  minItems: 1,
  uniqueItems: true,
  description: 'tenants it may speak for; a signature for any other tenant is refused',
});

/** Asymmetric only: whoever can verify with a shared secret could sign, too (RFC 8725, section 2.1). */
const Algorithms = Type.Array(
  Type.Enum(
    ['EdDSA', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'] as const,
    { description: 'a signature algorithm (RFC 7518, section 3.1; RFC 8037)' },
  ),
  { minItems: 1, uniqueItems: true, description: 'signature algorithms that are accepted' },
);
const Keys = Type.String({
  pattern: '^file:.+$',
  description: 'file:PATH of the JWK set with its public keys (RFC 7517); read at start, never fetched',
});
const Issuer = Type.String({ minLength: 1, maxLength: 500, description: 'what its signatures carry as iss' });
const Audience = Type.String({
  minLength: 1,
  maxLength: 500,
  description: 'what its signatures must carry as aud: the name it knows this gateway by',
});

export const TokenIssuerSchema = Type.Object(
  {
    id: Id('name of the issuer, which stands in records'),
    issuer: Issuer,
    audience: Audience,
    algorithms: Algorithms,
    keys: Keys,
    tenants: Tenants,
    roles: Type.Array(
      Type.Enum(['caller', 'reviewer', 'auditor', 'operator'] as const, { description: 'a role' }),
      { minItems: 1, uniqueItems: true, description: 'roles it may give; a token with any other is refused' },
    ),
    caller: Type.Object(
      {
        claim: Claim('claim that names who calls, such as azp, client_id or sub'),
        is: Type.Enum(['client', 'person'] as const, {
          description:
            'client: the claim is a technical name, and stands in records as it is; person: a keyed digest of it does',
        }),
      },
      { ...closed, description: 'what stands for the caller in records' },
    ),
    claims: Type.Object(
      {
        tenant: Claim('claim with the tenant, a string'),
        jurisdictions: Claim('claim with the jurisdictions it may speak for, an array of strings'),
        dataClasses: Claim('claim with the most sensitive data classes it may send, an array of strings'),
        decisionTypes: Claim('claim with the decision types it may use, an array of strings'),
        roles: Claim('claim with its roles, an array of strings'),
        country: Type.Optional(
          Claim(
            'claim with the country a reviewer sits in, ISO 3166-1 alpha-2; without one they see no task',
          ),
        ),
        skills: Type.Optional(Claim('claim with the skills of a reviewer, an array of strings')),
      },
      {
        ...closed,
        description:
          'names of the claims; each but country and skills must be there, or the token is refused',
      },
    ),
  },
  { ...closed, description: 'whose JSON Web Tokens are taken beside API keys (RFC 7519)' },
);

export const ReferenceSourceSchema = Type.Object(
  {
    id: Id('name of the customer system'),
    issuer: Issuer,
    audience: Audience,
    algorithms: Algorithms,
    keys: Keys,
    tenants: Tenants,
  },
  {
    ...closed,
    description:
      'a customer system that signs whose data a request is about: a JWS with sub, jurisdiction, exp and perhaps dataClass',
  },
);

export const ClassificationRuleSchema = Type.Object(
  {
    detects: Type.Enum(detectedKinds, { description: 'kind of data that is looked for in every text' }),
    dataClass: Id('class that a request with it has at least'),
  },
  { ...closed, description: 'what raises the data class of a request' },
);

export const ReviewersSchema = Type.Object(
  {
    legalEntity: Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'legal entity that employs the reviewers, as mechanisms name recipients',
    }),
  },
  { ...closed, description: 'the people who review' },
);

export type TokenIssuer = Static<typeof TokenIssuerSchema>;
export type ReferenceSource = Static<typeof ReferenceSourceSchema>;
