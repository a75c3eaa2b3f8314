import { codes, type LibraryRow } from './row.ts';

const asOf = '2026-11-22';
const review = '2027-05-22';
/** What a court may undo any day is looked at sooner. */
const earlyReview = '2027-02-22';

const commission =
  'https://commission.europa.eu/law/law-topic/data-protection/international-dimension-data-protection/adequacy-decisions_en';
const eleven =
  'https://www.freeths.co.uk/insights-events/legal-articles/2024/european-commission-publishes-first-review-of-pre-gdpr-eu-adequacy-decisions/';
const reviewOf2024 = 'https://www.edoeb.admin.ch/edoeb/en/home/datenschutz/international/angemessenheit.html';
const ukList = 'https://handleygill.co.uk/uk-adequacy-regulations';
const swissList = 'https://prighter.com/ja/resources/laws/swiss-fadp/dpo/chapters/annexes';

const confirmed = {
  kind: 'adequacy',
  jurisdiction: 'EU',
  law: 'GDPR Art. 45',
  recipients: null,
  ref: 'adequacy decision under Directive 95/46/EC, kept by the Commission’s review of 15 January 2024',
  note: 'One of eleven decisions that the review of 15 January 2024 kept. Does not cover law enforcement.',
  source: [eleven, reviewOf2024],
  asOf,
  validFrom: '2024-01-15',
  review,
} as const;

const canada =
  'recipients that are subject to the Personal Information Protection and Electronic Documents Act (PIPEDA)';

/** One row for each, so that each can be taken alone. */
const confirmedRow = (country: string): LibraryRow => ({
  ...confirmed,
  id: `eu-adequacy-${country.toLowerCase()}`,
  countries: [country],
});

