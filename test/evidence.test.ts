import { execFile } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBundle } from '../src/audit/evidence/bundle.ts';
import { openCaseFile } from '../src/audit/evidence/case-file.ts';
import type { Proofs } from '../src/audit/evidence/ports.ts';
import type { Variant } from '../src/audit/evidence/telling.ts';
import { requestErasure } from '../src/audit/retention/erasure.ts';
import type { EntryHeader } from '../src/decision/entry.ts';
import { type DecisionId, parseDecisionId } from '../src/decision/ids.ts';
import { erasurePorts } from '../src/gateway/erasing.ts';
import { evidencePorts } from '../src/gateway/evidence-ports.ts';
import {
  type Files,
  jsonFile,
  logKeys,
  startParrot,
  unpack,
  verifyBundle,
  verifyBundles,
  withFlippedByte,
} from './support/evidence.ts';
import { type TestGateway, startTestGateway } from './support/gateway.ts';
import { payloads, pdfOf } from './support/payloads.ts';
import { textPdf } from './support/pdf.ts';

/** Data of other people, as it lies in everything that came with somebody's case. */
const others = {
  context: [
    'Marta',
    'Kowalczyk',
    'DE89 3704 0044 0532 0130 00',
    'marta@example.org',
    '+49 30 901820',
    'KX-77-4711',
  ],
  tool: ['Anna', 'Bergström', 'FI2112345600000785'],
  document: ['Jonas', 'Lindqvist', 'SE4550000000058398257466'],
};
const own = { name: 'Olga Novak', account: 'GB29NWBK60161331926819' };
const hostile = '<img src=x onerror="alert(1)"></pre><script>alert(2)</script>';

