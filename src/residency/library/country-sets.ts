import { codes, type LibraryRow } from './row.ts';

const union = codes('AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK');
const common = {
  kind: 'country-set',
  recipients: null,
  asOf: '2026-11-22',
  review: '2027-05-22',
} as const;

/** Vendors mean different sets by "EU": with and without the EEA, Switzerland or the United Kingdom. */
export const countrySetRows: readonly LibraryRow[] = [
  {
    ...common,
    id: 'eu',
    jurisdiction: 'EU',
    law: 'Treaty on European Union',
    countries: union,
    ref: 'member states',
    note: 'The 27 member states; not the EEA, Switzerland or the United Kingdom.',
    source: ['https://nifportugal.net/eu-countries-list'],
    validFrom: '2020-02-01',
  },
  {
    ...common,
    id: 'eea',
    jurisdiction: 'EEA',
    law: 'Agreement on the European Economic Area',
    countries: [...union, 'IS', 'LI', 'NO'],
    ref: 'contracting states',
    note: 'Where the GDPR applies: the member states with Iceland, Liechtenstein and Norway.',
    source: ['https://www.destatis.de/Europa/EN/Country/EFTA-countries/EFTA-Countries.html'],
    validFrom: '2020-02-01',
  },
  {
    ...common,
    id: 'efta',
    jurisdiction: 'EFTA',
    law: 'EFTA Convention',
    countries: codes('CH IS LI NO'),
    ref: 'member states',
    note: 'Switzerland is in EFTA and not in the EEA: a vendor’s "EU/EFTA" is wider than where the GDPR applies.',
    source: ['https://www.destatis.de/Europa/EN/Country/EFTA-countries/EFTA-Countries.html'],
    validFrom: '2020-02-01',
  },
];
