import { Type } from 'typebox';

const closed = { additionalProperties: false } as const;

/** What can be checked about an endpoint's place while it is used. It earns a grade; it never declares one. */
export const AssuranceSchema = Type.Object(
  {
    authorities: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'PEM file, relative to this file, of the authorities that may vouch for its certificate; those of the system when left out',
      }),
    ),
    spkiSha256: Type.Optional(
      Type.Array(Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$', description: 'base64 of a SHA-256' }), {
        minItems: 1,
        uniqueItems: true,
        description: 'public keys its certificate may have; only where the vendor commits to them',
      }),
    ),
    addressRanges: Type.Optional(
      Type.Array(Type.String({ description: 'CIDR block' }), {
        minItems: 1,
        uniqueItems: true,
        description: 'addresses the vendor publishes for the place; says nothing behind an anycast address',
      }),
    ),
    assertion: Type.Optional(
      Type.Object(
        {
          kind: Type.Enum(['x-ms-region', 'inference_geo', 'model'], {
            description:
              'what the vendor says in an answer: header x-ms-region, body usage.inference_geo, or the returned model name',
          }),
          values: Type.Array(Type.String({ minLength: 1, description: 'a value' }), {
            minItems: 1,
            uniqueItems: true,
            description: 'values that agree with the declared places; any other is a mismatch',
          }),
          required: Type.Boolean({ description: 'whether an answer without it is a mismatch, too' }),
        },
        { ...closed, description: 'the vendor’s word in every answer' },
      ),
    ),
    canary: Type.Optional(
      Type.Object(
        {
          everyMinutes: Type.Integer({ minimum: 1, maximum: 1440, description: 'minutes between canaries' }),
        },
        { ...closed, description: 'a periodic call with synthetic data, checked like any other' },
      ),
    ),
  },
  { ...closed, description: 'what is checked about the endpoint’s place at run time' },
);
