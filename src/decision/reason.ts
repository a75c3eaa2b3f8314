/**
 * Why a gate answered as it did. `error` names the row of the error table that a caller gets when
 * the verdict is a refusal; reasons without one send the decision to a person.
 */
export const reasons = {
  LABEL_MISSING: 'No jurisdiction follows from the caller’s grants and headers.',
  LABEL_CONFLICT: 'The parts of the label contradict each other.',
  LABEL_UNGRANTED: 'The caller named a jurisdiction, data class or decision type it was not granted.',
  CELL_ELSEWHERE: 'The label belongs to a cell that another process hosts.',
  INJECTION_SUSPECTED: 'Outside text addresses the model or whoever decides, instead of telling facts.',
  SMUGGLING_CHARACTERS: 'Outside text carries invisible characters that have no honest use.',
  HIDDEN_TEXT: 'A document carries text that its reader would not see.',
  COUNTERFACTUAL_CHANGED: 'Without the suspect passages the decision comes out differently.',
  COUNTERFACTUAL_INCOMPLETE: 'Whether the suspect passages change the decision could not be found out.',
  DOCUMENT_UNREADABLE: 'A document could not be read within its limits.',
  DOCUMENT_UNSUPPORTED: 'A document is of a kind that cannot be inspected.',
  SURFACE_CLOSED: 'Outside text came in where the decision type takes none.',
  INPUT_TOO_LARGE: 'Outside text is larger or deeper than can be inspected.',
  VALIDATION_FAILED: 'A detector failed, and a gate that fails is closed.',
  NO_LAWFUL_ENDPOINT: 'No endpoint is lawful for this label and purpose.',
  LAWFUL_ENDPOINTS_FAILED: 'Every lawful endpoint was tried and none answered.',
  RESIDENCY_EVIDENCE_MISMATCH: 'The endpoint’s own evidence of its place contradicts what was declared.',
  STORE_UNAVAILABLE: 'The store did not commit the record in time.',
  COUNTER_FAILED: 'The egress counter could not be written, so the call was not sent.',
  OUTPUT_UNPARSABLE: 'The model’s answer does not match the output schema of the decision type.',
  OUTPUT_PERSONAL_DATA: 'The answer carries personal data that is not in the decision’s own inputs.',
  OUTPUT_SECRET: 'The answer carries a secret or a canary.',
  OUTPUT_UNUSUAL: 'The answer is unlike those before it of the same decision type and endpoint.',
  OUTPUT_FILTER_FAILED: 'The output filter failed, and a gate that fails is closed.',
  TOOL_NOT_ALLOWED: 'A tool was named that the decision type does not allow, or that was not offered.',
  TOOL_WITHDRAWN: 'A tool that writes was called with untrusted text in the context.',
  TOOL_ARGUMENTS_INVALID: 'The arguments of a tool call do not match the schema of the tool.',
  TOOL_ARGUMENT_TAINTED: 'An argument that must come from a trusted source stands in none.',
  TOOL_FAILED: 'A tool gave no result within its limits.',
  TOOL_ROUNDS_EXCEEDED: 'The model called tools more often than the decision type allows.',
  NO_BAND_SET: 'No band set is active for this release.',
  NO_SCORE: 'The answer carries no usable confidence.',
  SCORE_CONTRADICTS: 'The confidence supports one outcome and the answer recommends another.',
  BAND_MIDDLE: 'The confidence lies in the middle band.',
  BAND_LOW: 'The confidence lies in the low band.',
  BANDS_NOT_CERTIFIED: 'The band set is not certified and the type does not allow it to decide.',
  TYPE_SUSPENDED: 'The decision type was suspended, so everything of it goes to a person.',
  PROBING_THROTTLED:
    'The caller, the subject or inputs like this one probe the model; one is let through at times.',
  PROBING_SUSPECTED: 'The caller, the subject or inputs like this one probe the model; a person decides.',
  INTERRUPTED: 'The gateway stopped before the call was closed.',
} as const;

export type ReasonCode = keyof typeof reasons;
