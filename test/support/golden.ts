import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { entriesTable, subjectKeysTable } from '../../src/audit/repository.ts';
import { sha256 } from '../../src/decision/canonical.ts';
import type { EntryHeader } from '../../src/decision/entry.ts';
import type { DecisionId, Digest } from '../../src/decision/ids.ts';
import type { Keyring } from '../../src/storage/keyring/keyring.ts';
import type { Store } from '../../src/storage/store.ts';
import type { Insert } from '../../src/storage/table.ts';
import { releaseInserts } from '../../src/release/repository.ts';

/** Rows of real decisions as one schema wrote them; `test/golden/record.ts` makes such a file. */
export interface Golden {
  readonly schema: number;
  readonly cell: string;
  /** Decision ids by what happened. */
  readonly decisions: Readonly<Record<string, DecisionId>>;
  readonly entries: readonly { readonly header: string; readonly payload: string | null }[];
  readonly keys: readonly { readonly keyId: string; readonly tenant: string; readonly secret: string }[];
  readonly parts: readonly { readonly digest: Digest; readonly mediaType: string; readonly text: string }[];
}

const folder = join(import.meta.dirname, '../golden');

export async function readGolden(schema: number): Promise<Golden> {
  return JSON.parse(await readFile(join(folder, `schema-${schema}.json`), 'utf8')) as Golden;
}

/** Puts the rows into a store of today, their keys wrapped by another keyring. */
export async function loadGolden(golden: Golden, store: Store, keyring: Keyring): Promise<void> {
  const inserts: Insert[] = golden.entries.map(({ header, payload }) => entryInsert(header, payload));
  for (const { keyId, tenant, secret } of golden.keys) {
    const context = `${golden.cell}/${tenant}/${keyId}`;
    const { wrapped, keyId: keyringKeyId } = await keyring.wrap(Buffer.from(secret, 'hex'), context);
    const row = [keyId, tenant, golden.cell, null, wrapped, keyringKeyId];
    inserts.push({ table: subjectKeysTable, row });
  }
  const stored = golden.parts.map(({ digest, mediaType, text }) => ({
    digest,
    mediaType,
    bytes: Buffer.from(text),
  }));
  await store.commit({ inserts: [...inserts, ...releaseInserts(golden.cell, { stored })] });
}

/** The row of an entry: its columns repeat what its header says. */
export function entryInsert(headerText: string, payload: string | null): Insert {
  const header = JSON.parse(headerText) as EntryHeader;
  const { previous } = header;
  const row = [
    header.entryId,
    header.decisionId,
    header.callId,
    header.type,
    header.tenant,
    header.cell,
    header.decisionType,
    Buffer.from(headerText),
    sha256(headerText),
    previous === null ? null : Buffer.from(previous.slice('sha256:'.length), 'hex'),
    header.payload?.keyId ?? null,
    payload === null ? null : Buffer.from(payload, 'base64'),
    header.about ?? null,
  ];
  return { table: entriesTable, row };
}
