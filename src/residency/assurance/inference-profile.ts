import { canonicalJson, digestOf } from '../../decision/canonical.ts';
import { VendorLogFormatError } from './cloudtrail.ts';

/** A Bedrock inference profile as far as routing goes. */
export interface InferenceProfile {
  readonly id: string;
  /** Regions it routes to, sorted, each once. */
  readonly regions: readonly string[];
  /** SHA-256 of what determines the routing, hexadecimal: the value of `profileSnapshotSha256`. */
  readonly sha256: string;
}

const arnPattern = /^arn:aws[a-z-]*:bedrock:([a-z0-9-]*):/;

/**
 * Reads what `aws bedrock get-inference-profile` prints (docs.aws.amazon.com/bedrock/latest/APIReference/
 * API_GetInferenceProfile.html). Only id, status, type and models count: names, descriptions and times may
 * change without a request going anywhere else. The answer depends on the Region that was asked.
 * @throws VendorLogFormatError
 */
export function readInferenceProfile(text: string): InferenceProfile {
  const profile = parse(text);
  const { inferenceProfileId: id, status, type, models } = profile;
  if (
    typeof id !== 'string' ||
    typeof status !== 'string' ||
    typeof type !== 'string' ||
    !Array.isArray(models)
  )
    throw new VendorLogFormatError('it lacks inferenceProfileId, status, type or models');
  const arns = models.map((model: unknown) => {
    const arn =
      typeof model === 'object' && model !== null && 'modelArn' in model ? model.modelArn : undefined;
    if (typeof arn !== 'string' || !arnPattern.test(arn))
      throw new VendorLogFormatError('a model has no modelArn');
    return arn;
  });
  const sorted = [...new Set(arns)].sort();
  const digest = digestOf(canonicalJson({ inferenceProfileId: id, models: sorted, status, type }));
  return {
    id,
    // Global profiles name a model without a Region, and may run anywhere.
    regions: [...new Set(sorted.map((arn) => arnPattern.exec(arn)?.[1] || '*'))].sort(),
    sha256: digest.slice('sha256:'.length),
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new VendorLogFormatError('it is no JSON object');
}
