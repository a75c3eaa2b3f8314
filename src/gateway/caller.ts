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
