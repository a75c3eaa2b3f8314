import { line, type TestPdf } from './pdf-fixture.ts';
import { pictureObject, pictureOf, scanOf } from './picture-fixture.ts';

const font = (size: number, text: string, x: number, y: number, before = ''): string =>
  `BT /F1 ${size} Tf ${before} 1 0 0 1 ${x} ${y} Tm (${text}) Tj ET\n`;

const paragraph = [
  'The borrower confirms that the figures in this statement are complete and correct.',
  'Interest is calculated daily on the outstanding balance and charged monthly.',
  'Early repayment is possible at the end of each quarter without a fee.',
  'Complaints may be addressed to the ombudsman named on the last page.',
];
const lines = (texts: readonly string[], x = 50, y = 720, size = 11): string =>
  texts.map((text, i) => font(size, text, x, y - i * (size + 4))).join('');

const page = (
  content: string,
  more: { entries?: string; resources?: string; fonts?: string } = {},
): TestPdf => ({
  pages: [{ content: line('Statement of account for October', 50, 790) + content, ...more }],
});

const row = (cells: readonly string[], y: number): string =>
  cells.map((cell, i) => font(9, cell, 60 + i * 130, y)).join('');

const field = (name: string, value: string, y: number): string =>
  `<< /Type /Annot /Subtype /Widget /FT /Tx /T (${name}) /V (${value}) /DA (/F1 11 Tf 0 g) /Rect [200 ${y} 500 ${y + 20}] /F 4 /AP << /N 1010 0 R >> >>`;
const appearance = (text: string) => ({
  entries: '/Type /XObject /Subtype /Form /BBox [0 0 300 20] /Resources << /Font << /F1 3 0 R >> >>',
  bytes: Buffer.from(`BT /F1 11 Tf 2 5 Td (${text}) Tj ET`),
});

