import { type Static, Type } from 'typebox';
import { purposes } from '../decision/label.ts';
import { AssuranceSchema } from './assurance/assurance-schema.ts';

/*
 * The residency part of countersign.yaml. Nothing legal has a default: a field that decides where
 * bytes may go is required, and a field that nothing enforces yet is not accepted.
 */

const closed = { additionalProperties: false } as const;

/** How bytes about a subject may lawfully reach another country. Derogations (GDPR Art. 49) are never routine, so they are not here. */
export const mechanismKinds = [
  'domestic',
  'adequacy',
  'dpf',
  'scc',
  'bcr',
  'idta',
  'uk-addendum',
  'sg-contract',
  'cbpr',
  'hk-rmc',
  'cn-standard-contract',
  'cn-assessment',
  'cn-certification',
] as const;
export type MechanismKind = (typeof mechanismKinds)[number];

const Id = (description: string) =>
  Type.String({ pattern: '^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$', description });
const Text = (description: string) => Type.String({ minLength: 1, maxLength: 500, description });
const Country = Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2 code' });
const Day = (description: string) => Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description });

const Countries = (description: string) =>
  Type.Array(Country, { minItems: 1, uniqueItems: true, description });
const Places = (description: string) =>
  Type.Array(
    Type.String({ pattern: '^([A-Z]{2}|\\*)$', description: 'ISO 3166-1 alpha-2 code, or * for anywhere' }),
    {
      minItems: 1,
      uniqueItems: true,
      description: `${description}; * says that the vendor does not tell, and nothing is lawful there`,
    },
  );
const ValidFrom = Day('first day in force, YYYY-MM-DD, from 00:00 UTC');
const ValidUntil = Day(
  'first day no longer in force, YYYY-MM-DD, 00:00 UTC; where law sets no end, the next review',
);

/** A named set of countries under one data protection law. */
export const JurisdictionSchema = Type.Object(
  { id: Id('name used in grants, labels and rules'), countries: Countries('its countries') },
  { ...closed, description: 'a named set of countries' },
);

/** A node of the sensitivity lattice: more sensitive than each of its parents. */
export const DataClassSchema = Type.Object(
  {
    id: Id('name of the class'),
    parents: Type.Array(Id('a less sensitive class'), {
      uniqueItems: true,
      description: 'next less sensitive classes',
    }),
    humanResources: Type.Optional(
      Type.Boolean({
        description:
          'whether it is data about the operator’s own staff, which a DPF recipient certifies apart; false when left out',
      }),
    ),
  },
  { ...closed, description: 'a class of data; more sensitive than its parents' },
);

const OperatorSchema = Type.Object(
  {
    legalEntity: Text('legal entity that operates the endpoint, as mechanisms name it'),
    lei: Type.Optional(
      Type.String({ pattern: '^[A-Z0-9]{18}[0-9]{2}$', description: 'its LEI (ISO 17442)' }),
    ),
    controlledFrom: Countries(
      'countries of whoever owns or controls it; a denied country here denies the endpoint',
    ),
  },
  { ...closed, description: 'who operates the endpoint' },
);

const ContractSchema = Type.Object(
  {
    ref: Text('where the contract is filed'),
    validFrom: ValidFrom,
    validUntil: ValidUntil,
    noticeDays: Type.Integer({
      minimum: 0,
      description: 'notice the vendor gives before it changes a place, days',
    }),
    subprocessors: Type.Array(
      Type.Object(
        {
          legalEntity: Text('legal entity'),
          service: Text('what it does'),
          countries: Countries('where it does it'),
        },
        { ...closed, description: 'a sub-processor; its countries must stand in the endpoint’s own lists' },
      ),
      { description: 'sub-processors the contract names' },
    ),
  },
  { ...closed, description: 'the contract the endpoint is used under (DORA Art. 30(2)(b))' },
);

