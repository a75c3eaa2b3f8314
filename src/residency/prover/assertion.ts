import { type Static, Type } from 'typebox';
import { purposes } from '../../decision/label.ts';
import { mechanismKinds } from '../policy.ts';

/*
 * What the operator means, said apart from what the policy says. The filter reads the policy; the prover
 * holds every route it finds against these sentences, so a paper or a place that was entered wrongly shows.
 */

const closed = { additionalProperties: false } as const;
const Ids = (description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1, uniqueItems: true, description }));
const Countries = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2 code' }), {
      minItems: 1,
      uniqueItems: true,
      description,
    }),
  );
const Day = (description: string) =>
  Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description }));
const Purposes = Type.Optional(
  Type.Array(Type.Enum(purposes, { description: 'a purpose' }), {
    minItems: 1,
    uniqueItems: true,
    description: 'purposes it is about; all when left out',
  }),
);
const Jurisdictions = Ids('jurisdictions of the data subjects; all when left out');
const From = Day('first day it is about, YYYY-MM-DD; since ever when left out');
const Until = Day('first day it is no longer about, YYYY-MM-DD; for ever when left out');

const ReachSchema = Type.Object(
  {
    countries: Countries('countries of processing, storage, support, telemetry or a sub-processor'),
    controlledFrom: Countries('countries that the operator is controlled from'),
    vendorModes: Type.Optional(
      Type.Array(Type.Enum(['regional', 'zone', 'profile', 'global'], { description: 'a mode' }), {
        minItems: 1,
        uniqueItems: true,
        description: 'the vendor’s routing modes',
      }),
    ),
    operators: Ids('legal entities'),
    endpoints: Ids('endpoints'),
    mechanisms: Type.Optional(
      Type.Array(Type.Enum(mechanismKinds, { description: 'a kind' }), {
        minItems: 1,
        uniqueItems: true,
        description: 'kinds of mechanism that a route rests on',
      }),
    ),
  },
  { ...closed, minProperties: 1, description: 'what is not to be reached: any one of these' },
);

const NeverSchema = Type.Object(
  {
    jurisdictions: Jurisdictions,
    dataClasses: Ids('classes, each with everything more sensitive; all when left out'),
    purposes: Purposes,
    from: From,
    until: Until,
    reach: ReachSchema,
  },
  { ...closed, description: 'routes that there must not be, whatever the policy says' },
);

const AlwaysSchema = Type.Object(
  {
    jurisdictions: Jurisdictions,
    dataClasses: Ids('exactly these classes; all when left out'),
    purposes: Purposes,
    models: Ids('models as requests name them; all that are offered when left out'),
    from: From,
    until: Until,
    outagesMax: Type.Integer({
      minimum: 0,
      description: 'endpoints that may be out, whichever they are, with a route left',
    }),
  },
  { ...closed, description: 'demands that must have a lawful route' },
);

const Id = Type.String({
  pattern: '^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$',
  description: 'name of the assertion, as counterexamples give it',
});

/** One sentence that must hold in every state of the configuration. */
export const RouteAssertionSchema = Type.Union(
  [
    Type.Object({ id: Id, never: NeverSchema }, { ...closed, description: 'forbids routes' }),
    Type.Object({ id: Id, always: AlwaysSchema }, { ...closed, description: 'demands routes' }),
  ],
  { description: 'what the prover holds the whole policy against before it is loaded' },
);

export type RouteAssertion = Static<typeof RouteAssertionSchema>;
export type Never = Static<typeof NeverSchema>;
export type Always = Static<typeof AlwaysSchema>;
