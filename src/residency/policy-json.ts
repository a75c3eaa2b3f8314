import { canonicalJson } from '../decision/canonical.ts';
import type { ResidencyPolicy } from './policy.ts';

/** What of a configuration decides what is lawful, and nothing else. */
export function policyParts(policy: ResidencyPolicy): ResidencyPolicy {
  const { jurisdictions, dataClasses, endpoints, mechanisms, transferRules } = policy;
  return { dataClasses, endpoints, jurisdictions, mechanisms, transferRules };
}

/** The bytes whose SHA-256 every decision names as its policy. */
export function policyJson(policy: ResidencyPolicy): string {
  return canonicalJson(policyParts(policy));
}
