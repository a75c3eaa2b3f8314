import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Tool,
  type Toolbox,
  type ToolConfig,
  type ToolPolicy,
  ToolSchema,
} from '../tools/declaration.ts';
import { compileParameters } from '../tools/parameters.ts';
import { sandboxProblem } from '../tools/sandbox/bubblewrap.ts';
import type { DecisionTypeFile } from './decision-type.ts';
import { type ConfigDocument, parseConfigDocument } from './document.ts';
import { ConfigError, type ConfigProblem } from './problem.ts';

/** Folder of a decision type in which its tools are declared; also what their parts of a release begin with. */
export const toolsFolder = 'tools/';

const mediaTypes: Readonly<Record<string, string>> = { yaml: 'application/yaml', js: 'text/javascript' };

/** Every file of `tools/`, in the order of names. @throws ConfigError where one is of another kind */
export function readToolFiles(folder: string): DecisionTypeFile[] {
  const place = join(folder, toolsFolder);
  if (!existsSync(place)) return [];
  return readdirSync(place)
    .sort()
    .map((name) => {
      const mediaType = mediaTypes[/^[\w-]+\.(yaml|js)$/.exec(name)?.[1] ?? ''];
      const file = join(place, name);
      if (mediaType === undefined)
        throw new ConfigError([
          { file, line: 1, path: '', message: 'is neither YAML nor JavaScript; keep it elsewhere' },
        ]);
      return { name: toolsFolder + name, mediaType, bytes: readFileSync(file) };
    });
}

/**
 * The allow-list of a decision type with its declarations; null where it has none.
 * @param isOfToday false for the files of an earlier release, which were checked on their day
 * @throws ConfigError
 */
export function makeToolbox(
  files: readonly DecisionTypeFile[],
  place: string,
  policy: ToolPolicy | undefined,
  isOfToday: boolean,
): Toolbox | null {
  const documents = files
    .filter(({ name }) => name.startsWith(toolsFolder) && name.endsWith('.yaml'))
    .map(({ name, bytes }) => ({
      name: name.slice(toolsFolder.length, -'.yaml'.length),
      document: parseConfigDocument(join(place, name), bytes.toString('utf8'), isOfToday ? ToolSchema : null),
    }));
  if (policy === undefined && documents.length === 0) return null;
  const allow = policy?.allow ?? [];
  const problems = documents.flatMap(({ name, document }) => {
    if (!isOfToday) return [];
    const unlisted = allow.includes(name)
      ? []
      : [
          document.problem(
            ['id'],
            'is not in tools.allow of type.yaml; list it there, or take the file away',
          ),
        ];
    return [...unlisted, ...toolProblems(name, document, files)];
  });
  const missing = allow.filter((id) => !documents.some(({ name }) => name === id));
  for (const id of missing)
    problems.push({
      file: join(place, toolsFolder, `${id}.yaml`),
      line: 1,
      path: '',
      message: 'is missing; tools.allow of type.yaml names it',
    });
  if (problems.length > 0 || policy === undefined) throw new ConfigError(problems);
  const tools = documents.map(({ name, document }) => [name, toolOf(document, files)] as const);
  // In the order of the list: models and records name them in it.
  return { policy, tools: new Map(tools.sort(([a], [b]) => allow.indexOf(a) - allow.indexOf(b))) };
}

function toolOf(document: ConfigDocument<ToolConfig>, files: readonly DecisionTypeFile[]): Tool {
  const config = document.value;
  const { runs } = config;
  const code =
    runs.kind === 'javascript' ? files.find(({ name }) => name === toolsFolder + runs.file) : undefined;
  try {
    const matchesParameters = compileParameters(config.parameters);
    return { config, matchesParameters, code: code?.bytes.toString('utf8') ?? null };
  } catch (cause) {
    const message = `is no usable JSON Schema: ${(cause as Error).message}`;
    throw new ConfigError([document.problem(['parameters'], message)]);
  }
}

function toolProblems(
  name: string,
  document: ConfigDocument<ToolConfig>,
  files: readonly DecisionTypeFile[],
): ConfigProblem[] {
  const { id, effect, parameters, arguments: rules, runs } = document.value;
  const problems: ConfigProblem[] = [];
  const add = (path: readonly (string | number)[], message: string) =>
    problems.push(document.problem(path, message));
  if (id !== name) add(['id'], `must be "${name}", the name of its file`);
  for (const argument of Object.keys(rules))
    if (!Object.hasOwn(parameters.properties, argument))
      add(['arguments', argument], 'is no property of parameters');
  for (const argument of Object.keys(parameters.properties))
    if (effect === 'write' && !Object.hasOwn(rules, argument))
      add(['arguments'], `says nothing of "${argument}"; a tool that writes says it of every argument`);
  if (runs.kind === 'javascript' && !files.some((file) => file.name === toolsFolder + runs.file))
    add(['runs', 'file'], 'there is no such file in the tools folder');
  const sandbox = runs.kind === 'command' ? sandboxProblem() : null;
  if (sandbox !== null) add(['runs', 'kind'], sandbox);
  if (runs.kind === 'command' && sandbox === null)
    [runs.program, ...runs.readable].forEach((path, p) => {
      if (!existsSync(path))
        add(p === 0 ? ['runs', 'program'] : ['runs', 'readable', p - 1], 'there is no such path here');
    });
  return problems;
}
