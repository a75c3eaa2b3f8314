/*
 * Records a few decisions of every kind with the gateway of this tree and writes their rows to
 * `schema-<n>.json` beside this file: `npx tsx test/golden/record.ts` after `npm run build`. Once a schema is
 * released its file is never written again: it is what the readers of later versions are tested with.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findEntries } from '../../src/audit/repository.ts';
import type { DecisionId } from '../../src/decision/ids.ts';
import type { Cell } from '../../src/gateway/rooms.ts';
import { payloads, pdfOf } from '../support/payloads.ts';
import { type Sending, type TestGateway, startTestGateway } from '../support/gateway.ts';

const application = {
  amount: 8_000,
  termMonths: 36,
  annualIncome: 52_000,
  monthlyDebtPayments: 150,
  employmentMonths: 90,
  creditHistoryMonths: 140,
  utilisationPercent: 12,
  missedPayments24Months: 0,
  enquiries6Months: 0,
};
const doubtful = { ...application, utilisationPercent: 75, missedPayments24Months: 1, annualIncome: 24_000 };

const gateway = await startTestGateway({ limits: { attempts: 2 } });
try {
  const decisions = await decide(gateway);
  const cell = gateway.rooms.cells.get('eu');
  if (!cell) throw new Error('no cell eu');
  const entries = [];
  for (const decisionId of Object.values(decisions)) entries.push(...(await entriesOf(cell, decisionId)));
  const schema = (JSON.parse(entries[0]?.header ?? '{}') as { schema: number }).schema;
  const golden = {
    schema,
    cell: cell.id,
    decisions,
    entries,
    keys: await keysOf(cell, entries),
    parts: await partsOf(cell, entries),
  };
  writeFileSync(join(import.meta.dirname, `schema-${schema}.json`), `${JSON.stringify(golden, null, 1)}\n`);
} finally {
  await gateway.stop();
}

async function decide(at: TestGateway): Promise<Record<string, string>> {
  const { eu, url } = at;
  const post = (path: string, body: object, sending: Sending) => at.post(path, body, sending);
  const credit = { decisionType: 'credit-application' };
  const chat = { decisionType: 'chat-test' };
  const claim = { decisionType: 'claims-triage' };
  const message = {
    messages: [{ role: 'user', content: 'A claim: the pane broke on 3 October, 120 euros.' }],
  };
  const pdf = (base64: string) => ({ mediaType: 'application/pdf', base64 });
  const note = 'Überweisung wie immer – danke 🏠';
  const decided = await post('/v1/decisions', { input: { ...application, note } }, credit);
  const context = [{ id: 'kb/rates', version: '2026-11', text: 'Rates are as of November.' }];
  const reviewed = await post(
    '/v1/decisions',
    { input: doubtful, context },
    { ...credit, headers: { 'countersign-subject': 'subject-1' } },
  );
  await review(url, await at.keyFor(), reviewed.decisionId);
  const waiting = await post('/v1/decisions', { input: { ...doubtful, missedPayments24Months: 3 } }, credit);
  const document = {
    input: { claim: 'a claim' },
    documents: [pdf(pdfOf('The invoice is for 120 euros.', 'visible'))],
  };
  const withDocument = await post('/v1/decisions', document, claim);
  const attacked = { input: { claim: 'a claim' }, documents: [pdf(pdfOf(payloads.plain, 'hidden'))] };
  const refused = await post('/v1/decisions', attacked, claim);
  const chatted = await post('/v1/chat/completions', message, chat);
  await eu.setBehaviour({ mode: 'status', status: 500 });
  const failed = await post('/v1/chat/completions', message, chat);
  await eu.setBehaviour({ mode: 'ok' });
  const made = { decided, reviewed, waiting, withDocument, refused, chatted, failed };
  return Object.fromEntries(Object.entries(made).map(([name, { decisionId }]) => [name, decisionId]));
}

async function review(url: string, key: string, decisionId: string): Promise<void> {
  const send = async (method: 'GET' | 'POST', path: string, body?: object) => {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    };
    const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
    const response = await fetch(`${url}/v1/reviews/${path}?cell=eu`, init);
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return (await response.json()) as {
      task: { taskId: string; decisionId: string };
      evidenceHash: string;
    };
  };
  const { task } = await send('POST', 'claim');
  if (task.decisionId !== decisionId) throw new Error('the task is of another decision');
  const { evidenceHash } = await send('GET', task.taskId);
  await send('POST', `${task.taskId}/answer`, {
    evidenceHash,
    verdict: 'approve',
    reasonCodes: ['R02'],
    note: 'Seen by a person.',
  });
}

/** In the order of the chain. */
async function entriesOf({ store }: Cell, decisionId: string) {
  const entries = await findEntries(store, decisionId as DecisionId);
  return entries.map(({ headerBytes, payload }) => ({
    header: headerBytes.toString('utf8'),
    payload: payload?.toString('base64') ?? null,
  }));
}

interface Header {
  tenant: string;
  release: string | null;
  payload: { keyId: string } | null;
}

async function keysOf({ store, keyring, id }: Cell, entries: readonly { header: string }[]) {
  const headers = entries.map(({ header }) => JSON.parse(header) as Header);
  const tenants = new Map(
    headers.flatMap((header) => (header.payload ? [[header.payload.keyId, header.tenant]] : [])),
  );
  const keys = [];
  for (const [keyId, tenant] of tenants) {
    const [row] = await store.query<{ wrapped_key: Buffer; keyring_key_id: string }>({
      text: 'SELECT wrapped_key, keyring_key_id FROM subject_keys WHERE key_id = $1',
      values: [keyId],
    });
    if (!row) throw new Error('a key is missing');
    const secret = await keyring.unwrap(row.wrapped_key, row.keyring_key_id, `${id}/${tenant}/${keyId}`);
    keys.push({ keyId, tenant, secret: secret.toString('hex') });
  }
  return keys;
}

async function partsOf({ store }: Cell, entries: readonly { header: string }[]) {
  const releases = new Set(entries.flatMap(({ header }) => (JSON.parse(header) as Header).release ?? []));
  const rows = await store.query<{ digest: Buffer; media_type: string; bytes: Buffer }>({
    text: 'SELECT digest, media_type, bytes FROM parts',
    values: [],
  });
  const parts = rows.map(({ digest, media_type: mediaType, bytes }) => ({
    digest: `sha256:${digest.toString('hex')}`,
    mediaType,
    text: bytes.toString('utf8'),
  }));
  const manifests = parts.filter(({ digest }) => releases.has(digest));
  const named = new Set(
    manifests.flatMap(({ text }) =>
      Object.values((JSON.parse(text) as { parts: Record<string, string> }).parts),
    ),
  );
  return parts.filter(({ digest }) => releases.has(digest) || named.has(digest));
}
