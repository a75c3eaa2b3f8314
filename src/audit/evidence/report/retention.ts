import type { EntryHeader, RetentionTerm } from '../../../decision/entry.ts';
import { type Content, type Html, html } from '../html.ts';
import type { Telling, ToldEntry } from '../telling.ts';
import { mono, moment, section, table } from './pieces.ts';

const clocks = {
  decision: 'the decision',
  'account-closed': 'the closing of the account',
  notice: 'the notice to the subject',
} as const;

/** How long the record is kept, what holds it longer, and what has gone already. */
export function retention(telling: Telling): Html {
  const { first, entries, variant } = telling;
  const terms = first.retention;
  const columns = [{ title: 'Class' }, { title: 'Kept' }, { title: 'Earliest end' }];
  const about = entries.filter(({ relation, header }) => relation === 'about' && header.type !== 'access');
  return section('retention', 'How long it is kept', [
    terms === null ? html`<p>No retention term applies.</p>` : null,
    isTerms(terms)
      ? table(
          'Retention terms; the longest that applies wins',
          columns,
          terms.map((term) => termRow(term, first)),
        )
      : null,
    terms !== null && !isTerms(terms)
      ? html`<p>Class ${terms.class}, counted from ${terms.clockStart}.</p>`
      : null,
    about.length === 0
      ? html`<p>${variant === 'full' ? 'No hold, expiry or erasure is recorded.' : 'No expiry or erasure is recorded.'}</p>`
      : table('Holds, expiries and erasures', eventColumns, about.map(eventRow)),
    gone(entries),
  ]);
}

function isTerms(terms: EntryHeader['retention']): terms is readonly RetentionTerm[] {
  return Array.isArray(terms);
}

function termRow(term: RetentionTerm, first: EntryHeader): readonly Content[] {
  const kept = term.months === null ? 'for ever' : `${term.months} months from ${clocks[term.clockStart]}`;
  return [mono(term.class), kept, earliestEnd(term, first.time)];
}

function earliestEnd({ months, clockStart }: RetentionTerm, time: string): string {
  if (months === null) return 'never';
  if (clockStart !== 'decision') return 'not before that event';
  const end = new Date(time);
  end.setUTCMonth(end.getUTCMonth() + months);
  return end.toISOString().slice(0, 10);
}

const eventColumns = [{ title: 'Time' }, { title: 'Entry' }, { title: 'What it says' }];

function eventRow({ header }: ToldEntry): readonly Content[] {
  const { kind: _kind, ...facts } = header.facts as unknown as Readonly<Record<string, unknown>>;
  const said = Object.entries(facts).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [moment(header.time), header.type, said.join('; ')];
}

function gone(entries: readonly ToldEntry[]): Content {
  const lost = entries.filter(({ header, plaintext }) => header.payload !== null && plaintext === null);
  const columns = [{ title: 'Entry' }, { title: 'Why' }];
  return table(
    'Payloads that cannot be shown',
    columns,
    lost.map(({ header, withheld }) => [`${header.type} ${header.entryId}`, withheld ?? '']),
  );
}
