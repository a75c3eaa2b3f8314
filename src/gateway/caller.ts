import { Type, type Static } from 'typebox';

export const roles = ['caller', 'reviewer', 'auditor', 'operator'] as const;
export type Role = (typeof roles)[number];

/** What an API key or a token may do. Every list is closed: nothing granted means nothing allowed. */
export const GrantsSchema = Type.Object(
  {
    jurisdictions: Type.Array(Type.String(), {
      description: 'jurisdictions whose subjects it may speak for',
    }),
    dataClasses: Type.Array(Type.String(), { description: 'most sensitive data classes it may send' }),
    decisionTypes: Type.Array(Type.String(), { description: 'decision types it may use' }),
    roles: Type.Array(Type.Enum(roles), {
      description: 'what the holder may do: call, review, audit, operate',
    }),
    country: Type.Optional(
      Type.String({
        pattern: '^[A-Z]{2}$',
        description:
          'country a reviewer sits in, ISO 3166-1 alpha-2; without one a reviewer sees no task at all',
      }),
    ),
    skills: Type.Optional(
      Type.Array(Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$' }), {
        description: 'skills of a reviewer, as decision types ask for them',
      }),
    ),
    person: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$',
        description: 'who holds the key: an id, no name, the same in every key of one person',
      }),
    ),
  },
  { additionalProperties: false },
);
export type Grants = Static<typeof GrantsSchema>;

/** An authenticated caller. Its id stands for it in records; neither id nor name is personal data. */
export interface Caller {
  /** Id of the API key, or `jwt:<issuer id>:<client, or keyed digest of a person>`. */
  readonly keyId: string;
  readonly name: string;
  readonly tenant: string;
  readonly grants: Grants;
  /** Where the grants stand: in the gateway's own store, or in a token that a trusted issuer signed. */
  readonly source: 'grant' | 'token';
}

/** Who acts, where two persons are needed: all keys of one person are one. */
export function personOf({ keyId, grants }: Caller): string {
  return grants.person === undefined ? keyId : `person:${grants.person}`;
}