export const adequacyRows: readonly LibraryRow[] = [
  ...codes('AD AR FO GG IL IM JE NZ CH UY').map(confirmedRow),
  {
    ...confirmed,
    id: 'eu-adequacy-ca',
    countries: ['CA'],
    recipients: canada,
    note: 'Commercial organisations only. One of eleven decisions that the review of 15 January 2024 kept.',
    source: [commission, eleven, reviewOf2024],
  },
  {
    ...confirmed,
    id: 'eu-adequacy-jp',
    countries: ['JP'],
    ref: 'adequacy decision for Japan',
    note: 'Reviewed by the Commission on 26 October 2021.',
    source: [commission],
    validFrom: '2021-10-26',
  },
  {
    ...confirmed,
    id: 'eu-adequacy-kr',
    countries: ['KR'],
    ref: 'adequacy decision for the Republic of Korea',
    note: 'Announced on 17 December 2021.',
    source: [commission],
    validFrom: '2021-12-17',
  },
  {
    ...confirmed,
    id: 'eu-adequacy-gb',
    countries: ['GB'],
    ref: 'adequacy decision for the United Kingdom, renewed on 19 December 2025',
    note: 'Renewed for six years, until December 2031; a review after four years was announced.',
    source: [
      'https://chambers.com/articles/digital-explainer-what-is-adequacy',
      'https://www.itpro.com/business/policy-and-legislation/european-commission-approves-data-flows-with-uk-for-another-six-years',
    ],
    validFrom: '2025-12-19',
  },
  {
    ...confirmed,
    id: 'eu-adequacy-br',
    countries: ['BR'],
    ref: 'adequacy decision for Brazil, 2026',
    note: 'Mutual decisions of the Union and Brazil; reported on 9 February 2026, the exact day was not read.',
    source: ['https://www.stevens-bolton.com/insights/102mh6r/eu-and-brazil-adopt-mutual-adequacy-decisions'],
    validFrom: '2026-02-09',
  },
  {
    id: 'eu-dpf',
    kind: 'dpf',
    jurisdiction: 'EU',
    law: 'GDPR Art. 45, Implementing Decision (EU) 2023/1795',
    countries: ['US'],
    recipients:
      'a recipient on the Data Privacy Framework list, for the type of data (HR or non-HR) it certified',
    ref: 'Implementing Decision (EU) 2023/1795 of 10 July 2023',
    note: 'In force and contested: the General Court upheld it on 3 September 2025 (T-553/23); the appeal C-703/25 P of 31 October 2025 is open. Have standard contractual clauses with a dated transfer impact assessment ready as the fallback.',
    source: ['https://eur-lex.europa.eu/eli/C/2025/6610/oj/eng'],
    asOf,
    validFrom: '2023-07-10',
    review: earlyReview,
  },
  {
    id: 'uk-adequacy',
    kind: 'adequacy',
    jurisdiction: 'UK',
    law: 'UK GDPR Art. 45, Data Protection Act 2018 Sch. 21',
    countries: codes(
      'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO GI CH AR GG IM JE AD IL UY NZ',
    ),
    recipients: null,
    ref: 'Data Protection Act 2018, Sch. 21 para. 5',
    note: 'EEA states and those that the United Kingdom took over from the Union. Lists of others also name the Faroe Islands; the source does not.',
    source: [ukList],
    asOf,
    validFrom: '2023-10-12',
    review,
  },
  {
    id: 'uk-adequacy-ca',
    kind: 'adequacy',
    jurisdiction: 'UK',
    law: 'UK GDPR Art. 45, Data Protection Act 2018 Sch. 21',
    countries: ['CA'],
    recipients: canada,
    ref: 'Data Protection Act 2018, Sch. 21 para. 5',
    note: 'In so far as the recipient is subject to PIPEDA.',
    source: [ukList],
    asOf,
    validFrom: '2023-10-12',
    review,
  },
  {
    id: 'uk-adequacy-jp',
    kind: 'adequacy',
    jurisdiction: 'UK',
    law: 'UK GDPR Art. 45, Data Protection Act 2018 Sch. 21',
    countries: ['JP'],
    recipients: 'recipients that are subject to the Act on the Protection of Personal Information (APPI)',
    ref: 'Data Protection Act 2018, Sch. 21 para. 5',
    note: 'In so far as the data is subject to the APPI.',
    source: [ukList],
    asOf,
    validFrom: '2023-10-12',
    review,
  },
  {
    id: 'uk-adequacy-kr',
    kind: 'adequacy',
    jurisdiction: 'UK',
    law: 'UK GDPR Art. 45',
    countries: ['KR'],
    recipients:
      'recipients that are subject to the Personal Information Protection Act of the Republic of Korea',
    ref: 'SI 2022/1213',
    note: 'In effect since 19 December 2022.',
    source: [ukList],
    asOf,
    validFrom: '2022-12-19',
    review,
  },
  {
    id: 'uk-dpf',
    kind: 'dpf',
    jurisdiction: 'UK',
    law: 'UK GDPR Art. 45',
    countries: ['US'],
    recipients:
      'a recipient certified under the Data Privacy Framework and its UK extension, for its type of data',
    ref: 'SI 2023/1028',
    note: 'In effect since 12 October 2023. It extends the EU–US framework, against which the appeal C-703/25 P is open.',
    source: [ukList, 'https://eur-lex.europa.eu/eli/C/2025/6610/oj/eng'],
    asOf,
    validFrom: '2023-10-12',
    review: earlyReview,
  },
  {
    id: 'ch-adequacy',
    kind: 'adequacy',
    jurisdiction: 'CH',
    law: 'FADP Art. 16(1), Data Protection Ordinance Annex 1',
    countries: codes(
      'DE AD AR AT BE BG CY HR DK ES EE FI FR GI GR GG HU IM FO IE IS IL IT JE LV LI LT LU MT',
    ),
    recipients: null,
    ref: 'Data Protection Ordinance, Annex 1',
    note: 'Only numbers 1 to 30 of the annex were read, less Canada (see there); the annex goes on. Read the rest before you rely on an omission.',
    source: [
      swissList,
      'https://www.bj.admin.ch/bj/en/home/staat/datenschutz/internationales/anerkennung-staaten.html',
    ],
    asOf,
    validFrom: '2024-09-15',
    review,
  },
  {
    id: 'ch-adequacy-ca',
    kind: 'adequacy',
    jurisdiction: 'CH',
    law: 'FADP Art. 16(1), Data Protection Ordinance Annex 1',
    countries: ['CA'],
    recipients: 'recipients to whom PIPEDA, or an act of a province that largely corresponds to it, applies',
    ref: 'Data Protection Ordinance, Annex 1 no. 7',
    note: 'The private sphere, in so far as PIPEDA or a corresponding act of a province applies.',
    source: [swissList],
    asOf,
    validFrom: '2024-09-15',
    review,
  },
  {
    id: 'ch-dpf',
    kind: 'dpf',
    jurisdiction: 'CH',
    law: 'FADP Art. 16(1), Data Protection Ordinance Annex 1',
    countries: ['US'],
    recipients: 'a recipient certified under the Swiss–US Data Privacy Framework, for its type of data',
    ref: 'Data Protection Ordinance, Annex 1, as amended on 14 August 2024',
    note: 'In force since 15 September 2024.',
    source: [
      'https://www.walderwyss.com/en/news/2024-08-14_federal-council-swiss-us-data-privacy-framework-in-force-on-15-september-2024',
    ],
    asOf,
    validFrom: '2024-09-15',
    review: earlyReview,
  },
];
