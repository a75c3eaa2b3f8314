import type { LoadedConfig } from '../config/load.ts';
import { ConfigError } from '../config/problem.ts';
import { type OperatorModel, openOperatorModel } from '../validation/operator-model/operator-model.ts';
import { OperatorModelError } from '../validation/operator-model/problem.ts';

/**
 * The model of the operator's own, loaded; null where the configuration names none.
 * @throws ConfigError with what to do
 */
export async function operatorModelOf(
  config: Pick<LoadedConfig, 'gateway' | 'resolvePath'>,
  file = 'countersign.yaml',
): Promise<OperatorModel | null> {
  const settings = config.gateway.validation?.onnx;
  if (settings === undefined) return null;
  try {
    return await openOperatorModel(settings, config.resolvePath);
  } catch (error) {
    if (!(error instanceof OperatorModelError)) throw error;
    throw new ConfigError([{ file, line: 1, path: 'validation.onnx', message: error.message }]);
  }
}
