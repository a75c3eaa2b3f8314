import { dirname, resolve } from 'node:path';
import { policyProblems } from '../confidence/policy.ts';
import { reviewProblems } from '../confidence/review-policy.ts';
import { checkPolicy } from '../residency/policy-check.ts';
import { checkAssertions } from '../residency/prover/assertion-check.ts';
import { type DecisionType, readDecisionTypes } from './decision-type.ts';
import { type ConfigDocument, readConfigDocument } from './document.ts';
import { checkEmbeddingType } from './embedding-check.ts';
import { type GatewayConfig, GatewayConfigSchema } from './gateway-schema.ts';
import { checkIdentity } from './identity-check.ts';
import { checkLedger } from './ledger-check.ts';
import { ConfigError, type ConfigProblem } from './problem.ts';
import { checkSinks } from './sink-check.ts';
import { checkTools } from './tool-check.ts';

/** Name of the decision type of canaries, which no configuration describes. */
export const builtInType = 'canary';

export interface LoadedConfig {
  readonly gateway: GatewayConfig;
  /** Folder of countersign.yaml; relative paths start here. */
  readonly baseFolder: string;
  readonly text: string;
  readonly decisionTypes: ReadonlyMap<string, DecisionType>;
  resolvePath(path: string): string;
}

/**
 * Reads countersign.yaml and its decision types, and checks what crosses from one part to another.
 * @throws ConfigError with every problem found
 */
export function loadConfig(file: string): LoadedConfig {
  const document = readConfigDocument(file, GatewayConfigSchema);
  const baseFolder = dirname(resolve(file));
  const resolvePath = (path: string) => resolve(baseFolder, path);
  const decisionTypes = readDecisionTypes(resolvePath(document.value.decisionTypes));
  const problems = [
    ...checkReferences(document),
    ...checkLedger(document),
    ...checkSinks(document),
    ...checkIdentity(document, baseFolder),
    ...checkDecisionTypes(document.value, decisionTypes),
    ...checkValidation(document, decisionTypes),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  return { gateway: document.value, baseFolder, text: document.text, decisionTypes, resolvePath };
}

function checkReferences(document: ConfigDocument<GatewayConfig>): ConfigProblem[] {
  const config = document.value;
  const problems = [...checkPolicy(config), ...checkAssertions(config, config.assertions ?? [])].map((p) =>
    document.problem(p.path, p.message),
  );
  const jurisdictions = new Set(config.jurisdictions.map((j) => j.id));
  const homes = new Map<string, string>();
  config.cells.forEach((cell, c) => {
    if (config.cells.findIndex((other) => other.id === cell.id) !== c) {
      problems.push(document.problem(['cells', c, 'id'], `"${cell.id}" names two cells; rename one`));
    }
    cell.jurisdictions.forEach((id, j) => {
      const place = ['cells', c, 'jurisdictions', j];
      if (!jurisdictions.has(id)) {
        problems.push(document.problem(place, `"${id}" is no jurisdiction; declare it under jurisdictions`));
      } else if (homes.has(id)) {
        problems.push(
          document.problem(place, `"${id}" already lives in cell "${homes.get(id)}"; keep it in one`),
        );
      }
      homes.set(id, cell.id);
    });
  });
  config.jurisdictions.forEach((jurisdiction, j) => {
    if (!homes.has(jurisdiction.id)) {
      const message = `"${jurisdiction.id}" has no cell, so its records have no home; add it to one cell`;
      problems.push(document.problem(['jurisdictions', j, 'id'], message));
    }
  });
  if (!config.cells.some((cell) => cell.hosted)) {
    problems.push(document.problem(['cells'], 'no cell is hosted here; set hosted: true on at least one'));
  }
  return problems;
}

/** A misspelt name would leave a type enforced that was to be rolled out. */
function checkValidation(
  document: ConfigDocument<GatewayConfig>,
  types: ReadonlyMap<string, DecisionType>,
): ConfigProblem[] {
  const named = document.value.validation?.detectOnly?.decisionTypes ?? [];
  if (named === 'all') return [];
  return named.flatMap((name, i) => {
    if (types.has(name)) return [];
    const place = ['validation', 'detectOnly', 'decisionTypes', i];
    return [document.problem(place, `"${name}" is no decision type; name one, or say all`)];
  });
}

function checkDecisionTypes(
  config: GatewayConfig,
  types: ReadonlyMap<string, DecisionType>,
): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const classes = new Set(config.dataClasses.map((c) => c.id));
  const models = new Set(config.endpoints.flatMap((e) => e.models.map((m) => m.id)));
  for (const decisionType of types.values()) {
    const { config: type, document } = decisionType;
    problems.push(...checkTools(config, decisionType));
    if (type.name === builtInType)
      problems.push(document.problem(['name'], 'this name is that of the built-in canaries; choose another'));
    problems.push(...policyProblems(type).map((p) => document.problem(p.path, p.message)));
    const codes = decisionType.reasons.map(({ code }) => code);
    problems.push(...reviewProblems(type.review, codes).map((p) => document.problem(p.path, p.message)));
    if (!classes.has(type.dataClass)) {
      problems.push(
        document.problem(['dataClass'], `"${type.dataClass}" is no data class of countersign.yaml`),
      );
    }
    if (!models.has(type.model)) {
      problems.push(
        document.problem(['model'], `no endpoint offers "${type.model}"; add it to an endpoint’s models`),
      );
    }
    problems.push(...checkEmbeddingType(config, type).map((p) => document.problem(p.path, p.message)));
    if (type.webhook !== 'none') {
      const id = type.webhook.endpoint;
      const target = config.endpoints.find((e) => e.id === id);
      if (!target?.purposes.includes('webhook')) {
        problems.push(
          document.problem(['webhook', 'endpoint'], `"${id}" is no endpoint with the purpose webhook`),
        );
      }
    }
  }
  return problems;
}