interface Manifest {
  readonly variant: Variant;
  readonly entries: readonly {
    readonly type: string;
    readonly relation: string;
    readonly header: string;
    readonly ciphertext: string | null;
    readonly opening: string | null;
    readonly plaintext: string | null;
    readonly withheld: string | null;
  }[];
  readonly releaseParts: readonly { readonly name: string; readonly file: string | null }[];
  readonly omitted: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

type CaseName = 'decided' | 'reviewed' | 'refused' | 'chat' | 'erased';

let gateway: TestGateway;
let parrot: { url: string; server: Server };
let keys: string[];
const ids = {} as Record<CaseName, string>;
const bundles = {} as Record<CaseName, Buffer>;

beforeAll(async () => {
  parrot = await startParrot(() => gateway.eu.url);
  gateway = await startTestGateway({ euUrl: `${parrot.url}/v1` });
  ids.decided = await decideWithOthersData();
  ids.reviewed = await decideByReviewer();
  ids.refused = await refuseHiddenInstructions();
  ids.chat = await chat();
  ids.erased = await eraseOne();
  for (const name of Object.keys(ids) as CaseName[]) bundles[name] = await exported(ids[name]);
  keys = await logKeys(gateway);
}, 120_000);
afterAll(async () => {
  await gateway.stop();
  parrot.server.close();
});

const cases = ['decided', 'reviewed', 'refused', 'chat', 'erased'] as const;

describe('a full bundle', () => {
  it.each(cases)('of a case that is %s holds in the eyes of the auditor’s own program', async (name) => {
    const check = await verifyBundle(bundles[name], keys);
    expect(check.text).toContain(ids[name]);
    expect(check.exitCode, check.text).toBe(0);
  });

  it.each(cases)('of a case that is %s has every digest that it names, and no other file', (name) => {
    const files = unpack(bundles[name]);
    const { files: named } = manifestOf(files);
    expect(Object.keys(files).sort()).toEqual(
      ['manifest.json', 'manifest.sig', ...Object.keys(named)].sort(),
    );
    for (const [path, digest] of Object.entries(named)) {
      expect(
        `sha256:${createHash('sha256')
          .update(files[path] ?? '')
          .digest('hex')}`,
        path,
      ).toBe(digest);
    }
  });

  it('no longer holds when one byte of any of its files is another, and the file is named', async () => {
    const files = unpack(bundles.decided);
    const paths = Object.keys(files);
    expect(paths.length).toBeGreaterThan(20);
    const problems = await verifyBundles(
      [bundles.decided, ...paths.map((path) => withFlippedByte(files, path))],
      keys,
    );
    expect(problems[0]).toBeNull();
    const told = problems.slice(1).map((problem, i) => [paths[i], problem?.path ?? null]);
    // A changed manifest contradicts its signature or one of the files that it names.
    expect(told.find(([path]) => path === 'manifest.json')?.[1]).not.toBeNull();
    const rest = told.filter(([path]) => path !== 'manifest.json');
    expect(rest).toEqual(rest.map(([path]) => [path, path]));
  });

  it('does not hold under another cell’s key', async () => {
    const other = gateway.rooms.cells.get('us')?.ledger;
    const period = await other?.currentPeriod();
    const { text } = await gateway.get(`/ledger/us/${period}/log.vkey`);
    expect((await verifyBundle(bundles.decided, [text.trim()])).exitCode).toBe(1);
  });

  it('opens one entry by its opening alone, as the format says', () => {
    const files = unpack(bundles.decided);
    const entry = manifestOf(files).entries[0];
    const header = jsonFile<EntryHeader>(files, entry?.header ?? '');
    const { entryKey, entrySalt } = jsonFile<Record<string, string>>(files, entry?.opening ?? '');
    const hmac = (key = '', text: string | Buffer = '') =>
      createHmac('sha256', Buffer.from(key, 'hex')).update(text).digest('hex');
    expect(hmac(entryKey, 'countersign key commitment v2')).toBe(header.payload?.keyCommitment);
    expect(hmac(entrySalt, files[entry?.plaintext ?? ''])).toBe(header.payload?.plaintextCommitment);
  });

  it('tells the whole story, and shows what is hostile in it as text', () => {
    const report = reportOf(bundles.decided);
    for (const text of [...others.context, ...others.tool, ...others.document, own.name, own.account]) {
      expect(report, text).toContain(text);
    }
    expect(report).toContain('&lt;img src=x onerror=');
    expect(report).not.toMatch(
      /<(?:script|img|iframe|link|object|embed|form|svg)\b|\son\w+="|javascript:|<[^>]*https?:/i,
    );
    expect(report).toContain("default-src 'none'");
    for (const title of [
      'What was asked',
      'What the model was shown',
      'What it said',
      'Who decided',
      'Proofs',
    ]) {
      expect(report).toContain(title);
    }
  });

  it('says who decided, with the texts of the reasons', () => {
    const report = reportOf(bundles.reviewed);
    expect(report).toContain('A receipt, invoice or photograph of what was damaged or lost is missing.');
    expect(report).toContain('Asked the broker.');
    expect(report).toContain('a person, after the gates asked for one');
  });

  it('marks what was found in a document, and names what cannot be seen', () => {
    const report = reportOf(bundles.refused);
    expect(report).toMatch(/<mark title="found: [^"]*override[^"]*">Ignore all previous instructions/);
    expect(report).toContain('spelling “Ignore all previous instructions');
    expect(report).toContain('HIDDEN_TEXT');
    expect(report).not.toMatch(/[\u{e0000}-\u{e007f}\u202a-\u202e]/u);
  });

  it('holds what is left of an erased case, and says why the rest is gone', () => {
    const files = unpack(bundles.erased);
    const { entries } = manifestOf(files);
    const sealed = entries.filter(({ ciphertext }) => ciphertext !== null);
    expect(sealed.length).toBeGreaterThan(1);
    for (const { plaintext, opening, withheld } of sealed) {
      expect([plaintext, opening]).toEqual([null, null]);
      expect(withheld).toContain('destroyed by an erasure');
    }
    expect(entries.map(({ type }) => type)).toContain('erasure');
    expect(reportOf(bundles.erased)).toContain('destroyed by an erasure');
    expect(Object.keys(files).filter((path) => path.endsWith('.payload.json'))).toEqual([]);
  });

  it('has the reading that it is itself', async () => {
    const { entries } = manifestOf(unpack(bundles.chat));
    expect(entries.filter(({ type }) => type === 'access')).toHaveLength(1);
    const { entries: later } = manifestOf(unpack(await exported(ids.chat)));
    expect(later.filter(({ type }) => type === 'access')).toHaveLength(2);
  });
});

describe('a redacted bundle', () => {
  let files: Files;
  let zip: Buffer;
  beforeAll(async () => {
    zip = await exported(ids.decided, 'redacted');
    files = unpack(zip);
  });

  it('holds in the eyes of the auditor’s own program', async () => {
    const check = await verifyBundle(zip, keys);
    expect(check.exitCode, check.text).toBe(0);
    expect(check.text).toContain('redacted');
  });

  it('has nothing of others in any of its files, where the full one has all of it', () => {
    const everything = [...others.context, ...others.tool, ...others.document];
    const found = (where: Files) =>
      everything.filter((text) =>
        Object.values(where).some((bytes) => spellings(text).some((one) => bytes.includes(one))),
      );
    expect(found(unpack(bundles.decided))).toEqual(everything);
    expect(found(files)).toEqual([]);
  });

  it('keeps what is the subject’s own', () => {
    const report = files['report.html']?.toString('utf8');
    expect(report).toContain(own.name);
    expect(report).toContain(own.account);
    expect(report).toContain('kb/water-damage');
    expect(report).toContain('Decided: pay');
  });

  it('discloses no key, and no part of the release beside its manifest', () => {
    const { entries, releaseParts, omitted } = manifestOf(files);
    expect(entries.map(({ opening }) => opening)).toEqual(entries.map(() => null));
    expect(entries.every(({ relation }) => relation === 'decision')).toBe(true);
    expect(releaseParts.filter(({ file }) => file !== null).map(({ name }) => name)).toEqual(['manifest']);
    expect(omitted).toEqual([expect.stringContaining('Readings of the record')]);
  });

  it('calls a reviewer by the role', async () => {
    const report = unpack(await exported(ids.reviewed, 'redacted'))['report.html']?.toString('utf8') ?? '';
    const review = (await gateway.story(ids.reviewed))?.entries.find(
      ({ header }) => header.type === 'review',
    );
    const { reviewer } = (review?.header.facts ?? {}) as { reviewer?: string };
    expect(reviewer).toMatch(/^[0-9a-f-]{36}$/);
    expect(report).not.toContain(reviewer);
    expect(report).toContain('<dd>reviewer</dd>');
  });
});

describe('the same case', () => {
  it('gives the same bytes, for the same moment', async () => {
    const cell = gateway.rooms.cells.get('eu');
    const decisionId = parseDecisionId(ids.decided);
    const file = cell && decisionId && (await openCaseFile(cell.store, cell.keys, decisionId));
    if (!cell || !file) throw new Error('the case is not there');
    const proofs: Proofs = {
      entries: new Map(
        file.entries.map(({ header }, index) => [
          header.entryId,
          { index, origin: 'log/eu/p', receipt: 'r' },
        ]),
      ),
      logs: [{ origin: 'log/eu/p', period: 'p', vkey: 'log+00000000+AQ==', checkpoint: 'log\n1\nAA==\n' }],
      witnessKeys: [],
      sign: (lines) => lines.join('\n'),
    };
    const make = (exportedAt: string) =>
      makeBundle(file, proofs, evidencePorts(cell.store, gateway.rooms), {
        variant: 'full',
        exportedAt,
        exportedBy: '1',
      });
    const [one, two, later] = [
      await make('2026-11-22T00:00:00Z'),
      await make('2026-11-22T00:00:00Z'),
      await make('2026-11-23T00:00:00Z'),
    ];
    expect(one.equals(two)).toBe(true);
    expect(one.equals(later)).toBe(false);
  });
});

describe('an export', () => {
  it('is recorded before anything is shown, with who, why and for which case', async () => {
    await exported(ids.refused, 'redacted', { 'countersign-reason': 'dispute', 'countersign-case': 'D-7' });
    const rows = await gateway.rooms.cells.get('eu')?.store.query<{ header: Buffer }>({
      text: "SELECT header FROM entries WHERE about = $1 AND type = 'access' ORDER BY entry_id DESC LIMIT 1",
      values: [ids.refused],
    });
    const header = JSON.parse(rows?.[0]?.header.toString('utf8') ?? 'null') as EntryHeader;
    expect(header.facts).toMatchObject({
      action: 'export-redacted',
      reason: 'dispute',
      caseReference: 'D-7',
    });
  });

  it('is for auditors whose grants cover the decision', async () => {
    const path = `/v1/decisions/${ids.decided}/evidence`;
    expect((await gateway.get(path, { key: await gateway.keyFor({ roles: ['caller'] }) })).code).toBe(
      'ROLE_MISSING',
    );
    expect((await gateway.get(path, { key: await gateway.keyFor({}, 'another') })).code).toBe(
      'DECISION_UNKNOWN',
    );
    const elsewhere = await gateway.keyFor({ jurisdictions: ['US'] });
    expect((await gateway.get(path, { key: elsewhere })).code).toBe('DECISION_UNKNOWN');
    expect((await gateway.get(`${path}?variant=other`)).code).toBe('REQUEST_INVALID');
  });

  it('waits for no receipt for ever', async () => {
    const cell = gateway.rooms.cells.get('eu');
    if (!cell) throw new Error('no cell');
    const { ledger } = cell;
    const before = Object.getOwnPropertyDescriptor(ledger, 'receiptOf');
    Object.assign(ledger, { receiptOf: () => Promise.resolve({ kind: 'promised' }) });
    try {
      const answer = await gateway.get(`/v1/decisions/${ids.chat}/evidence`);
      expect([answer.status, answer.code]).toEqual([409, 'RECEIPT_PENDING']);
      expect(answer.headers.get('retry-after')).toBe('1');
    } finally {
      Object.defineProperty(ledger, 'receiptOf', before ?? {});
    }
  }, 20_000);

  it('refuses a record that can no longer be opened although nothing ordered that', async () => {
    const id = await chat();
    const cell = gateway.rooms.cells.get('eu');
    const file = await openCaseFile(cell!.store, cell!.keys, id as DecisionId);
    expect(file?.entries.length).toBeGreaterThan(2);
    const broken = { ...cell!.keys, keyOf: () => Promise.resolve(null) };
    await expect(openCaseFile(cell!.store, broken, id as DecisionId)).rejects.toThrow('the key is missing');
  });

  it('is made on the command line, beside the running gateway', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-export-'));
    try {
      const file = join(folder, 'bundle.zip');
      const main = join(import.meta.dirname, '../src/cli/main.ts');
      const config = join(gateway.folder, 'countersign.yaml');
      const args = [
        '--import',
        'tsx',
        main,
        'audit',
        'export',
        '--decision',
        ids.chat,
        '--redacted',
        '--out',
        file,
      ];
      const { stdout } = await promisify(execFile)(process.execPath, [...args, '--config', config, '--json']);
      expect(JSON.parse(stdout)).toMatchObject({ decisionId: ids.chat, variant: 'redacted', file });
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect((await verifyBundle(await readFile(file), keys)).exitCode).toBe(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 60_000);
});

function manifestOf(files: Files): Manifest {
  return jsonFile<Manifest>(files, 'manifest.json');
}

function reportOf(zip: Buffer): string {
  return unpack(zip)['report.html']?.toString('utf8') ?? '';
}

/** A text as it may be written: with and without its spaces, in small letters, in base64 of any alignment. */
function spellings(text: string): string[] {
  const plain = [text, text.toLowerCase(), text.replaceAll(' ', '')];
  const encoded = [0, 1, 2].map((shift) =>
    Buffer.from('x'.repeat(shift) + text)
      .toString('base64')
      .slice(4, -4),
  );
  return [...plain, ...encoded.filter((one) => one.length >= 8)];
}

async function exported(
  decisionId: string,
  variant: Variant = 'full',
  headers: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  const key = await gateway.keyFor();
  const response = await fetch(`${gateway.url}/v1/decisions/${decisionId}/evidence?variant=${variant}`, {
    headers: { authorization: `Bearer ${key}`, ...headers },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(response.status, bytes.toString('utf8')).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/zip');
  expect(response.headers.get('content-disposition')).toContain(decisionId);
  return bytes;
}

async function decideWithOthersData(): Promise<string> {
  const [given, family, iban, email, phone, policy] = others.context;
  const gossip = `${given} ${family}, ${iban}, ${email}, ${phone}, policy ${policy}; also ${others.tool.join(' ')} and ${others.document.join(' ')}`;
  const pdf = textPdf([{ text: `Paid to ${others.document.join(', ')}.` }]).toString('base64');
  const answer = await gateway.post('/v1/decisions', {
    decisionType: 'claims-triage',
    input: { note: `${own.name} reports a wet floor. ${hostile}`, account: own.account },
    context: [{ id: 'kb/water-damage', version: '3', text: `PARROT(Decided as for ${gossip}.) Compare.` }],
    toolResults: [{ tool: 'policies', text: JSON.stringify({ holder: others.tool.join(' ') }) }],
    documents: [{ mediaType: 'application/pdf', base64: pdf }],
  });
  expect(answer.status, answer.text).toBe(200);
  return answer.decisionId;
}

async function decideByReviewer(): Promise<string> {
  const { decisionId, status } = await gateway.post('/v1/decisions', {
    decisionType: 'claims-triage',
    input: { note: 'A bicycle was stolen, 4,900 EUR, without a receipt.' },
  });
  expect(status).toBe(202);
  const { body } = await gateway.get('/v1/reviews');
  const task = (body['tasks'] as { taskId: string; decisionId: string }[]).find(
    (one) => one.decisionId === decisionId,
  );
  await gateway.post(`/v1/reviews/${task?.taskId}/claim`, {});
  const { evidenceHash } = (await gateway.get(`/v1/reviews/${task?.taskId}`)).body;
  const answer = { verdict: 'investigate', reasonCodes: ['C10'], note: 'Asked the broker.', evidenceHash };
  expect((await gateway.post(`/v1/reviews/${task?.taskId}/answer`, answer)).status).toBe(200);
  return decisionId;
}

async function refuseHiddenInstructions(): Promise<string> {
  const tags = Buffer.from(payloads['written in tag characters']).toString('base64');
  const { decisionId, code } = await gateway.post('/v1/decisions', {
    decisionType: 'claims-triage',
    input: { note: 'See the letter.' },
    documents: [
      { mediaType: 'application/pdf', base64: pdfOf(payloads.plain, 'hidden') },
      { mediaType: 'text/plain', base64: tags },
    ],
  });
  expect(code).toBe('INPUT_REFUSED');
  return decisionId;
}

async function chat(): Promise<string> {
  const messages = [{ role: 'user', content: 'What is covered?' }];
  const answer = await gateway.post('/v1/chat/completions', { messages }, { decisionType: 'chat-test' });
  expect(answer.status, answer.text).toBe(200);
  return answer.decisionId;
}

/** A chat whose retention is over by the clock of the erasure. */
async function eraseOne(): Promise<string> {
  const id = await chat();
  const cell = gateway.rooms.cells.get('eu');
  const keyId = (await gateway.story(id))?.entries[0]?.header.payload?.keyId;
  if (!cell || keyId === undefined) throw new Error('nothing to erase');
  const inTwentyYears = () => Date.now() + 20 * 365 * 86_400_000;
  const erasure = await requestErasure(erasurePorts(gateway.rooms.config, cell, inTwentyYears), {
    tenant: 'acme',
    keyId,
    decisionId: id as DecisionId,
    reason: 'data-subject-request',
    caseReference: null,
    by: 'test',
  });
  expect(erasure.status).toBe('erased');
  return id;
}
