import { readFileSync } from 'node:fs';
import { type ErrorObject, type ValidateFunction, Ajv } from 'ajv';
import type { Static, TSchema } from 'typebox';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { ConfigError, type ConfigProblem, formatPath } from './problem.ts';

type Path = readonly (string | number)[];

/** A YAML file that has been read, checked against its schema, and still knows its lines. */
export interface ConfigDocument<T> {
  readonly file: string;
  readonly text: string;
  readonly value: T;
  problem(path: Path, message: string): ConfigProblem;
}

const ajv = new Ajv({ allErrors: true, strict: false, verbose: true });
const validators = new WeakMap<object, ValidateFunction>();

/**
 * Reads one YAML 1.2 file. Unknown keys, duplicate keys and wrong types are all reported at once,
 * each with its line.
 * @throws ConfigError
 */
export function readConfigDocument<S extends TSchema>(file: string, schema: S): ConfigDocument<Static<S>> {
  return parseConfigDocument(file, readText(file), schema);
}

/**
 * The same from a text.
 * @param schema null for a text that was checked on its day and is known to be the same by its digest:
 *   today's schema may ask for more
 * @throws ConfigError
 */
export function parseConfigDocument<S extends TSchema>(
  file: string,
  text: string,
  schema: S | null,
): ConfigDocument<Static<S>> {
  const lines = new LineCounter();
  const yaml = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: '1.2', schema: 'core' });
  const lineOf = (offset: number) => lines.linePos(offset).line;
  if (yaml.errors.length > 0) {
    throw new ConfigError(
      yaml.errors.map((e) => ({ file, line: lineOf(e.pos[0]), path: '', message: firstLine(e.message) })),
    );
  }
  const problem = (path: Path, message: string): ConfigProblem => {
    return { file, line: lineOf(offsetOf(yaml, path)), path: formatPath(path), message };
  };
  const value: unknown = yaml.toJS({ maxAliasCount: 100 });
  const validate = schema === null ? null : validatorOf(schema);
  if (validate?.(value) === false) {
    throw new ConfigError(distinct((validate.errors ?? []).map((e) => explain(e, problem))));
  }
  return { file, text, value: value as Static<S>, problem };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new ConfigError([{ file, line: 1, path: '', message: `cannot be read (${code}); check the path` }]);
  }
}

function validatorOf(schema: TSchema): ValidateFunction {
  let validate = validators.get(schema);
  if (!validate) {
    validate = ajv.compile(schema);
    validators.set(schema, validate);
  }
  return validate;
}

/** The offset of the node at a path, or of its nearest ancestor that stands in the file. */
function offsetOf(yaml: Document, path: Path): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = yaml.getIn(path.slice(0, depth), true) as { range?: [number, number, number] } | undefined;
    if (node?.range) return node.range[0];
  }
  return 0;
}

function explain(error: ErrorObject, problem: (path: Path, message: string) => ConfigProblem): ConfigProblem {
  const path = pointerToPath(error.instancePath);
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(params['additionalProperty']);
      const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {});
      return problem([...path, key], `unknown key "${key}"; known keys here: ${known.join(', ')}`);
    }
    case 'required':
      return problem(path, `"${String(params['missingProperty'])}" is missing; add it, it has no default`);
    case 'enum':
      return problem(path, `must be one of ${(params['allowedValues'] as unknown[]).join(', ')}`);
    case 'const':
      return problem(path, `must be ${JSON.stringify(params['allowedValue'])}`);
    default: {
      const description = error.parentSchema?.['description'];
      const what = typeof description === 'string' ? ` (${description})` : '';
      return problem(path, `${error.message ?? 'is not valid'}${what}`);
    }
  }
}

function pointerToPath(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** A union reports once per branch; one line per place and message is enough. */
function distinct(problems: ConfigProblem[]): ConfigProblem[] {
  return [...new Map(problems.map((p) => [`${p.line} ${p.path} ${p.message}`, p])).values()];
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
