import { CountersignError, type ErrorCode, errorTable } from '../decision/errors.ts';
import type { DecisionId } from '../decision/ids.ts';
import type { ReasonCode } from '../decision/reason.ts';
import type { StopVerdict } from '../decision/verdict.ts';

/** Reasons that are told under a more general code; every other reason is a code of its own. */
const generalCode: Partial<Record<ReasonCode, ErrorCode>> = {
  INJECTION_SUSPECTED: 'INPUT_REFUSED',
  SMUGGLING_CHARACTERS: 'INPUT_REFUSED',
  HIDDEN_TEXT: 'INPUT_REFUSED',
  OUTPUT_PERSONAL_DATA: 'OUTPUT_REFUSED',
  OUTPUT_SECRET: 'OUTPUT_REFUSED',
  OUTPUT_UNPARSABLE: 'OUTPUT_REFUSED',
  OUTPUT_UNUSUAL: 'OUTPUT_REFUSED',
  OUTPUT_FILTER_FAILED: 'OUTPUT_REFUSED',
  INTERRUPTED: 'ANSWER_WITHHELD',
  TOOL_WITHDRAWN: 'TOOL_CALL_REFUSED',
  TOOL_ARGUMENTS_INVALID: 'TOOL_CALL_REFUSED',
  TOOL_ARGUMENT_TAINTED: 'TOOL_CALL_REFUSED',
  TOOL_FAILED: 'TOOL_CALL_REFUSED',
  TOOL_ROUNDS_EXCEEDED: 'TOOL_CALL_REFUSED',
};

export function errorCodeOf(reason: ReasonCode): ErrorCode {
  const general = generalCode[reason];
  if (general) return general;
  return reason in errorTable ? (reason as ErrorCode) : 'INTERNAL';
}

/** A gate's refusal on its way to the caller; the verdict goes into the record, not into the answer. */
export class Refusal extends CountersignError {
  readonly verdict: StopVerdict;

  constructor(code: ErrorCode, verdict: StopVerdict, extra: Record<string, unknown>) {
    super(code, { extra });
    this.verdict = verdict;
  }
}

/** What the caller is told of a refusal: codes, places and counts, nothing of the content (I8). */
export function refusalError(
  verdict: StopVerdict,
  decisionId: DecisionId | null,
  extra: Record<string, unknown>,
): Refusal {
  const findings = verdict.findings.map(({ surface, origin, rule, score }) => ({
    surface,
    origin,
    rule,
    score,
  }));
  return new Refusal(errorCodeOf(verdict.reasons[0]), verdict, {
    ...(decisionId === null ? {} : { decisionId }),
    decisionStatus: 'refused',
    reasons: verdict.reasons,
    ...(findings.length > 0 ? { findings } : {}),
    ...(verdict.detail === undefined ? {} : { explanation: verdict.detail }),
    ...extra,
  });
}
