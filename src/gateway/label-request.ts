import type { DecisionType } from '../config/decision-type.ts';
import { CountersignError } from '../decision/errors.ts';
import type { Caller } from './caller.ts';
import type { RequestClaims } from './submission.ts';

/**
 * The decision type of a request: named by the caller, or the only one it was granted.
 * @throws CountersignError DECISION_TYPE_MISSING, DECISION_TYPE_UNKNOWN, LABEL_UNGRANTED
 */
export function resolveDecisionType(
  types: ReadonlyMap<string, DecisionType>,
  caller: Caller,
  claims: RequestClaims,
): DecisionType {
  const granted = caller.grants.decisionTypes;
  const name = claims.decisionType ?? (granted.length === 1 ? granted[0] : undefined);
  if (name === undefined) throw new CountersignError('DECISION_TYPE_MISSING');
  if (!granted.includes(name)) throw new CountersignError('LABEL_UNGRANTED');
  const type = types.get(name);
  if (!type) throw new CountersignError('DECISION_TYPE_UNKNOWN');
  return type;
}