/** Documents as they come from honest desks: none of them conceals anything. */
export const typedDocuments: readonly (readonly [name: string, pdf: TestPdf])[] = [
  ['plain paragraphs', page(lines(paragraph))],
  [
    'a white title on a dark band',
    page(
      `0 0.1 0.4 rg 0 740 595 30 re f 1 g ${line('Annual report of the fund', 50, 750)} 0 g ${lines(paragraph, 50, 700)}`,
    ),
  ],
  [
    'a white title on a dark rounded band',
    page(
      `0 0.1 0.4 rg 20 740 m 570 740 l 580 745 580 765 570 770 c 20 770 l 10 765 10 745 20 740 c f 1 g ${line('Annual report of the fund', 50, 750)}`,
    ),
  ],
  ['fine print of five points in grey', page(`0.45 g ${lines(paragraph, 50, 60, 5)}`)],
  ['fine print of four points', page(lines(paragraph, 50, 60, 4))],
  [
    'a light watermark across the page',
    page(
      `${lines(paragraph)} q /G1 gs 0.5 g BT /F1 70 Tf 0.7 0.7 -0.7 0.7 120 200 Tm (CONFIDENTIAL) Tj ET Q`,
      { resources: '/ExtGState << /G1 << /ca 0.25 >> >>' },
    ),
  ],
  [
    'a grey watermark under the text',
    page(`0.9 g BT /F1 60 Tf 0.7 0.7 -0.7 0.7 120 300 Tm (COPY) Tj ET 0 g ${lines(paragraph)}`),
  ],
  [
    'a header and a footer on every page',
    {
      pages: [1, 2, 3].map((number) => ({
        content: `${font(8, 'Harbour Bank plc', 50, 815)}${lines(paragraph)}${font(8, `Page ${number} of 3`, 270, 25)}`,
      })),
    },
  ],
  [
    'text that runs upwards',
    page(`${lines(paragraph)} BT /F1 10 Tf 0 1 -1 0 30 300 Tm (Form 4711, edition of May) Tj ET`),
  ],
  [
    'text that stands on its head',
    page(`${lines(paragraph)} BT /F1 12 Tf -1 0 0 -1 500 300 Tm (Return slip of the customer) Tj ET`),
  ],
  ['a page turned by a quarter', page(lines(paragraph), { entries: '/Rotate 90' })],
  [
    'two columns',
    page(
      `${lines(['Assets of the fund', 'Bonds 52.1 per cent', 'Shares 40.2 per cent'], 50)}${lines(['Costs of the fund', 'Ongoing 0.82 per cent', 'Entry 1.50 per cent'], 320)}`,
    ),
  ],
  [
    'a table with rules',
    page(
      `0.5 w 50 600 m 550 600 l S 50 640 m 550 640 l S ${row(['Date', 'Booking', 'Amount', 'Balance'], 645)}${row(['2026-03-01', 'Salary March', '3,204.50', '9,811.20'], 625)}${row(['2026-03-04', 'Rent payment', '-1,150.00', '8,661.20'], 607)}`,
    ),
  ],
  [
    'a table with shaded rows',
    page(
      `0.85 g 50 620 500 16 re f 0 g ${row(['2026-03-01', 'Salary March', '3,204.50', '9,811.20'], 625)} 1 g 50 602 500 16 re f 0 g ${row(['2026-03-04', 'Rent payment', '-1,150.00', '8,661.20'], 607)}`,
    ),
  ],
  ['text over a white box', page(`1 g 40 690 500 30 re f 0 g ${line('Payment details of the loan')}`)],
  ['text in a clipping box', page(`q 40 690 500 40 re W n ${line('Payment details of the loan')} Q`)],
  ['outlined letters', page(`1 g 0 G ${font(30, 'Invoice 2026', 50, 650, '1 Tr 1 w')}`)],
  ['letters filled and stroked', page(`0 G ${font(24, 'Invoice 2026', 50, 650, '2 Tr 0.3 w')}`)],
  [
    'bold by drawing twice',
    page(`${font(12, 'Total amount due', 50, 650)}${font(12, 'Total amount due', 50.3, 650)}`),
  ],
  [
    'coloured links and amounts',
    page(
      `0 0 0.8 rg ${line('See our price list for details')} 0.7 0 0 rg ${font(11, 'Overdue 204.50 EUR', 50, 670)}`,
    ),
  ],
  ['letters spaced widely', page(font(14, 'NOTICE OF ASSIGNMENT', 50, 650, '4 Tc'))],
  [
    'words placed one by one',
    page('BT /F1 11 Tf 50 650 Td (Amount) Tj 60 0 Td (payable) Tj 60 0 Td (by) Tj 30 0 Td (Friday) Tj ET'),
  ],
  [
    'letters placed one by one',
    page(
      `BT /F1 12 Tf 50 650 Td ${Array.from('Reference', (letter) => `(${letter}) Tj 9 0 Td`).join(' ')} ET`,
    ),
  ],
  ['kerned lines', page('BT /F1 12 Tf 50 650 Td [(W) 80 (AT) 60 (ER da) -10 (mage report)] TJ ET')],
  [
    'a layer that is on',
    {
      ...page(`/OC /L1 BDC ${lines(paragraph)} EMC`, { resources: '/Properties << /L1 1000 0 R >>' }),
      catalogue: '/OCProperties << /OCGs [1000 0 R] /D << /ON [1000 0 R] >> >>',
      objects: { 1000: '<< /Type /OCG /Name (Notes) >>' },
    },
  ],
  [
    'a form with fields that are seen',
    {
      ...page(font(11, 'Name of the insured', 50, 605), { entries: '/Annots [1000 0 R]' }),
      catalogue: '/AcroForm << /Fields [1000 0 R] /DR << /Font << /F1 3 0 R >> >> >>',
      objects: { 1000: field('insured', 'Marta Keller', 600), 1010: appearance('Marta Keller') },
    },
  ],
  [
    'a note beside the text',
    {
      ...page(lines(paragraph), { entries: '/Annots [1000 0 R]' }),
      objects: {
        1000: '<< /Type /Annot /Subtype /Text /F 4 /Rect [500 700 520 720] /Contents (Please check the second figure) >>',
      },
    },
  ],
  [
    'a stamp over the text',
    {
      ...page(lines(paragraph), { entries: '/Annots [1000 0 R]' }),
      objects: {
        1000: '<< /Type /Annot /Subtype /Stamp /F 4 /Rect [300 500 520 560] /AP << /N 1010 0 R >> >>',
        1010: {
          entries: '/Type /XObject /Subtype /Form /BBox [0 0 220 60] /Resources << /Font << /F1 3 0 R >> >>',
          bytes: Buffer.from(
            '0.8 0 0 RG 0.8 0 0 rg 2 w 1 1 218 58 re S BT /F1 28 Tf 30 20 Td (RECEIVED) Tj ET',
          ),
        },
      },
    },
  ],
  [
    'a link',
    {
      ...page(lines(paragraph), { entries: '/Annots [1000 0 R]' }),
      objects: {
        1000: '<< /Type /Annot /Subtype /Link /Border [0 0 0] /Rect [50 600 200 620] /A << /S /URI /URI (https://bank.example/help) >> >>',
      },
    },
  ],
  [
    'text with ActualText of its own words',
    page(`/Span << /ActualText (Mortgage reference number) >> BDC ${line('Mortgage reference number')} EMC`),
  ],
  ['accented letters', page(line('Pr\xfcfung der Antr\xe4ge f\xfcr Herrn M\xfcller', 50, 650))],
  [
    'a small page',
    { pages: [{ content: font(9, 'Receipt 0042 Total 12.50', 10, 60), entries: '/MediaBox [0 0 200 100]' }] },
  ],
  [
    'numbers and codes',
    page(
      lines([
        'DE89 3704 0044 0532 0130 00',
        'BIC COBADEFFXXX',
        '1,204.50 / 88.10 / 0.05',
        'REF-2026-00017-A',
      ]),
    ),
  ],
  [
    'a document in its own information',
    {
      ...page(lines(paragraph)),
      info: '/Title (Statement of account) /Author (Harbour Bank) /Keywords (statement, October)',
    },
  ],
];

