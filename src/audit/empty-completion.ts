import type { CompletionFacts } from '../decision/entry.ts';

/** What is known of a call that brought nothing back. */
export function emptyCompletion(endpoint: string, status: 'unknown' | 'not_sent'): CompletionFacts {
  return {
    endpoint,
    evidence: { checks: [], grade: 'contract' },
    fault: null,
    httpStatus: null,
    kind: 'completion',
    modelReturned: null,
    outputDigest: null,
    providerRequestId: null,
    status,
    upstreamMs: 0,
    usage: null,
  };
}
