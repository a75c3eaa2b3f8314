import { exfiltrationRules } from './rules/exfiltration.ts';
import { impersonationRules } from './rules/impersonation.ts';
import { overrideRules } from './rules/override.ts';
import type { Rule } from './rules/rule.ts';
import { steeringRules } from './rules/steering.ts';

/** Every rule of the detector that reads words. */
export const rules: readonly Rule[] = [
  ...overrideRules,
  ...impersonationRules,
  ...steeringRules,
  ...exfiltrationRules,
];
