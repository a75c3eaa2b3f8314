import { parse } from 'yaml';
import type { EntryHeader, RetentionTerm } from '../../decision/entry.ts';
import { type Digest, parseDigest } from '../../decision/ids.ts';
import type { Store } from '../../storage/store.ts';
import { findPart } from './repository.ts';

type ClassOnly = { readonly class: string; readonly clockStart: string };

/**
 * The terms of a header. Schema 1 named only the class; its years stand in the type.yaml of the release it
 * names, which is kept in the store. Where they cannot be found, the record is kept.
 */
export async function termsOf(store: Store, header: EntryHeader): Promise<readonly RetentionTerm[]> {
  const { retention, release } = header;
  if (retention === null) return [];
  if (Array.isArray(retention)) return retention as readonly RetentionTerm[];
  const { class: name, clockStart } = retention as ClassOnly;
  const months = release === null ? null : await monthsOfRelease(store, release, name);
  if (clockStart === 'decision' || clockStart === 'account-closed' || clockStart === 'notice')
    return [{ class: name, clockStart, months }];
  return [{ class: name, clockStart: 'decision', months: null }];
}

async function monthsOfRelease(store: Store, release: Digest, name: string): Promise<number | null> {
  const manifest = await findPart(store, release);
  if (manifest === null) return null;
  const { parts } = JSON.parse(manifest.toString('utf8')) as { parts: Readonly<Record<string, string>> };
  const digest = parseDigest(parts['type.yaml'] ?? '');
  const file = digest && (await findPart(store, digest));
  if (!file) return null;
  const type = parse(file.toString('utf8')) as { retention?: { class?: unknown; years?: unknown } };
  const { class: found, years } = type.retention ?? {};
  return found === name && typeof years === 'number' ? years * 12 : null;
}
