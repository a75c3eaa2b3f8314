import { digestOf } from '../../decision/canonical.ts';
import { fingerprintOf } from './report/proofs.ts';
import type { FiledEntry } from './case-file.ts';
import type { Telling, ToldEntry } from './telling.ts';
import type { BundleFile } from './zip.ts';

/** The paths of one entry's files; docs/formats/audit.md, "Evidence bundle". */
interface EntryPaths {
  readonly header: string;
  readonly ciphertext: string | null;
  readonly opening: string | null;
  readonly plaintext: string | null;
  readonly receipt: string;
}

/** Every file that proves something, in the order of the manifest. */
export function proofFiles(telling: Telling): BundleFile[] {
  const { proofs, release, variant } = telling;
  return [
    ...telling.entries.flatMap((entry, i) => entryFiles(entry, pathsOf(entry, i, telling))),
    ...proofs.logs.map(({ period, checkpoint }) => textFile(`checkpoints/${period}`, checkpoint)),
    textFile('keys.json', json(keysOf(telling))),
    ...(release?.parts ?? []).flatMap(({ name, digest, bytes }) =>
      bytes === null || !isDisclosed(name, variant) ? [] : [{ path: releasePath(digest), bytes }],
    ),
  ];
}

function entryFiles(entry: ToldEntry, paths: EntryPaths): BundleFile[] {
  const { opening } = entry;
  const disclosed = opening && {
    entryKey: opening.entryKey.toString('hex'),
    entrySalt: opening.entrySalt.toString('hex'),
  };
  const files: readonly (readonly [string | null, Buffer | null])[] = [
    [paths.header, entry.headerBytes],
    [paths.ciphertext, entry.ciphertext],
    [paths.opening, disclosed && Buffer.from(JSON.stringify(disclosed))],
    [paths.plaintext, entry.plaintext],
    [paths.receipt, Buffer.from(entry.proof.receipt)],
  ];
  return files.flatMap(([path, bytes]) => (path === null || bytes === null ? [] : [{ path, bytes }]));
}

function pathsOf(entry: FiledEntry, i: number, { entries }: Telling): EntryPaths {
  const number = String(i + 1).padStart(String(entries.length).length, '0');
  const stem = `entries/${number}-${entry.header.type}`;
  return {
    header: `${stem}.header.json`,
    ciphertext: entry.ciphertext && `${stem}.ciphertext`,
    opening: entry.opening && `${stem}.opening.json`,
    plaintext: entry.plaintext && `${stem}.payload.json`,
    receipt: `${stem}.tlog-proof`,
  };
}

/** What the bundle is and what each file in it is for. */
export function writeManifest(telling: Telling, files: readonly BundleFile[]): string {
  const { first, file, variant, exportedAt, exportedBy, proofs, release } = telling;
  return json({
    format: 'countersign-evidence@1',
    decisionId: first.decisionId,
    tenant: first.tenant,
    cell: first.cell,
    variant,
    exportedAt,
    exportedBy,
    entries: telling.entries.map((entry, i) => ({
      entryId: entry.header.entryId,
      type: entry.header.type,
      relation: entry.relation,
      ...pathsOf(entry, i, telling),
      withheld: entry.withheld,
    })),
    logs: proofs.logs.map(({ origin, vkey, period }) => ({
      origin,
      vkey,
      checkpoint: `checkpoints/${period}`,
    })),
    witnessKeys: proofs.witnessKeys,
    release: release?.digest ?? null,
    releaseParts: (release?.parts ?? []).map(({ name, digest, bytes }) => ({
      name,
      digest,
      file: bytes !== null && isDisclosed(name, variant) ? releasePath(digest) : null,
    })),
    omitted: file.omitted,
    files: Object.fromEntries(files.map(({ path, bytes }) => [path, digestOf(bytes)])),
  });
}

/** Prompt, rules and configuration are the operator's own; their digests stand in the manifest. */
function isDisclosed(part: string, variant: Telling['variant']): boolean {
  return variant === 'full' || part === 'manifest';
}

function releasePath(digest: string): string {
  return `release/${digest.slice('sha256:'.length)}`;
}

function keysOf({ proofs: { logs, witnessKeys } }: Telling) {
  return {
    logs: logs.map(({ origin, vkey }) => ({ origin, vkey, fingerprint: fingerprintOf(vkey) })),
    witnesses: witnessKeys.map((vkey) => ({
      name: vkey.slice(0, vkey.indexOf('+')),
      vkey,
      fingerprint: fingerprintOf(vkey),
    })),
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

export function textFile(path: string, text: string): BundleFile {
  return { path, bytes: Buffer.from(text) };
}
