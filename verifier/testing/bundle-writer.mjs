import { formatVerifierKey } from '../lib/vkey.mjs';
import { writeLedger } from './ledger-writer.mjs';
import { testLeaves } from './leaves.mjs';
import { naivePath } from './naive-tree.mjs';
import { formatProof } from './proof-writer.mjs';
import { testDecision, testDigest } from './record.mjs';
import { signText, testLogKey } from './test-log.mjs';

/**
 * @param {string | Buffer | object} content
 * @returns {Buffer}
 */
const bytesOf = (content) =>
  Buffer.isBuffer(content)
    ? content
    : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));

/**
 * An evidence bundle as the format has it, with the ledgers it is from: the decision's in one half-year,
 * a reading of it in the next. The files stay open to change until `seal` digests and signs them.
 * @param {import('./test-log.mjs').TestKey} signer of the first half-year
 * @param {{variant?: 'full' | 'redacted', schema?: 1 | 2, erasedKey?: string | null}} [options] with an erased
 *   key, the entry about the decision is an erasure of its subject
 */
export function testBundle(signer, { variant = 'full', schema = 2, erasedKey = null } = {}) {
  const part = Buffer.from('You assess claims.');
  const releaseManifest = bytesOf({ gateway: '0.1.0', parts: { prompt: testDigest(part) }, schema: 1 });
  const release = testDigest(releaseManifest);
  const decision = testDecision({ release, schema });
  const { decisionId } = decision;
  const telling = erasedKey === null ? { about: decisionId } : { keyId: erasedKey };
  const reading = testDecision({ ...telling, types: [erasedKey === null ? 'access' : 'erasure'] });
  const leaves = [...testLeaves(4), ...decision.entries.map(({ leaf }) => leaf), ...testLeaves(2)];
  const later = testLogKey('ledger.example/eu/2027h1', signer.privateKey);
  const laterLeaves = [...testLeaves(1), ...reading.entries.map(({ leaf }) => leaf)];
  const ledgers = [
    { signer, leaves, ...writeLedger(leaves, signer) },
    { signer: later, leaves: laterLeaves, ...writeLedger(laterLeaves, later) },
  ];
  /** @type {Map<string, Buffer>} */
  const files = new Map();
  const put = (/** @type {string} */ path, /** @type {string | Buffer | object} */ content) => {
    files.set(path, bytesOf(content));
    return path;
  };
  const isFull = variant === 'full';
  const all = [...decision.entries, ...reading.entries];
  const entries = all.map((entry, i) => {
    const base = `entries/${i + 1}-${entry.type}`;
    const isOwn = i < decision.entries.length;
    const ledger = /** @type {(typeof ledgers)[0]} */ (ledgers[isOwn ? 0 : 1]);
    const index = isOwn ? 4 + i : 1;
    const hashes = naivePath(index, ledger.leaves);
    const receipt = formatProof({ extra: entry.leaf, index, hashes, checkpoint: ledger.checkpoint });
    const opens = entry.opening !== null && isFull && (schema === 2 || !isOwn);
    const isTold = entry.ciphertext !== null && !opens;
    return {
      entryId: entry.entryId,
      type: entry.type,
      relation: isOwn ? 'decision' : 'about',
      header: put(`${base}.header.json`, entry.header),
      ciphertext: entry.ciphertext && put(`${base}.ciphertext`, entry.ciphertext),
      opening: opens ? put(`${base}.opening.json`, /** @type {object} */ (entry.opening)) : null,
      plaintext: entry.plaintext && put(`${base}.payload.json`, isFull ? entry.plaintext : '{"masked":true}'),
      receipt: put(`${base}.tlog-proof`, receipt),
      withheld: isTold ? 'it is not opened here, so its commitment cannot be checked' : null,
    };
  });
  const logs = ledgers.map(({ signer: { key }, checkpoint }) => ({
    origin: key.name,
    vkey: formatVerifierKey(key),
    checkpoint: put(`checkpoints/${key.name.split('/').at(-1)}`, checkpoint),
  }));
  put('keys.json', { logs: logs.map(({ origin, vkey }) => ({ origin, vkey })), witnesses: [] });
  put('report.html', '<!doctype html><title>Decision</title>');
  put('VERIFY.md', 'Run the verifier.');
  const manifest = {
    format: 'countersign-evidence@1',
    decisionId,
    tenant: 'acme',
    cell: 'eu',
    variant,
    exportedAt: '2027-01-22T19:30:00.000Z',
    exportedBy: '0.1.0',
    entries,
    logs,
    witnessKeys: [],
    release: /** @type {string | null} */ (release),
    releaseParts: [
      { name: 'manifest', digest: release, file: put(`release/${release.slice(7)}`, releaseManifest) },
      {
        name: 'prompt',
        digest: testDigest(part),
        file: isFull ? put(`release/${testDigest(part).slice(7)}`, part) : null,
      },
    ],
    omitted: isFull ? [] : ['readings of the record'],
  };
  const seal = (/** @type {Record<string, unknown>} */ change = {}, by = signer) => {
    const digests = Object.fromEntries([...files].map(([path, bytes]) => [path, testDigest(bytes)]));
    const written = { ...manifest, files: digests, ...change };
    const bytes = bytesOf(written);
    const evidence = testLogKey(by.key.name.replace(/[^/]*$/, 'evidence'), by.privateKey);
    const lines = [
      evidence.key.name,
      `${written.decisionId} ${written.variant}`,
      testDigest(bytes),
      written.exportedAt,
    ];
    return /** @type {[string, Buffer][]} */ ([
      ['manifest.json', bytes],
      ['manifest.sig', bytesOf(signText(`${lines.join('\n')}\n`, evidence))],
      ...files,
    ]);
  };
  const [first, second] = ledgers;
  if (!first || !second) throw new Error('two ledgers were written');
  return {
    decision,
    reading,
    files,
    manifest,
    seal,
    leaves,
    folder: first.folder,
    checkpoint: first.checkpoint,
    second,
  };
}
