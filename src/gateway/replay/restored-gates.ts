import { type DecisionType, restoreDecisionType } from '../../config/decision-type.ts';
import type { GatewayConfig } from '../../config/gateway-schema.ts';
import { retentionTerms } from '../../config/retention-terms.ts';
import { toolsFolder } from '../../config/tool-files.ts';
import type { RetentionTerm } from '../../decision/entry.ts';
import { type Labeller, createLabeller } from '../../residency/label.ts';
import { type LawfulFilter, createLawfulFilter } from '../../residency/lawful.ts';
import type { Endpoint } from '../../residency/policy.ts';
import type { StoredRelease } from '../../release/stored-release.ts';
import type { DocumentReader } from '../../validation/document/document-reader.ts';
import { type Classifier, restoreClassifier } from '../../validation/classification.ts';
import { hasClassifier } from '../../validation/detector.ts';
import { type ValidationGate, restoreValidationGate, weightsPart } from '../../validation/gate.ts';
import { type OutputFilter, restoreOutputFilter } from '../../validation/output-filter.ts';

/** The gates as a release has them: nothing in them comes from today's configuration. */
export interface RestoredGates {
  readonly type: DecisionType;
  readonly countriesOf: (jurisdiction: string) => readonly string[];
  readonly attemptsMax: number;
  readonly retentionOf: (jurisdiction: string) => readonly RetentionTerm[];
  readonly labeller: Labeller;
  readonly lawfulFilter: LawfulFilter;
  readonly endpointOf: (id: string) => Endpoint | undefined;
  readonly validation: ValidationGate;
  /** Null for a release that looked for nothing. */
  readonly classifier: Classifier | null;
  readonly outputFilter: OutputFilter;
  /** Version of the gateway that activated the release. */
  readonly gatewayVersion: string;
}

const typeFiles = new Set(['type.yaml', 'reasons.yaml', 'prompt.md', 'output.schema.json']);

/**
 * Makes the gates of an earlier day from the parts of its release.
 * @returns the name of a part that such a release has to have, where it lacks one
 */
export function restoreGates(release: StoredRelease, reader: DocumentReader): RestoredGates | string {
  const part = (prefix: string) => release.parts.find(({ name }) => name.startsWith(prefix));
  const [configuration, rules, filter] = [
    part('configuration'),
    part('validation-rules@'),
    part('output-filter@'),
  ];
  const classification = part('classification@');
  if (!configuration) return 'configuration';
  if (!rules) return 'validation-rules';
  if (!filter) return 'output-filter';
  // Bytes with the right digest are those of a configuration that was checked on its day.
  const config = JSON.parse(configuration.bytes.toString('utf8')) as GatewayConfig;
  const type = restoreDecisionType(
    release.parts.filter(({ name }) => typeFiles.has(name) || name.startsWith(toolsFolder)),
    `release ${release.digest}`,
  );
  const content = rules.bytes.toString('utf8');
  const version = rules.name.slice('validation-rules@'.length);
  // Releases from before the classifier have none.
  const weights = part(`${weightsPart}@`);
  if (!weights && hasClassifier(content)) return weightsPart;
  return {
    type,
    countriesOf: (id) => config.jurisdictions.find((one) => one.id === id)?.countries ?? [],
    attemptsMax: config.limits.attempts,
    retentionOf: (id) => retentionTerms(config.retentionRules, type.config, id),
    labeller: createLabeller({
      jurisdictions: config.jurisdictions,
      dataClasses: config.dataClasses,
      cells: config.cells,
      decisionTypes: new Map([[type.config.name, { dataClass: type.config.dataClass }]]),
    }),
    lawfulFilter: createLawfulFilter(config),
    endpointOf: (id) => config.endpoints.find((endpoint) => endpoint.id === id),
    classifier: classification ? restoreClassifier(classification.bytes.toString('utf8')) : null,
    validation: restoreValidationGate(
      { content, version, weights: weights ? { base64: weights.bytes.toString('utf8') } : null },
      { reader },
    ),
    outputFilter: restoreOutputFilter(filter.bytes.toString('utf8')),
    gatewayVersion: release.manifest.gateway,
  };
}
