import { v7 as uuidV7 } from 'uuid';
import { DecisionRecord } from '../../src/audit/record.ts';
import type { OutcomeFacts, RetentionTerm } from '../../src/decision/entry.ts';
import type { DecisionId } from '../../src/decision/ids.ts';
import type { Cell } from '../../src/gateway/rooms.ts';

const sealed: OutcomeFacts = {
  band: 'high',
  bandSet: null,
  decidedBy: 'model',
  kind: 'outcome',
  releasedDigest: null,
  reviewTask: null,
  score: null,
  status: 'decided',
  verdicts: [],
};

/** A decision of an earlier day, recorded as it would have been then: sealed at once, with one payload. */
export async function recordOld(
  cell: Pick<Cell, 'store' | 'keys'>,
  options: {
    readonly atMs: number;
    readonly subject?: string | null;
    readonly retention?: readonly RetentionTerm[];
    readonly status?: OutcomeFacts['status'];
    readonly tenant?: string;
  },
): Promise<{ decisionId: DecisionId; keyId: string }> {
  const { atMs, subject = null, tenant = 'acme', status = 'decided' } = options;
  const retention = options.retention ?? [{ class: 'short', clockStart: 'decision', months: 1 }];
  const decisionId = uuidV7({ msecs: atMs }) as DecisionId;
  const key = await cell.keys.keyFor(tenant, subject);
  const record = new DecisionRecord({
    store: cell.store,
    subject: {
      decisionId,
      about: null,
      tenant,
      jurisdiction: 'EU',
      dataClass: 'personal',
      decisionType: 'claims-triage',
      release: null,
      retention,
    },
    key,
    previous: null,
    nowMs: () => atMs,
  });
  const payload = {
    schema: 2,
    request: null,
    outcome: 'pay',
    answer: null,
    released: '{"outcome":"pay"}',
  } as const;
  await record.seal({ ...sealed, status }, payload);
  return { decisionId, keyId: key.key.keyId };
}
