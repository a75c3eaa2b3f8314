import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { type DecisionTypeConfig, DecisionTypeSchema, ReasonsSchema } from './decision-type-schema.ts';
import { type ConfigDocument, parseConfigDocument } from './document.ts';
import { ConfigError, type ConfigProblem } from './problem.ts';
import type { Toolbox } from '../tools/declaration.ts';
import { makeToolbox, readToolFiles } from './tool-files.ts';

export interface DecisionTypeFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** One decision type with every file that determines how it behaves. */
export interface DecisionType {
  readonly config: DecisionTypeConfig;
  readonly document: ConfigDocument<DecisionTypeConfig>;
  readonly promptText: string | null;
  readonly outputSchema: unknown;
  /** Checks a parsed answer against output.schema.json; always true where the type has none. */
  readonly matchesOutputSchema: (answer: unknown) => boolean;
  /** Its allow-list; null where none may be called. */
  readonly tools: Toolbox | null;
  readonly reasons: readonly { readonly code: string; readonly text: string }[];
  /** Every file as read, for the release manifest. */
  readonly files: readonly DecisionTypeFile[];
}

/** Reads every folder of the decision-types folder. @throws ConfigError with all problems at once */
export function readDecisionTypes(folder: string): Map<string, DecisionType> {
  if (!existsSync(folder)) {
    throw new ConfigError([
      { file: folder, line: 1, path: '', message: 'the decision-types folder does not exist' },
    ]);
  }
  const problems: ConfigProblem[] = [];
  const types = new Map<string, DecisionType>();
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    if (!entry.isDirectory()) continue;
    try {
      const type = readDecisionType(join(folder, entry.name));
      types.set(type.config.name, type);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return types;
}

function readDecisionType(folder: string): DecisionType {
  const required = ['type.yaml', 'reasons.yaml'] as const;
  const files: DecisionTypeFile[] = required.map((name) => readPart(folder, name, 'application/yaml'));
  const { config, document } = readTypeFile(files, folder, DecisionTypeSchema);
  if (config.name !== basename(folder)) {
    throw new ConfigError([
      document.problem(['name'], `must be "${basename(folder)}", the name of its folder`),
    ]);
  }
  if (config.prompt !== 'none') files.push(readPart(folder, 'prompt.md', 'text/markdown'));
  if (existsSync(join(folder, 'output.schema.json')))
    files.push(readPart(folder, 'output.schema.json', 'application/schema+json'));
  files.push(...readToolFiles(folder));
  return makeDecisionType(files, folder, { type: DecisionTypeSchema, reasons: ReasonsSchema });
}

/**
 * The decision type of an earlier day from the very bytes of its files. They were checked on that day, so
 * they are not held against today's schemas.
 * @param place where the files come from, for messages
 * @throws ConfigError
 */
export function restoreDecisionType(files: readonly DecisionTypeFile[], place: string): DecisionType {
  return makeDecisionType(files, place, { type: null, reasons: null });
}

function makeDecisionType(
  files: readonly DecisionTypeFile[],
  place: string,
  schemas: { type: typeof DecisionTypeSchema | null; reasons: typeof ReasonsSchema | null },
): DecisionType {
  const { config, document } = readTypeFile(files, place, schemas.type);
  const reasonsText = fileOf(files, place, 'reasons.yaml').bytes.toString('utf8');
  const reasons = parseConfigDocument(join(place, 'reasons.yaml'), reasonsText, schemas.reasons).value;
  const promptText =
    config.prompt === 'none' ? null : fileOf(files, place, 'prompt.md').bytes.toString('utf8');
  const schema = files.find((file) => file.name === 'output.schema.json');
  const { outputSchema, matchesOutputSchema } = schema
    ? compileOutputSchema(place, schema.bytes)
    : { outputSchema: null, matchesOutputSchema: () => true };
  const tools = makeToolbox(files, place, config.tools, schemas.type !== null);
  return { config, document, promptText, outputSchema, matchesOutputSchema, tools, reasons, files };
}

function readTypeFile(
  files: readonly DecisionTypeFile[],
  place: string,
  schema: typeof DecisionTypeSchema | null,
) {
  const text = fileOf(files, place, 'type.yaml').bytes.toString('utf8');
  const document = parseConfigDocument(join(place, 'type.yaml'), text, schema);
  return { document, config: inKeyOrder(document.value) };
}

function fileOf(files: readonly DecisionTypeFile[], place: string, name: string): DecisionTypeFile {
  const found = files.find((file) => file.name === name);
  if (found) return found;
  throw new ConfigError([{ file: join(place, name), line: 1, path: '', message: 'is missing' }]);
}

function readPart(folder: string, name: string, mediaType: string): DecisionTypeFile {
  const path = join(folder, name);
  if (!existsSync(path)) {
    const message = name === 'prompt.md' ? 'is missing; type.yaml refers to it' : 'is missing; add it';
    throw new ConfigError([{ file: path, line: 1, path: '', message }]);
  }
  return { name, mediaType, bytes: readFileSync(path) };
}

function compileOutputSchema(folder: string, bytes: Buffer) {
  const file = join(folder, 'output.schema.json');
  try {
    const outputSchema: unknown = JSON.parse(bytes.toString('utf8'));
    // Its own instance: two types may use the same $id.
    const validate: ValidateFunction = new Ajv2020({ strict: false }).compile(outputSchema as object);
    return { outputSchema, matchesOutputSchema: (answer: unknown) => validate(answer) };
  } catch (cause) {
    throw new ConfigError([
      { file, line: 1, path: '', message: `is no usable JSON Schema: ${(cause as Error).message}` },
    ]);
  }
}

/** Parameters go into every record, whose keys stand in the order of canonical JSON. */
function inKeyOrder(config: DecisionTypeConfig): DecisionTypeConfig {
  const sorted = Object.entries(config.parameters).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...config, parameters: Object.fromEntries(sorted) };
}
