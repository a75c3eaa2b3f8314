import { type Content, type Html, html } from '../html.ts';
import { mechanismOf } from '../release.ts';
import type { Attempt, Telling } from '../telling.ts';
import { facts, mono, section, table } from './pieces.ts';

const grades: Readonly<Record<string, string>> = {
  contract: 'the operator’s contract says so; nothing was verified beyond it',
  network: 'observed on the network',
  'vendor-asserted': 'the vendor’s answer said so',
  'vendor-logged': 'the vendor’s own log of this request says so',
};

/** Where the data went, and what allowed it. */
export function residency(telling: Telling): Html {
  const { first, attempts } = telling;
  const label = attempts[0]?.facts.label;
  const source = (from: string | undefined) =>
    from === undefined ? '' : ` (from the ${sources[from] ?? from})`;
  return section('residency', 'Where the data went', [
    facts([
      ['Jurisdiction of the subject', `${first.jurisdiction ?? 'none'}${source(label?.jurisdiction)}`],
      ['Class of the data', `${first.dataClass ?? 'none'}${source(label?.dataClass)}`],
      ['Cell that keeps the record', first.cell],
    ]),
    attempts.length === 0
      ? html`<p>Nothing left for an endpoint.</p>`
      : attempts.map((attempt, i) => basis(attempt, i, telling)),
  ]);
}

const sources: Readonly<Record<string, string>> = {
  grant: 'caller’s grants',
  header: 'request’s header, within the grants',
  'decision-type': 'decision type',
  detected: 'content, by detection',
};

function basis({ facts: { endpoint } }: Attempt, i: number, { release }: Telling): Content {
  const rows = endpoint.basis.map(({ country, mechanism }) => {
    const known = mechanismOf(release, mechanism);
    const what = [known?.law, known?.kind, known?.ref].filter((part) => part !== undefined).join(', ');
    return [country, mono(mechanism), what, known?.validUntil ?? ''];
  });
  const columns = [
    { title: 'Country' },
    { title: 'Mechanism' },
    { title: 'What it rests on' },
    { title: 'Valid until' },
  ];
  return [
    html`<h3>Attempt ${i + 1}: ${mono(endpoint.id)}</h3>`,
    facts([
      ['Countries it touches', endpoint.countries.join(', ')],
      ['Evidence for the place', [endpoint.evidence, ': ', grades[endpoint.evidence] ?? '']],
      ['Policy', mono(endpoint.policy)],
    ]),
    table('Lawful basis, country by country', columns, rows),
  ];
}
