/**
 * Every error a caller can get: stable code, HTTP status, message that says what to do.
 * A test keeps this table, docs/reference/errors.md and /openapi.json equal.
 */
export const errorTable = {
  // Request
  REQUEST_MALFORMED: [
    400,
    'The body is not well-formed JSON in UTF-8. Send one JSON object encoded as UTF-8.',
  ],
  REQUEST_INVALID: [400, 'The request does not match the schema of this route; see /openapi.json.'],
  REQUEST_TOO_DEEP: [400, 'The JSON is nested too deeply. Flatten it or send the nested part as a document.'],
  REQUEST_TOO_LARGE: [
    413,
    'The body is larger than the configured limit. Send less, or split the documents.',
  ],
  REQUEST_TIMEOUT: [408, 'The request did not arrive in time. Send it again over a faster connection.'],
  MEDIA_TYPE_UNSUPPORTED: [
    415,
    'Send application/json, or multipart/form-data where the route takes documents.',
  ],
  HEADER_DUPLICATE: [
    400,
    'A countersign-, authorization or idempotency-key header was sent twice. Send it once.',
  ],
  HEADER_INVALID: [400, 'A countersign- or idempotency-key header has a value that cannot be read.'],
  STREAM_UNSUPPORTED: [400, 'Streaming is not available yet. Send the request again with "stream": false.'],
  HEADERS_TOO_LARGE: [431, 'The headers are larger than 16 KiB in all. Send fewer or shorter ones.'],
  URL_INVALID: [400, 'The URL has a broken percent escape, or a part that is longer than any id.'],
  ROUTE_UNKNOWN: [404, 'There is no such route; see /openapi.json.'],
  METHOD_NOT_ALLOWED: [405, 'This route does not take that method; see /openapi.json.'],
  // Caller
  KEY_MISSING: [401, 'Send an API key as "Authorization: Bearer cs_…".'],
  KEY_UNKNOWN: [401, 'This API key is unknown or revoked. Ask your operator for a new one.'],
  TOKEN_INVALID: [
    401,
    'This token is not one that this gateway trusts; "problem" says why. Get a new one from your issuer.',
  ],
  ROLE_MISSING: [403, 'This API key does not have the role that this route needs.'],
  // Label
  LABEL_MISSING: [
    400,
    'The jurisdiction is not clear from the grants of this key. Send countersign-jurisdiction.',
  ],
  LABEL_CONFLICT: [400, 'The parts of the label contradict each other. Send one that fits the grants.'],
  LABEL_UNGRANTED: [403, 'This key was not granted that jurisdiction, data class or decision type.'],
  REFERENCE_INVALID: [
    400,
    'A subject reference is not one that this gateway trusts; "problem" says why. Get a new one from the customer system.',
  ],
  CELL_ELSEWHERE: [
    421,
    'Another cell serves this jurisdiction. Send the request to the address in "cellAddress".',
  ],
  DECISION_TYPE_MISSING: [400, 'Name the decision type in countersign-decision-type.'],
  DECISION_TYPE_UNKNOWN: [404, 'There is no such decision type in this configuration.'],
  DECISION_TYPE_MISMATCH: [
    400,
    'This decision type does not serve this route: /v1/embeddings takes types with "purpose: embedding", the others none of them.',
  ],
  // Validation
  INPUT_REFUSED: [
    400,
    'The input was stopped before the model saw it; "reasons" and "findings" say where and why.',
  ],
  SURFACE_CLOSED: [
    400,
    'This decision type takes no text there; "explanation" says where. Leave that part out.',
  ],
  DOCUMENT_UNREADABLE: [
    400,
    'A document could not be read within its limits. Send a smaller or repaired file.',
  ],
  DOCUMENT_UNSUPPORTED: [415, 'A document is of a kind that cannot be inspected. Send PDF or plain text.'],
  INPUT_TOO_LARGE: [413, 'The input is larger or deeper than can be inspected. Send less.'],
  VALIDATION_FAILED: [503, 'The input could not be inspected, so it was not sent. Try again later.'],
  PROBING_THROTTLED: [
    429,
    'Requests like this one look like probing of the model. Send the next after the Retry-After time, or ask your operator.',
  ],
  // Residency
  NO_LAWFUL_ENDPOINT: [403, 'No endpoint is lawful for this label; "nearestMisses" says what is in the way.'],
  LAWFUL_ENDPOINTS_FAILED: [503, 'Every lawful endpoint was tried and none answered. Try again later.'],
  RESIDENCY_EVIDENCE_MISMATCH: [
    503,
    'The endpoint’s own evidence of its place contradicts the policy. The answer is recorded and withheld.',
  ],
  QUARANTINE_UNKNOWN: [404, 'No endpoint with this id is in quarantine in a cell that this key reaches.'],
  RECONCILIATION_UNKNOWN: [404, 'That day has not been reconciled yet. POST to the same path does it now.'],
  // Audit
  STORE_UNAVAILABLE: [
    503,
    'The record could not be committed in time, so no call was made. Try again later.',
  ],
  COUNTER_FAILED: [503, 'The egress counter could not be written, so no call was made. Try again later.'],
  ANSWER_WITHHELD: [
    503,
    'The answer could not be recorded, so it is withheld. Read the decision later by its id.',
  ],
  DECISION_UNKNOWN: [404, 'There is no decision with this id that this key may read.'],
  CELL_UNKNOWN: [404, 'There is no such cell here that this key reaches.'],
  REPORT_UNKNOWN: [404, 'There is no completeness report of that day yet. POST to the same path makes one.'],
  LEDGER_UNKNOWN: [404, 'There is no such cell, period or tile in the ledger of this gateway.'],
  DECISION_ID_INVALID: [400, 'A decision id is a UUIDv7 in lower-case hexadecimal with hyphens.'],
  RECORD_ALTERED: [
    500,
    'The stored record was altered after it was committed. Run "countersign audit verify".',
  ],
  RECORD_GONE: [
    410,
    'The content of this record was erased or has expired; "state" says which, and what remains proves it was there.',
  ],
  RECEIPT_PENDING: [
    409,
    'An entry of this decision is not under a checkpoint of the ledger yet. Ask again after the Retry-After time.',
  ],
  EVIDENCE_TOO_LARGE: [
    413,
    'The evidence of this decision is larger than one bundle may be. Read its record and receipts instead.',
  ],
  // Retention
  NOTHING_TO_ERASE: [404, 'There is no personal data of this subject or decision that this key may erase.'],
  ERASE_BY_SUBJECT: [
    409,
    'The decision shares its key with others of its subject. Erase the subject instead of the decision.',
  ],
  ERASURE_UNKNOWN: [404, 'There is no erasure with this id that this key may see.'],
  HOLD_UNKNOWN: [404, 'There is no active legal hold with this id that this key may release.'],
  IDEMPOTENCY_IN_PROGRESS: [
    409,
    'The first request with this idempotency key is still being worked on. Ask again.',
  ],
  IDEMPOTENCY_MISMATCH: [422, 'This idempotency key was used for a different request. Use a new key.'],
  // Output
  OUTPUT_REFUSED: [403, 'The model’s answer was stopped by the output filter; "reasons" says why.'],
  IN_REVIEW: [403, 'A person decides before this answer is released. Read the decision later by its id.'],
  TOOL_NOT_ALLOWED: [
    403,
    'A tool is named that this decision type does not allow. Leave it out, or have it put on the allow-list.',
  ],
  TOOL_CALL_REFUSED: [
    403,
    'The model called a tool in a way that this decision type does not allow; "reasons" and "explanation" say how.',
  ],
  // Review
  TASK_UNKNOWN: [404, 'There is no such review task that this key may see.'],
  TASK_NOT_CLAIMED: [409, 'Claim the task first; the lease may have ended or another reviewer may hold it.'],
  TASK_CLOSED: [409, 'This task has been answered.'],
  TASK_EXPIRED: [409, 'The time for this task is over, so it was escalated. Claim it again where you may.'],
  TASK_OF_ANOTHER_PERSON: [
    403,
    'Another person must answer this: you submitted the decision, or have answered about it before.',
  ],
  EVIDENCE_CHANGED: [
    409,
    'What the task shows is not what you answered about. Read the task again, and send its evidenceHash.',
  ],
  FIRST_ANSWER_MISSING: [
    409,
    'Say first what you think without the model’s answer: POST to /first-answer, then read the task again.',
  ],
  FIRST_ANSWER_GIVEN: [
    409,
    'Your first answer is recorded, or this task asks for none. Read the task and answer it.',
  ],
  REASON_CODE_UNKNOWN: [400, 'Use one to four of the reason codes of the decision type.'],
  SEED_UNFIT: [
    409,
    'This decision cannot be a case with a known answer; "problem" says why. Choose a sealed one with a request.',
  ],
  SECOND_PERSON_NEEDED: [403, 'You suspended this decision type yourself. A second person must lift it.'],
  SUSPENSION_UNKNOWN: [404, 'This decision type is not suspended in a cell that this key reaches.'],
  // Gateway
  OVERLOADED: [
    503,
    'The gateway is at its limit of concurrent requests. Try again after the Retry-After time.',
  ],
  SHUTTING_DOWN: [503, 'The gateway is shutting down. Send the request to another instance.'],
  INTERNAL: [
    500,
    'The gateway failed and closed. The request id lets your operator find the fault in the log.',
  ],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type ErrorCode = keyof typeof errorTable;

/**
 * A refusal on its way to the caller. Extra members are published in the problem document, so they
 * hold codes, counts, ids and places: no content of the request (I8).
 */
export class CountersignError extends Error {
  readonly code: ErrorCode;
  readonly httpStatus: number;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    options: { detail?: string; extra?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(
      options.detail ?? errorTable[code][1],
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'CountersignError';
    this.code = code;
    this.httpStatus = errorTable[code][0];
    this.extra = options.extra ?? {};
  }

  /** A client may send the same request again and hope for another answer. */
  get retryable(): boolean {
    return (
      this.httpStatus === 503 ||
      this.httpStatus === 408 ||
      this.code === 'IDEMPOTENCY_IN_PROGRESS' ||
      this.code === 'PROBING_THROTTLED' ||
      this.code === 'RECEIPT_PENDING'
    );
  }
}

/** A thing that cannot be: a bug. The request that meets it fails closed. */
export class InvariantError extends Error {
  override name = 'InvariantError';
}
