import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CountersignError, type ErrorCode, errorTable } from '../src/decision/errors.ts';
import { type TestGateway, startTestGateway } from './support/gateway.ts';
import { readSources } from './support/source-code.ts';

const page = join(import.meta.dirname, '../docs/reference/errors.md');
const codes = Object.keys(errorTable) as ErrorCode[];

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop());

describe('the table of errors', () => {
  it('says for each code what to do, in a sentence', () => {
    for (const code of codes) {
      const [status, sentence] = errorTable[code];
      expect(status, code).toBeGreaterThanOrEqual(400);
      expect(sentence, code).toMatch(/^[A-Z/"].{20,}\.$/);
    }
  });

  it('has no code that nothing gives', () => {
    const src = join(import.meta.dirname, '../src');
    const texts = readSources(src)
      .filter(
        (file) =>
          !['decision/errors.ts', 'gateway/openapi.ts'].includes(file.path) &&
          !file.path.endsWith('.test.ts'),
      )
      .map((file) => file.text)
      .join('\n');
    expect(codes.filter((code) => !new RegExp(`\\b${code}\\b`).test(texts))).toEqual([]);
  });

  it('is docs/reference/errors.md (UPDATE_REFERENCE=1 writes it)', () => {
    const expected = errorsPage();
    if (process.env['UPDATE_REFERENCE'] === '1') {
      mkdirSync(dirname(page), { recursive: true });
      writeFileSync(page, expected);
    }
    expect(existsSync(page) ? readFileSync(page, 'utf8') : '').toBe(expected);
  });

  it('is what /openapi.json lists, each code with its status, and at each route the ways to fail', async () => {
    const listed = new Map<string, Set<number>>();
    const { paths } = (await gateway.get('/openapi.json')).body as {
      paths: Record<string, Record<string, Operation>>;
    };
    const operations = Object.entries(paths).flatMap(([url, item]) =>
      Object.entries(item).map(([method, operation]) => ({ name: `${method} ${url}`, operation })),
    );
    expect(operations.length).toBeGreaterThan(10);
    for (const { name, operation } of operations) {
      const failures = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
      expect(failures.length, name).toBeGreaterThan(3);
      for (const [status, response] of failures) {
        for (const code of codesIn(response)) {
          listed.set(code, (listed.get(code) ?? new Set()).add(Number(status)));
        }
      }
    }
    const statuses = Object.fromEntries([...listed].map(([code, all]) => [code, [...all]]));
    expect(statuses).toEqual(Object.fromEntries(codes.map((code) => [code, [errorTable[code][0]]])));
  });
});

interface Operation {
  readonly responses: Readonly<Record<string, unknown>>;
}

/** Every `code` enum inside a response. */
function codesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const own = key === 'code' ? (item as { enum?: string[] }).enum : undefined;
    return own ?? codesIn(item);
  });
}

function errorsPage(): string {
  const rows = codes.map((code) => {
    const [status, sentence] = errorTable[code];
    const retry = new CountersignError(code).retryable ? 'yes' : '';
    return `| \`${code}\` | ${status} | ${retry} | ${sentence.replaceAll('|', '\\|')} |`;
  });
  return `# Errors

Every error has a stable \`code\`. \`/v1/decisions\` and the other routes answer with a problem document
(RFC 9457, \`application/problem+json\`): \`code\`, \`status\`, and a sentence in \`detail\`.
\`/v1/chat/completions\` and \`/v1/embeddings\` answer in OpenAI’s envelope, with the same code in \`error.code\`.
"Again" says that the same request may get another answer later.

This page is generated from \`src/decision/errors.ts\` and checked by \`test/errors.test.ts\`.

| Code | Status | Again | Meaning |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}
