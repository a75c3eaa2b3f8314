import type { DecisionTypeConfig } from './decision-type-schema.ts';
import type { GatewayConfig } from './gateway-schema.ts';

interface TypeProblem {
  readonly path: readonly string[];
  readonly message: string;
}

/** What a type with `purpose: embedding` must not ask for: an embedding decides nothing. */
export function checkEmbeddingType(
  { endpoints }: Pick<GatewayConfig, 'endpoints'>,
  type: DecisionTypeConfig,
): TypeProblem[] {
  if (type.purpose !== 'embedding') return [];
  const problems: TypeProblem[] = [];
  const isOffered = endpoints.some(
    ({ purposes, models }) => purposes.includes('embedding') && models.some(({ id }) => id === type.model),
  );
  if (!isOffered) {
    const message = `no endpoint with the purpose embedding offers "${type.model}"; declare one where the data may go`;
    problems.push({ path: ['model'], message });
  }
  if (type.prompt !== 'none')
    problems.push({ path: ['prompt'], message: 'must be none; texts are embedded without instructions' });
  if (type.bands.autoDecide)
    problems.push({
      path: ['bands', 'autoDecide'],
      message: 'must be false; an embedding decides nothing, so no band may',
    });
  return problems;
}
