/** Counts of one endpoint and model. */
export interface GroupCounts {
  readonly endpoint: string;
  readonly model: string;
  /** Calls in the counter. */
  calls: number;
  /** Answered with 2xx. */
  ok: number;
  inputTokens: number;
  outputTokens: number;
  /** Sent, and nobody told us what it used: failed, timed out, unknown. */
  withoutUsage: number;
  /** Of the above, the calls so near the end of the day that the provider may count them to the next. */
  readonly late: Usage;
  /** Calls of the day before that the provider may count to this one. */
  readonly early: Usage & { withoutUsage: number };
}

interface Usage {
  calls: number;
  inputTokens: number;
  outputTokens: number;
}

export function emptyCounts(endpoint: string, model: string): GroupCounts {
  const none = { calls: 0, inputTokens: 0, outputTokens: 0 };
  return {
    endpoint,
    model,
    ...none,
    ok: 0,
    withoutUsage: 0,
    late: { ...none },
    early: { ...none, withoutUsage: 0 },
  };
}

export function addUsage(
  to: { inputTokens: number; outputTokens: number },
  usage: { readonly inputTokens: number; readonly outputTokens: number } | null,
): void {
  if (usage === null) return;
  to.inputTokens += usage.inputTokens;
  to.outputTokens += usage.outputTokens;
}
