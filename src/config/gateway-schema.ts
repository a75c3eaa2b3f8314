import { type Static, Type } from 'typebox';
import {
  DataClassSchema,
  EndpointSchema,
  JurisdictionSchema,
  MechanismSchema,
  TransferRuleSchema,
} from '../residency/policy.ts';
import { RouteAssertionSchema } from '../residency/prover/assertion.ts';
import { ValidationPolicySchema } from '../validation/policy.ts';
import { ProbingSchema } from '../validation/probing/settings.ts';
import { KeyringSchema } from '../storage/keyring/keyring-config.ts';
import {
  ClassificationRuleSchema,
  ReferenceSourceSchema,
  ReviewersSchema,
  TokenIssuerSchema,
} from './identity-schema.ts';
import { ArchiveSchema, EgressCounterSchema, LedgerSchema, RetentionRuleSchema } from './audit-schema.ts';

const closed = { additionalProperties: false } as const;
const Id = Type.String({
  pattern: '^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$',
  description: 'an id of 1 to 63 letters, digits, . _ -',
});

const ListenSchema = Type.Object(
  {
    host: Type.String({
      description: 'address to listen on; name 0.0.0.0 yourself if you want every interface',
    }),
    port: Type.Integer({ minimum: 0, maximum: 65535, description: 'TCP port; 0 takes a free one' }),
    processes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 64,
        description: 'processes that share the port, one per core at most; 1 when left out',
      }),
    ),
  },
  { ...closed, description: 'where the HTTP API listens' },
);

const StoreSchema = Type.Union(
  [
    Type.Literal('embedded', { description: 'a PostgreSQL run by this process under dataDir' }),
    Type.Object(
      {
        url: Type.String({
          pattern: '^(env|file):.+$',
          description:
            'reference to the PostgreSQL URL of the gateway’s own login (member of countersign_gateway)',
        }),
        ownerUrl: Type.Optional(
          Type.String({
            pattern: '^(env|file):.+$',
            description:
              'reference to the URL of the owner, who migrates; leave out where a release job migrates',
          }),
        ),
      },
      closed,
    ),
  ],
  { description: 'the cell’s own PostgreSQL 15 or later' },
);

const CellSchema = Type.Object(
  {
    id: Id,
    jurisdictions: Type.Array(Id, {
      minItems: 1,
      description: 'jurisdictions whose records live in this cell',
    }),
    hosted: Type.Boolean({
      description: 'whether this process hosts the cell; others get 421 with its address',
    }),
    address: Type.String({ pattern: '^https?://', description: 'public address of the cell’s gateway' }),
    store: StoreSchema,
    keyring: KeyringSchema,
    archive: ArchiveSchema,
  },
  { ...closed, description: 'a set of jurisdictions with its own store, keys and ledger' },
);

const LimitsSchema = Type.Object(
  {
    requestBytes: Type.Integer({ minimum: 1024, description: 'largest request body, bytes' }),
    storeTimeoutMs: Type.Integer({
      minimum: 10,
      description: 'a commit slower than this refuses the call, ms',
    }),
    requestTimeoutMs: Type.Integer({
      minimum: 100,
      description: 'deadline of one decision, all attempts, ms',
    }),
    attempts: Type.Integer({
      minimum: 1,
      maximum: 10,
      description: 'calls to lawful endpoints one decision may make before it is refused',
    }),
    concurrentRequests: Type.Integer({ minimum: 1, description: 'decisions in work at once; more get 503' }),
    sweeperPeriodMs: Type.Integer({
      minimum: 1000,
      description:
        'how often calls left open are looked for; a call is open when older than requestTimeoutMs',
    }),
  },
  { ...closed, description: 'bounds on size and time' },
);

/** `countersign.yaml`, version 1. Nothing legal or security-bearing has a default. */
export const GatewayConfigSchema = Type.Object(
  {
    version: Type.Literal(1, { description: 'version of this format' }),
    listen: ListenSchema,
    dataDir: Type.String({ description: 'folder of the embedded store, relative to this file' }),
    decisionTypes: Type.String({ description: 'folder of the decision types, relative to this file' }),
    jurisdictions: Type.Array(JurisdictionSchema, { minItems: 1, description: 'named sets of countries' }),
    cells: Type.Array(CellSchema, { minItems: 1, description: 'where records live' }),
    dataClasses: Type.Array(DataClassSchema, { minItems: 1, description: 'lattice of sensitivity' }),
    endpoints: Type.Array(EndpointSchema, {
      description: 'every place a request’s bytes may go; there is no default',
    }),
    mechanisms: Type.Array(MechanismSchema, { description: 'legal bases of transfers, each with its end' }),
    transferRules: Type.Array(TransferRuleSchema, { description: 'which mechanisms are enough for what' }),
    assertions: Type.Optional(
      Type.Array(RouteAssertionSchema, {
        minItems: 1,
        description:
          'what the operator means, held against every route that the policy opens before it is loaded',
      }),
    ),
    ledger: LedgerSchema,
    egressCounter: EgressCounterSchema,
    validation: Type.Optional(ValidationPolicySchema),
    probing: Type.Optional(ProbingSchema),
    classification: Type.Optional(
      Type.Array(ClassificationRuleSchema, {
        minItems: 1,
        description:
          'data that raises the class of the request it is found in; nothing is looked for without it',
      }),
    ),
    tokens: Type.Optional(
      Type.Array(TokenIssuerSchema, {
        minItems: 1,
        description: 'issuers whose tokens are taken beside API keys',
      }),
    ),
    subjectReferences: Type.Optional(
      Type.Array(ReferenceSourceSchema, {
        minItems: 1,
        description: 'customer systems that may say whose data a request is about',
      }),
    ),
    reviewers: Type.Optional(ReviewersSchema),
    retentionRules: Type.Array(RetentionRuleSchema, {
      description: 'what makes records be kept beyond their type’s own term; the longest that applies wins',
    }),
    limits: LimitsSchema,
  },
  { ...closed, $id: 'urn:countersign:schema:countersign-1', title: 'countersign.yaml' },
);
export type GatewayConfig = Static<typeof GatewayConfigSchema>;
export type CellConfig = Static<typeof CellSchema>;
