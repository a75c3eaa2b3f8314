import { appendFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-identity-'));
  cpSync('examples', folder, { recursive: true });
  file = join(folder, 'countersign.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

function problemsWith(addition: string): string[] {
  appendFileSync(file, `\n${addition}`);
  try {
    loadConfig(file);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

const source = (id: string, issuer: string, algorithms = 'ES256') => `
  - { id: ${id}, issuer: ${issuer}, audience: here, algorithms: [${algorithms}], keys: file:keys.json, tenants: [acme] }`;
const one = `subjectReferences:${source('customers', 'https://a.example')}`;

async function writeKeys(change: (jwk: object, secret: object) => unknown): Promise<void> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const keys = change(await exportJWK(publicKey), await exportJWK(privateKey));
  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys }));
}

describe('whose signatures are believed', () => {
  it('is taken with public keys', async () => {
    await writeKeys((jwk) => [jwk]);
    expect(problemsWith(one)).toEqual([]);
  });

  it('is refused without the file, with a file that is no JSON, and without a key', async () => {
    expect(problemsWith(one).join()).toContain('subjectReferences[0].keys: file:keys.json cannot be read');
    writeFileSync(join(folder, 'keys.json'), 'nonsense');
    expect(problemsWith('').join()).toContain('is no JSON');
    await writeKeys(() => []);
    expect(problemsWith('').join()).toContain('holds no keys');
  });

  it('is refused with a private key, a shared secret, and keys that cannot be told apart', async () => {
    await writeKeys((_, secret) => [secret]);
    expect(problemsWith(one).join()).toContain('a key is private');
    await writeKeys(() => [{ kty: 'oct', k: 'c2VjcmV0' }]);
    expect(problemsWith('').join()).toContain('shared secrets are not accepted');
    await writeKeys((jwk) => [jwk, jwk]);
    expect(problemsWith('').join()).toContain('"kid"');
  });

  it('is refused with two signers of one name or issuer, and with shared-secret algorithms', async () => {
    await writeKeys((jwk) => [jwk]);
    const twice = `${one}${source('customers', 'https://a.example')}`;
    expect(problemsWith(twice)).toEqual([
      'subjectReferences[1].id: "customers" stands here twice; one id is one signer',
      'subjectReferences[1].issuer: "https://a.example" stands here twice; one issuer is one signer',
    ]);
  });

  it.each(['HS256', 'none'])('is refused with the algorithm %s', async (algorithm) => {
    await writeKeys((jwk) => [jwk]);
    const addition = `subjectReferences:${source('customers', 'https://a.example', algorithm)}`;
    expect(problemsWith(addition).join()).toContain('must be one of EdDSA');
  });
});

describe('what is looked for', () => {
  it('raises to classes that exist, by one rule each', () => {
    const rules = `classification:
  - { detects: iban, dataClass: ghost }
  - { detects: card, dataClass: personal }
  - { detects: card, dataClass: special-category }`;
    expect(problemsWith(rules)).toEqual([
      'classification[0].dataClass: "ghost" is no data class; declare it under dataClasses',
      'classification[2].detects: "card" stands here twice; keep one',
    ]);
  });
});