/** The same with pictures: scans, logos, photographs. */
export const picturedDocuments = async (): Promise<(readonly [name: string, pdf: TestPdf])[]> => {
  const scan = await pictureOf(page(lines(paragraph)));
  const logo = await pictureOf({
    pages: [{ content: font(30, 'Harbour Bank', 10, 20), entries: '/MediaBox [0 0 220 60]' }],
  });
  const scene = await pictureOf({
    pages: [{ content: '0.2 0.3 0.5 rg 0 0 300 200 re f', entries: '/MediaBox [0 0 300 200]' }],
  });
  const invisible = `${line('Statement of account for October', 50, 790, '3 Tr')}${paragraph.map((text, i) => font(11, text, 50, 720 - 15 * i, '3 Tr')).join('')}`;
  const noisy = invisible.replace('outstanding', 'outstandlng').replace('quarter', 'quarler');
  return [
    ['a scan', scanOf(scan)],
    ['a scan with the text it shows laid under it', scanOf(scan, invisible)],
    ['a scan with errors of recognition in its text', scanOf(scan, noisy)],
    [
      'a scan over text that it covers',
      {
        ...scanOf(scan),
        pages: [
          {
            content: `${invisible.replaceAll('3 Tr', '')} q 595 0 0 842 0 0 cm /P1 Do Q`,
            resources: '/XObject << /P1 1000 0 R >>',
          },
        ],
      },
    ],
    [
      'a logo that says the name of the bank',
      {
        ...page(`q 150 0 0 41 400 780 cm /P1 Do Q ${lines(paragraph)}`, {
          resources: '/XObject << /P1 1000 0 R >>',
        }),
        objects: { 1000: pictureObject(logo) },
      },
    ],
    [
      'white words on a picture',
      {
        ...page(`q 500 0 0 200 50 450 cm /P1 Do Q 1 g ${font(20, 'Invest in harbours', 80, 540)}`, {
          resources: '/XObject << /P1 1000 0 R >>',
        }),
        objects: { 1000: pictureObject(scene) },
      },
    ],
  ];
};
