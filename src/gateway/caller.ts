import { Type, type Static } from 'typebox';

export const roles = ['caller', 'reviewer', 'auditor', 'operator'] as const;
export type Role = (typeof roles)[number];

/** What an API key may do. Every list is closed: nothing granted means nothing allowed. */
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
  },
  { additionalProperties: false },
);
export type Grants = Static<typeof GrantsSchema>;

/** An authenticated caller. The key's id stands for it in records; its name is never personal data. */
export interface Caller {
  readonly keyId: string;
  readonly name: string;
  readonly tenant: string;
  readonly grants: Grants;
}