/** One deployment: where it processes, stores, supports and logs, who runs it, and under which contract. */
export const EndpointSchema = Type.Object(
  {
    id: Id('name of the endpoint'),
    dialect: Type.Enum(['openai', 'webhook', 'store', 'tool'], {
      description:
        'what it speaks: openai, webhook for Standard Webhooks, tool for a tool’s arguments and result as JSON, or store for an archive or cache that is written by its own client',
    }),
    url: Type.String({
      pattern: '^(https?|file)://[^\\s]+$',
      description:
        'base URL; https unless the host is loopback, or file for a store that is a folder; no credentials, query or fragment',
    }),
    credential: Type.String({
      pattern: '^(none|env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$',
      description: 'secret sent as a bearer token: env:NAME, file:PATH, or none',
    }),
    models: Type.Array(
      Type.Object(
        { id: Text('model id as requests name it'), version: Text('exact version behind the id') },
        { ...closed, description: 'a model' },
      ),
      { description: 'models it offers; empty for a webhook' },
    ),
    purposes: Type.Array(Type.Enum(purposes, { description: 'a purpose' }), {
      minItems: 1,
      uniqueItems: true,
      description: 'what bytes may be sent to it for',
    }),
    operator: OperatorSchema,
    processing: Places('where it computes'),
    storage: Places('where it keeps bytes at rest, abuse-detection copies included'),
    support: Places('from where its people can reach them; remote access is a transfer'),
    telemetry: Places('where its logs and metrics go'),
    vendorMode: Type.Enum(['regional', 'zone', 'profile', 'global'], {
      description: 'the vendor’s routing mode; global is never lawful',
    }),
    profileSnapshotSha256: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{64}$',
        description: 'digest of the routing profile; required by profile',
      }),
    ),
    contract: ContractSchema,
    evidence: Type.Literal('contract', {
      description:
        'what stands behind the declared places: contract; higher grades are earned, never declared',
    }),
    assurance: Type.Optional(AssuranceSchema),
    timeoutMs: Type.Integer({
      minimum: 1,
      maximum: 600_000,
      description: 'longest wait for a whole answer, ms',
    }),
    connections: Type.Integer({ minimum: 1, maximum: 4096, description: 'most sockets open to it' }),
  },
  { ...closed, description: 'a place a request’s bytes may go' },
);

/** A legal basis for transfers from one jurisdiction to countries, until a mandatory end. */
export const MechanismSchema = Type.Object(
  {
    id: Id('name of the mechanism'),
    law: Text('law it rests on'),
    kind: Type.Enum(mechanismKinds, { description: 'kind of mechanism, as transfer rules name it' }),
    from: Id('jurisdiction the data comes from'),
    to: Countries('countries it covers'),
    recipient: Text('legal entity it covers, or * where it covers every recipient in those countries'),
    dataClasses: Type.Array(Id('a data class'), {
      minItems: 1,
      uniqueItems: true,
      description: 'classes it covers; each covers the classes below it',
    }),
    ref: Text('article, decision number, or where the document is filed'),
    tiaDate: Type.Optional(
      Day(
        'day of the transfer impact assessment on file; required by scc, bcr, idta, uk-addendum and the cn kinds',
      ),
    ),
    module: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 4,
        description:
          'module of the standard contractual clauses (Implementing Decision (EU) 2021/914): 1 to 4; required by scc',
      }),
    ),
    dpfData: Type.Optional(
      Type.Array(Type.Enum(['hr', 'non-hr'], { description: 'a type of data' }), {
        minItems: 1,
        uniqueItems: true,
        description:
          'what the recipient’s certification covers: hr for data of staff, non-hr for all other; required by dpf',
      }),
    ),
    validFrom: ValidFrom,
    validUntil: ValidUntil,
    fallback: Type.Optional(
      Id(
        'mechanism that takes over when this one ends: configured after it, covering at least as much, in force by then, and of a kind that the same transfers allow',
      ),
    ),
  },
  { ...closed, description: 'a legal basis of transfers' },
);

/** Which kinds of mechanism suffice for one jurisdiction's data, and which countries never do. */
export const TransferRuleSchema = Type.Object(
  {
    id: Type.Optional(
      Id(
        'name under which persons are counted, whatever else of the rule changes; required by maxSubjectsPerYear',
      ),
    ),
    subjectJurisdiction: Id('jurisdiction of the data subject'),
    dataClass: Id('highest class the permission is for; it holds for the classes below too'),
    purposes: Type.Array(Type.Enum(purposes, { description: 'a purpose' }), {
      minItems: 1,
      uniqueItems: true,
      description: 'purposes the permission is for',
    }),
    allow: Type.Array(Type.Enum(mechanismKinds, { description: 'a kind' }), {
      uniqueItems: true,
      description: 'kinds that suffice',
    }),
    deny: Type.Array(Country, {
      uniqueItems: true,
      description:
        'countries never lawful for this jurisdiction, whatever the class, purpose or other rules say',
    }),
    maxSubjectsPerYear: Type.Optional(
      Type.Integer({
        minimum: 1,
        description:
          'most persons whose data may leave the jurisdiction’s own countries under this rule in a calendar year; the next one needs another rule',
      }),
    ),
  },
  { ...closed, description: 'which mechanisms are enough for what' },
);

export type Jurisdiction = Static<typeof JurisdictionSchema>;
export type DataClass = Static<typeof DataClassSchema>;
export type Endpoint = Static<typeof EndpointSchema>;
export type Mechanism = Static<typeof MechanismSchema>;
export type TransferRule = Static<typeof TransferRuleSchema>;

/** Everything that decides what is lawful; its digest stands in every record. */
export interface ResidencyPolicy {
  readonly jurisdictions: readonly Jurisdiction[];
  readonly dataClasses: readonly DataClass[];
  readonly endpoints: readonly Endpoint[];
  readonly mechanisms: readonly Mechanism[];
  readonly transferRules: readonly TransferRule[];
}
