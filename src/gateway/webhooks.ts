import { findEntries } from '../audit/repository.ts';
import { resolveSecret } from '../config/secret.ts';
import { createWebhookWorker } from '../confidence/webhook-worker.ts';
import type { OutcomeFacts } from '../decision/entry.ts';
import type { DecisionId } from '../decision/ids.ts';
import type { StorageLog } from '../storage/log.ts';
import type { Cell, Rooms } from './rooms.ts';

const sendTimeoutMs = 15_000;

/** One worker per cell. A notice goes to a lawful endpoint only: a webhook is a sink like any other (I3). */
export function startWebhooks(rooms: Rooms, log: StorageLog): { stop(): Promise<void> } {
  const workers = [...rooms.cells.values()].map((cell) =>
    createWebhookWorker({
      store: cell.store,
      nowMs: rooms.nowMs,
      noticeOf: (decisionId) => noticeOf(cell, decisionId),
      secretsOf: (endpoint, decisionType) => secretsOf(rooms, endpoint, decisionType),
      send: (notice) => send(rooms, cell, notice),
      onFault: (fault) => {
        const name = fault instanceof Error ? fault.name : 'unknown';
        log('warn', 'webhooks could not be delivered; they stay queued', { cell: cell.id, fault: name });
      },
    }),
  );
  for (const worker of workers) worker.start();
  return {
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}

async function noticeOf(cell: Cell, decisionId: DecisionId) {
  const entries = await findEntries(cell.store, decisionId);
  const last = entries.findLast((entry) => entry.header.type === 'outcome');
  if (!last) return null;
  const facts = last.header.facts as OutcomeFacts;
  return {
    decisionId,
    decisionType: last.header.decisionType ?? '',
    status: facts.status,
    changedAtMs: Date.parse(last.header.time),
  };
}

function secretsOf(rooms: Rooms, endpoint: string, decisionType: string): string[] {
  const webhook = rooms.types.get(decisionType)?.config.webhook ?? 'none';
  if (webhook === 'none' || webhook.endpoint !== endpoint) return [];
  return [resolveSecret(webhook.secret, rooms.config.baseFolder)];
}

async function send(
  rooms: Rooms,
  cell: Cell,
  notice: {
    endpoint: string;
    decisionId: DecisionId;
    body: string;
    headers: Readonly<Record<string, string>>;
  },
): Promise<{ ok: boolean; fault: string | null }> {
  const header = (await findEntries(cell.store, notice.decisionId)).at(-1)?.header;
  const jurisdiction = rooms.config.gateway.jurisdictions.find((j) => j.id === header?.jurisdiction);
  if (!header?.dataClass || !jurisdiction) return { ok: false, fault: 'LABEL_MISSING' };
  const lawful = rooms.lawfulFilter.lawful({
    label: {
      jurisdiction: jurisdiction.id,
      countries: jurisdiction.countries,
      dataClass: header.dataClass,
      cell: cell.id,
      ...(header.others && { others: header.others }),
      jurisdictionSource: 'grant',
      dataClassSource: 'decision-type',
    },
    purpose: 'webhook',
    nowMs: rooms.nowMs(),
  });
  const target =
    lawful.kind === 'pass' ? lawful.endpoints.find((endpoint) => endpoint.id === notice.endpoint) : undefined;
  if (!target) return { ok: false, fault: 'NO_LAWFUL_ENDPOINT' };
  const result = await rooms.egress.notify({
    endpoint: target,
    body: Buffer.from(notice.body),
    headers: notice.headers,
    deadlineMs: rooms.nowMs() + sendTimeoutMs,
  });
  if (result.kind === 'fault') return { ok: false, fault: result.fault };
  const ok = result.httpStatus >= 200 && result.httpStatus < 300;
  return { ok, fault: ok ? null : `HTTP_${result.httpStatus}` };
}
