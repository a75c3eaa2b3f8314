import { type DecisionType, restoreDecisionType } from '../config/decision-type.ts';
import { builtInType } from '../config/load.ts';

/** What every canary asks: about nobody, and nothing. */
export const canaryText =
  'Synthetic test call of a Countersign gateway. It is about no person. Answer with one word.';

/** The built-in type for one model: it decides nothing, is never released, and is kept for a month. */
export function canaryType(model: string, dataClass: string): DecisionType {
  const type = {
    name: builtInType,
    version: '1',
    description: 'A call with synthetic data that shows whether an endpoint is where it was declared.',
    dataClass,
    model,
    parameters: {},
    prompt: 'none',
    surfaces: ['chat'],
    outcome: { field: '*', favourable: ['release'], unfavourable: ['withhold'] },
    score: { source: 'none', field: '*' },
    bands: { id: 'canary', basis: 'configured', tLow: 0.5, tHigh: 0.5, autoDecide: false, low: 'escalate' },
    costs: { falseApprove: 1, falseDecline: 1, review: 1, currency: 'EUR' },
    output: { personalData: 'mask', secrets: 'refuse' },
    review: { leaseSeconds: 900, dueHours: 24 },
    retention: { class: 'canary', years: 1, clockStart: 'decision' },
    webhook: 'none',
  };
  const reasons = [{ code: 'CANARY', text: 'A canary decides nothing.' }];
  const file = (name: string, value: unknown) => ({
    name,
    mediaType: 'application/yaml',
    // JSON is YAML (YAML 1.2, section 1.2).
    bytes: Buffer.from(JSON.stringify(value)),
  });
  return restoreDecisionType([file('type.yaml', type), file('reasons.yaml', reasons)], builtInType);
}
