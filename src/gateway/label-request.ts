import type { DecisionType } from '../config/decision-type.ts';
import { CountersignError } from '../decision/errors.ts';
import type { LabelVerdict, Labeller } from '../residency/label.ts';
import type { Caller } from './caller.ts';
import type { RequestClaims, Submission } from './submission.ts';

/**
 * The decision type of a request: named by the caller, or the only one it was granted.
 * @throws CountersignError DECISION_TYPE_MISSING, DECISION_TYPE_UNKNOWN, LABEL_UNGRANTED
 */
export function resolveDecisionType(
  types: ReadonlyMap<string, DecisionType>,
  caller: Pick<Caller, 'grants'>,
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

/** The label of a request of that type, from what it claims and what its caller was granted. */
export function requestLabel(
  labeller: Labeller,
  { caller, claims }: Pick<Submission, 'caller' | 'claims'>,
  type: DecisionType,
): LabelVerdict {
  return labeller.label({
    grants: {
      jurisdictions: caller.grants.jurisdictions,
      dataClasses: caller.grants.dataClasses,
      source: caller.source,
    },
    headers: {
      jurisdiction: claims.jurisdiction ?? undefined,
      dataClass: claims.dataClass ?? undefined,
    },
    references: claims.references,
    decisionType: type.config.name,
  });
}
