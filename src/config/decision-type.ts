import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { type DecisionTypeConfig, DecisionTypeSchema, ReasonsSchema } from './decision-type-schema.ts';
import { type ConfigDocument, readConfigDocument } from './document.ts';
import { ConfigError, type ConfigProblem } from './problem.ts';

/** One decision type with every file that determines how it behaves. */
export interface DecisionType {
  readonly config: DecisionTypeConfig;
  readonly document: ConfigDocument<DecisionTypeConfig>;
  readonly promptText: string | null;
  readonly outputSchema: unknown;
  /** Checks a parsed answer against output.schema.json; always true where the type has none. */
  readonly matchesOutputSchema: (answer: unknown) => boolean;
  readonly reasons: readonly { readonly code: string; readonly text: string }[];
  /** Every file as read, for the release manifest. */
  readonly files: readonly { readonly name: string; readonly mediaType: string; readonly bytes: Buffer }[];
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
  const document = readConfigDocument(join(folder, 'type.yaml'), DecisionTypeSchema);
  const config = inKeyOrder(document.value);
  if (config.name !== basename(folder)) {
    throw new ConfigError([
      document.problem(['name'], `must be "${basename(folder)}", the name of its folder`),
    ]);
  }
  const file = (name: string, mediaType: string) => ({
    name,
    mediaType,
    bytes: readFileSync(join(folder, name)),
  });
  const files = [file('type.yaml', 'application/yaml'), file('reasons.yaml', 'application/yaml')];
  const reasons = readConfigDocument(join(folder, 'reasons.yaml'), ReasonsSchema).value;
  let promptText: string | null = null;
  if (config.prompt !== 'none') {
    const prompt = readPart(folder, 'prompt.md', 'text/markdown');
    files.push(prompt);
    promptText = prompt.bytes.toString('utf8');
  }
  let outputSchema: unknown = null;
  let matchesOutputSchema: (answer: unknown) => boolean = () => true;
  if (existsSync(join(folder, 'output.schema.json'))) {
    const schema = readPart(folder, 'output.schema.json', 'application/schema+json');
    files.push(schema);
    ({ outputSchema, matchesOutputSchema } = compileOutputSchema(folder, schema.bytes));
  }
  return { config, document, promptText, outputSchema, matchesOutputSchema, reasons, files };
}

function readPart(folder: string, name: string, mediaType: string) {
  const path = join(folder, name);
  if (!existsSync(path)) {
    throw new ConfigError([{ file: path, line: 1, path: '', message: 'is missing; type.yaml refers to it' }]);
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
