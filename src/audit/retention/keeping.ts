import type { EntryHeader, RetentionTerm, SystemFacts } from '../../decision/entry.ts';
import type { DecisionId } from '../../decision/ids.ts';
import type { Store } from '../../storage/store.ts';
import { findHeaders, findRetentionEntries, type HeaderRow } from './repository.ts';
import { termsOf } from './stored-type.ts';
import { type Clocks, type KeepUntil, keepUntil } from './term.ts';

/** What decides how long one decision is kept, as the store has it at one moment. */
export interface Keeping {
  readonly decisionId: DecisionId;
  readonly tenant: string;
  readonly jurisdiction: string | null;
  /** Further jurisdictions whose subjects are in it. */
  readonly others: readonly string[];
  readonly decisionType: string | null;
  readonly keyId: string | null;
  readonly entries: number;
  /** Entries that still have their payload. */
  readonly payloads: number;
  /** Entries that reported clock starts and holds; a deletion is refused when there are more by then. */
  readonly retentionEntries: number;
  /** Endpoints that were asked: they may keep copies under their own contracts. */
  readonly endpoints: readonly string[];
  readonly until: KeepUntil;
  /** Record that ordered the expiry of this decision, as it stands now; null when none did. */
  readonly expiredBy: DecisionId | null;
}

const page = 200;

/** The keeping of each of these decisions that has an entry. */
export async function findKeepings(store: Store, decisions: readonly DecisionId[]): Promise<Keeping[]> {
  const found: Keeping[] = [];
  for (let i = 0; i < decisions.length; i += page) {
    const ids = decisions.slice(i, i + page);
    const rows = grouped(await findHeaders(store, ids), (row) => row.decisionId);
    const retention = grouped(await findRetentionEntries(store, ids), (header) => header.about ?? null);
    for (const id of ids) {
      const own = rows.get(id);
      if (own) found.push(await keepingOf(store, id, own, retention.get(id) ?? []));
    }
  }
  return found;
}

async function keepingOf(
  store: Store,
  decisionId: DecisionId,
  rows: readonly HeaderRow[],
  about: readonly EntryHeader[],
): Promise<Keeping> {
  const headers = rows.map((row) => row.header);
  const first = headers.find((header) => header.previous === null) ?? headers[0];
  if (!first) throw new Error('a decision without entries has no keeping');
  const events = about.filter((header) => actionOf(header) !== 'expired');
  // Until something was decided, no clock has started.
  const terms = headers.some(isFinal) ? await allTerms(store, headers) : [];
  const orders = about.filter((header) => isExpiryOf(header, rows.length, events.length));
  return {
    decisionId,
    tenant: first.tenant,
    jurisdiction: first.jurisdiction,
    others: first.others ?? [],
    decisionType: first.decisionType,
    keyId: rows.find((row) => row.keyId !== null)?.keyId ?? null,
    entries: rows.length,
    payloads: rows.filter((row) => row.hasPayload).length,
    retentionEntries: events.length,
    endpoints: [...new Set(headers.flatMap(endpointOf))],
    until: keepUntil(terms, clocksOf(headers, events)),
    expiredBy: orders.at(-1)?.decisionId ?? null,
  };
}

/** The terms of every entry: a review months later may have been recorded under longer ones. */
async function allTerms(store: Store, headers: readonly EntryHeader[]): Promise<RetentionTerm[]> {
  const different = new Map(
    headers.map((header) => [JSON.stringify([header.retention, header.release]), header]),
  );
  const terms = await Promise.all([...different.values()].map((header) => termsOf(store, header)));
  return terms.flat();
}

function clocksOf(headers: readonly EntryHeader[], events: readonly EntryHeader[]): Clocks {
  const latest = (event: string): number | null => {
    const times = events
      .map((header) => header.facts as SystemFacts)
      .filter((facts) => facts['action'] === 'clock-started' && facts['event'] === event)
      .map((facts) => Date.parse(String(facts['at'])));
    return times.length === 0 ? null : Math.max(...times);
  };
  return {
    decision: Math.max(...headers.map((header) => Date.parse(header.time))),
    'account-closed': latest('account-closed'),
    notice: latest('notice'),
  };
}

function isFinal({ facts }: EntryHeader): boolean {
  // A model that was asked again decides nothing: its record ends with an access entry.
  if (facts.kind === 'access' || facts.kind === 'refusal') return true;
  return facts.kind === 'outcome' && facts.status !== 'in_review';
}

/** An expiry counts as long as nothing has come to the decision since. */
function isExpiryOf(header: EntryHeader, entries: number, events: number): boolean {
  const facts = header.facts as SystemFacts;
  return (
    facts['action'] === 'expired' && facts['entries'] === entries && facts['retentionEntries'] === events
  );
}

function actionOf(header: EntryHeader): unknown {
  return (header.facts as SystemFacts)['action'];
}

function endpointOf({ facts }: EntryHeader): string[] {
  return facts.kind === 'intent' ? [facts.endpoint.id] : [];
}

function grouped<Key, Item>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
