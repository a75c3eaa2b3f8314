import { type Static, Type } from 'typebox';
import { identifierKinds } from './identifier.ts';

const closed = { additionalProperties: false } as const;

const Whole = (description: string, maximum: number) => Type.Integer({ minimum: 1, maximum, description });
const timeoutMs = Whole('longest time of one call, ms; then it is killed', 120_000);
const outputBytes = Whole('longest result, bytes; a longer one is a failure, never cut', 1_048_576);

const JavascriptSchema = Type.Object(
  {
    kind: Type.Literal('javascript', { description: 'a function in QuickJS, without any host API' }),
    file: Type.String({
      pattern: '^[a-z][a-z0-9-]{0,62}\\.js$',
      description: 'file in the tools folder that defines function tool(args, call)',
    }),
    limits: Type.Object(
      {
        timeoutMs,
        outputBytes,
        memoryBytes: Whole('heap of the call, bytes', 268_435_456),
        stackBytes: Whole('stack of the call, bytes', 1_048_576),
      },
      { ...closed, description: 'limits of one call' },
    ),
  },
  { ...closed, description: 'runs in QuickJS' },
);

const CommandSchema = Type.Object(
  {
    kind: Type.Literal('command', {
      description: 'a program in bubblewrap, on Linux; arguments come on its standard input as JSON',
    }),
    program: Type.String({ pattern: '^/[^\\0]+$', description: 'absolute path of the program' }),
    arguments: Type.Array(Type.String(), { description: 'its fixed arguments; a call adds none' }),
    readable: Type.Array(Type.String({ pattern: '^/[^\\0]+$' }), {
      description: 'absolute paths it may read beside /usr; nothing can be written but 16 MiB of /tmp',
    }),
    limits: Type.Object(
      {
        timeoutMs,
        outputBytes,
        cpuSeconds: Whole('processor time of each of its processes, s', 120),
        memoryBytes: Whole('address space of each of its processes, bytes', 4_294_967_296),
        processes: Whole('most processes and threads at once; two of them are the sandbox’s own', 64),
        fileBytes: Whole('longest file it may write in /tmp, bytes', 16_777_216),
      },
      { ...closed, description: 'limits of one call' },
    ),
  },
  { ...closed, description: 'runs in bubblewrap' },
);

const HttpSchema = Type.Object(
  {
    kind: Type.Literal('http', { description: 'a POST to an endpoint of the residency policy' }),
    endpoint: Type.String({ description: 'id of an endpoint with the purpose tool' }),
    path: Type.String({
      pattern: '^(/[A-Za-z0-9._~-]+)+$',
      description: 'path below the endpoint’s URL',
    }),
    limits: Type.Object({ timeoutMs, outputBytes }, { ...closed, description: 'limits of one call' }),
  },
  { ...closed, description: 'goes out through egress' },
);

const CallerSchema = Type.Object(
  {
    kind: Type.Literal('caller', {
      description: 'the application runs it; its calls are checked before they are released',
    }),
  },
  { ...closed, description: 'runs in the application' },
);

/** `decision-types/<name>/tools/<id>.yaml`. */
export const ToolSchema = Type.Object(
  {
    id: Type.String({
      pattern: '^[a-zA-Z][a-zA-Z0-9_-]{0,63}$',
      description: 'name of the tool; equals its file',
    }),
    description: Type.String({ minLength: 1, description: 'what it does, as the model is told' }),
    effect: Type.Enum(['read', 'write'], {
      description:
        'write where a call changes anything outside; such tools are withdrawn from untrusted contexts',
    }),
    parameters: Type.Object(
      {
        type: Type.Literal('object', { description: 'arguments are one object' }),
        properties: Type.Record(Type.String(), Type.Unknown(), { description: 'schema of each argument' }),
        additionalProperties: Type.Literal(false, { description: 'no argument that is not declared' }),
      },
      { additionalProperties: true, description: 'JSON Schema (2020-12) of its arguments' },
    ),
    arguments: Type.Record(
      Type.String(),
      Type.Union([
        Type.Object(
          { taint: Type.Literal('any', { description: 'may come from any text' }) },
          { ...closed, description: 'an argument that names nobody' },
        ),
        Type.Object(
          {
            taint: Type.Literal('trusted-only', { description: 'must stand in a trusted source' }),
            as: Type.Enum(identifierKinds, { description: 'how it is compared' }),
          },
          { ...closed, description: 'a payee, recipient, amount or target' },
        ),
      ]),
      { description: 'where each argument may come from; a write tool says so for every one' },
    ),
    result: Type.Enum(['trusted', 'untrusted'], {
      description: 'trusted where its results may vouch for identifiers, and leave write tools available',
    }),
    runs: Type.Union([JavascriptSchema, CommandSchema, HttpSchema, CallerSchema], {
      description: 'where it runs, and within which limits',
    }),
  },
  { ...closed, $id: 'urn:countersign:schema:tool-1', title: 'tools/<id>.yaml' },
);
export type ToolConfig = Static<typeof ToolSchema>;
export type CommandRun = Static<typeof CommandSchema>;

/** `tools` of `type.yaml`: which tools a decision type may use, and how far. */
export const ToolPolicySchema = Type.Object(
  {
    allow: Type.Array(Type.String(), {
      uniqueItems: true,
      description: 'ids of the tools that may be called; each has a file in tools/',
    }),
    roundsMax: Type.Integer({
      minimum: 1,
      maximum: 16,
      description: 'most times that results go back to the model; a further call goes to a person',
    }),
    untrusted: Type.Array(Type.Enum(['chat', 'document', 'retrieved', 'tool_result']), {
      uniqueItems: true,
      description:
        'surfaces whose text withdraws write tools; document, retrieved and tool_result always, chat where strangers write it',
    }),
    onViolation: Type.Enum(['refuse', 'review'], {
      description: 'what becomes of an answer that calls a tool as it may not',
    }),
  },
  { ...closed, description: 'tools; none may be called where this is left out' },
);
export type ToolPolicy = Static<typeof ToolPolicySchema>;

/** A declared tool, ready to be offered, checked and run. */
export interface Tool {
  readonly config: ToolConfig;
  readonly matchesParameters: (value: unknown) => boolean;
  /** Source of a javascript tool; null for every other kind. */
  readonly code: string | null;
}

/** The allow-list of one decision type. */
export interface Toolbox {
  readonly policy: ToolPolicy;
  readonly tools: ReadonlyMap<string, Tool>;
}
