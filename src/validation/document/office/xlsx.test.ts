import { describe, expect, it } from 'vitest';
import { hiddenLayersOf, payload, piecesOf, testLimits, textIn } from '../markup/reading-fixture.ts';
import { cell, makeXlsx, numberCell, row, type TestSheet, type TestXlsx } from './office-fixture.ts';
import { readXlsx } from './xlsx.ts';

/** Formats: 1 white, 2 one point, 3 blanked, 4 white on dark, 5 theme white. */
const styles =
  '<numFmts count="1"><numFmt numFmtId="164" formatCode=";;;"/></numFmts>' +
  '<fonts><font><sz val="11"/></font><font><sz val="11"/><color rgb="FFFFFFFF"/></font><font><sz val="1"/></font>' +
  '<font><sz val="11"/><color theme="0"/></font></fonts>' +
  '<fills><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>' +
  '<fill><patternFill patternType="solid"><fgColor rgb="FF1F3864"/></patternFill></fill></fills>' +
  '<cellXfs><xf numFmtId="0" fontId="0" fillId="0"/><xf numFmtId="0" fontId="1" fillId="0"/>' +
  '<xf numFmtId="0" fontId="2" fillId="0"/><xf numFmtId="164" fontId="0" fillId="0"/>' +
  '<xf numFmtId="0" fontId="1" fillId="2"/><xf numFmtId="0" fontId="3" fillId="0"/></cellXfs>';
const first = row(1, cell('A1', 'Applicant') + cell('B1', 'Annual income') + numberCell('C1', 42_000));
const read = (sheet: Partial<TestSheet>, xlsx: Partial<TestXlsx> = {}) =>
  readXlsx(makeXlsx({ sheets: [{ rows: first, ...sheet }], styles, ...xlsx }), testLimits);
const second = (cells: string, attributes = '') => ({ rows: first + row(2, cells, attributes) });
const other = (state: string, rows: string): Partial<TestXlsx> => ({
  sheets: [{ rows: first }, { rows, state }],
});

const concealed: readonly (readonly [string, string, Partial<TestSheet>, Partial<TestXlsx>?])[] = [
  ['a hidden sheet', 'hidden:sheet', {}, other('hidden', row(1, cell('A1', payload)))],
  ['a very hidden sheet', 'hidden:sheet', {}, other('veryHidden', row(1, cell('A1', payload)))],
  ['a hidden row', 'hidden:row', second(cell('A2', payload), 'hidden="1"')],
  ['a row without height', 'hidden:row', second(cell('A2', payload), 'ht="0" customHeight="1"')],
  [
    'a hidden column',
    'hidden:column',
    { ...second(cell('D2', payload)), before: '<cols><col min="4" max="6" hidden="1"/></cols>' },
  ],
  ['a blanking format', 'hidden:format', second(cell('A2', payload, 3))],
  ['a white font', 'hidden:colour', second(cell('A2', payload, 1))],
  ['a white font of the theme', 'hidden:colour', second(cell('A2', payload, 5))],
  ['a font of one point', 'hidden:tiny', second(cell('A2', payload, 2))],
  [
    'a covered cell',
    'hidden:covered',
    {
      ...second(cell('A2', 'Total') + cell('B2', payload)),
      after: '<mergeCells><mergeCell ref="A2:C2"/></mergeCells>',
    },
  ],
  ['a cell far away', 'hidden:off-page', { rows: first + row(1_000_000, cell('A1000000', payload)) }],
  ['a shared text that no cell uses', 'hidden:unused', {}, { shared: [payload] }],
  [
    'a white run in a shared text',
    'hidden:colour',
    second('<c r="A2" t="s"><v>0</v></c>'),
    { shared: [`<r><t>Total</t></r><r><rPr><color rgb="FFFFFFFF"/></rPr><t>${payload}</t></r>`] },
  ],
];

