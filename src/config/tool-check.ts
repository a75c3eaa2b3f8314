import type { DecisionType } from './decision-type.ts';
import type { GatewayConfig } from './gateway-schema.ts';
import type { ConfigProblem } from './problem.ts';

const alwaysUntrusted = ['document', 'retrieved', 'tool_result'] as const;

/** What the tools of a decision type need of the rest of the configuration. */
export function checkTools(
  { endpoints }: Pick<GatewayConfig, 'endpoints'>,
  { config, document, tools }: DecisionType,
): ConfigProblem[] {
  if (tools === null) return [];
  const problems: ConfigProblem[] = [];
  const add = (path: readonly (string | number)[], message: string) =>
    problems.push(document.problem(path, message));
  if (config.purpose === 'embedding') add(['tools'], 'an embedding calls no tools; leave them out');
  for (const surface of ['tool_call', 'tool_result'] as const)
    if (!config.surfaces.includes(surface))
      add(['surfaces'], `tools need the surface ${surface}; open it, and test it`);
  for (const surface of alwaysUntrusted)
    if (!tools.policy.untrusted.includes(surface))
      add(['tools', 'untrusted'], `"${surface}" is missing; its text is always somebody else’s`);
  for (const tool of tools.tools.values()) {
    const { id, runs } = tool.config;
    if (runs.kind !== 'http') continue;
    const target = endpoints.find((endpoint) => endpoint.id === runs.endpoint);
    if (!target?.purposes.includes('tool'))
      add(
        ['tools', 'allow'],
        `"${id}" goes to "${runs.endpoint}", which is no endpoint with the purpose tool`,
      );
  }
  return problems;
}