const tables = { related: [['table', '../tables/table1.xml']] as const };
const honest: readonly (readonly [string, Partial<TestSheet>, Partial<TestXlsx>?])[] = [
  ['a plain sheet', {}],
  [
    'hidden helper columns of numbers',
    {
      ...second(numberCell('D2', 0.35) + numberCell('E2', 12)),
      before: '<cols><col min="4" max="6" hidden="1"/></cols>',
    },
  ],
  [
    'hidden helper columns with a heading',
    {
      ...second(cell('D2', 'Helper') + cell('E2', 'Lookup key')),
      before: '<cols><col min="4" max="6" hidden="1"/></cols>',
    },
  ],
  [
    'a hidden list for a choice',
    {},
    other(
      'hidden',
      row(1, cell('A1', 'Approved')) + row(2, cell('A2', 'Declined')) + row(3, cell('A3', 'On hold')),
    ),
  ],
  ['white figures', second(numberCell('A2', 1250, 1))],
  ['a white header on dark cells', second(cell('A2', 'Description of the payment', 4))],
  [
    'a white header in a styled table',
    { ...second(cell('A2', 'Description of the payment', 1)), ...tables },
    {
      parts: {
        'xl/tables/table1.xml':
          '<table xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" ref="A2:B9"><tableStyleInfo name="TableStyleMedium2"/></table>',
      },
    },
  ],
  [
    'a merged heading',
    {
      ...second(cell('A2', 'Summary of all the accounts')),
      after: '<mergeCells><mergeCell ref="A2:C2"/></mergeCells>',
    },
  ],
  [
    'prompts',
    {
      after:
        '<dataValidations><dataValidation promptTitle="Income" prompt="Enter the annual income before tax here"/></dataValidations>',
    },
  ],
  [
    'headers',
    {
      after:
        '<headerFooter><oddHeader>&amp;CConfidential report of the branch office</oddHeader></headerFooter>',
    },
  ],
];

describe('readXlsx', () => {
  it.each(concealed.map(([name, layer, sheet, xlsx = {}]) => ({ name, layer, sheet, xlsx })))(
    'finds $name as $layer',
    async ({ layer, sheet, xlsx }) => {
      const extraction = await read(sheet, xlsx);
      expect(textIn(extraction, layer)).toContain(payload);
      expect(hiddenLayersOf(extraction)).toEqual([layer]);
      expect(textIn(extraction, 'visible')).not.toContain(payload);
    },
  );

  it.each(honest.map(([name, sheet, xlsx = {}]) => ({ name, sheet, xlsx })))(
    'raises no alarm for $name',
    async ({ sheet, xlsx }) => {
      expect(hiddenLayersOf(await read(sheet, xlsx))).toEqual([]);
    },
  );

  it('reads rows as lines and sheets as pages', async () => {
    const extraction = await read({}, { sheets: [{ rows: first }, { rows: row(1, cell('A1', 'Second')) }] });
    const visible = piecesOf(extraction).filter(
      ({ layer, part }) => layer === 'visible' && part === undefined,
    );
    expect(visible).toEqual([
      { page: 1, layer: 'visible', text: 'Applicant\tAnnual income\t42000' },
      { page: 2, layer: 'visible', text: 'Second' },
    ]);
  });

  it('names where other texts stand', async () => {
    const extraction = await read(
      {
        rows: first + row(2, `<c r="A2" t="str"><f>IF(B1="x","${payload}","")</f><v></v></c>`),
        after: `<dataValidations><dataValidation prompt="${payload}"/></dataValidations><headerFooter><oddFooter>${payload}</oddFooter></headerFooter>`,
        related: [['comments', '../comments1.xml']],
      },
      {
        workbook: `<definedNames><definedName name="N">"${payload}"</definedName></definedNames>`,
        parts: {
          'xl/comments1.xml': `<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><commentList><comment ref="A1"><text><t>${payload}</t></text></comment></commentList></comments>`,
          'docProps/app.xml': `<p><Company>${payload}</Company></p>`,
        },
      },
    );
    for (const part of ['formula', 'prompt', 'header', 'comment'])
      expect(textIn(extraction, 'annotation', part)).toContain(payload);
    for (const part of ['defined-name', 'properties'])
      expect(textIn(extraction, 'metadata', part)).toContain(payload);
  });
});
