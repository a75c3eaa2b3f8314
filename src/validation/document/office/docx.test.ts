import { describe, expect, it } from 'vitest';
import { hiddenLayersOf, payload, piecesOf, testLimits, textIn } from '../markup/reading-fixture.ts';
import { readDocx } from './docx.ts';
import { anchor, makeDocx, paragraph, run, style, table, type TestDocx } from './office-fixture.ts';

const statement = paragraph(run('Statement of account for March. Closing balance: 1,250.00 EUR.'));
const read = (docx: Partial<TestDocx>) => readDocx(makeDocx({ body: statement, ...docx }), testLimits);
const hiddenRun = (properties: string) => ({ body: statement + paragraph(run(payload, properties)) });

const concealed: readonly (readonly [name: string, layer: string, docx: Partial<TestDocx>])[] = [
  ['vanish', 'hidden:vanish', hiddenRun('<w:vanish/>')],
  ['vanish with a foreign attribute against it', 'hidden:vanish', hiddenRun('<w:vanish w14:val="0"/>')],
  [
    'vanish by a character style based on another',
    'hidden:vanish',
    {
      ...hiddenRun('<w:rStyle w:val="B"/>'),
      styles:
        style('A', 'character', '<w:rPr><w:vanish/></w:rPr>') +
        style('B', 'character', '<w:basedOn w:val="A"/>'),
    },
  ],
  [
    'vanish by a paragraph style',
    'hidden:vanish',
    {
      body: statement + paragraph(run(payload), '<w:pStyle w:val="P"/>'),
      styles: style('P', 'paragraph', '<w:rPr><w:vanish/></w:rPr>'),
    },
  ],
  [
    'vanish by the defaults',
    'hidden:vanish',
    {
      body: paragraph(run('Seen.', '<w:vanish w:val="0"/>')) + paragraph(run(payload)),
      styles: '<w:docDefaults><w:rPrDefault><w:rPr><w:vanish/></w:rPr></w:rPrDefault></w:docDefaults>',
    },
  ],
  ['white on white', 'hidden:colour', hiddenRun('<w:color w:val="FEFEFE"/>')],
  [
    'the theme’s background behind a dark value',
    'hidden:colour',
    hiddenRun('<w:color w:val="000000" w:themeColor="background1"/>'),
  ],
  [
    'the colour of the shading',
    'hidden:colour',
    {
      body:
        statement +
        paragraph(run(payload, '<w:color w:val="1F3864"/>'), '<w:shd w:val="clear" w:fill="1F3864"/>'),
    },
  ],
  [
    'the colour of the page',
    'hidden:colour',
    {
      ...hiddenRun('<w:color w:val="DDEEFF"/>'),
      background: '<w:background w:color="DDEEFF"/>',
      settings: '<w:displayBackgroundShape/>',
    },
  ],
  ['one point', 'hidden:tiny', hiddenRun('<w:sz w:val="2"/>')],
  ['letters of a hundredth of their width', 'hidden:tiny', hiddenRun('<w:w w:val="1"/>')],
  ['no fill', 'hidden:opacity', hiddenRun('<w14:textFill><w14:noFill/></w14:textFill>')],
  [
    'lines of a tenth of a point',
    'hidden:clipped',
    { body: statement + paragraph(run(payload), '<w:spacing w:line="2" w:lineRule="exact"/>') },
  ],
  [
    'an indentation off the page',
    'hidden:off-page',
    { body: statement + paragraph(run(payload), '<w:ind w:left="-40000"/>') },
  ],
  [
    'a text box off the page',
    'hidden:off-page',
    {
      body:
        statement +
        anchor(
          '',
          '<wp:positionH relativeFrom="page"><wp:posOffset>-9000000</wp:posOffset></wp:positionH>',
          'cx="914400" cy="914400"',
          paragraph(run(payload)),
        ),
    },
  ],
  [
    'a text box without room',
    'hidden:clipped',
    { body: statement + anchor('', '', 'cx="10" cy="914400"', paragraph(run(payload))) },
  ],
  [
    'an invisible shape',
    'hidden:visibility',
    {
      body: `${statement}<w:p><w:r><w:pict><v:shape style="visibility:hidden"><v:textbox><w:txbxContent>${paragraph(run(payload))}</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>`,
    },
  ],
  [
    'a hidden row',
    'hidden:row',
    {
      body: `<w:tbl><w:tr><w:trPr><w:hidden/></w:trPr><w:tc>${paragraph(run(payload))}</w:tc></w:tr></w:tbl>`,
    },
  ],
  ['white in a header', 'hidden:colour', { header: paragraph(run(payload, '<w:color w:val="FFFFFF"/>')) }],
  [
    'hidden in a footnote',
    'hidden:vanish',
    { footnotes: `<w:footnote>${paragraph(run(payload, '<w:vanish/>'))}</w:footnote>` },
  ],
];

const darkStyle = style(
  'Dark',
  'table',
  '<w:tblStylePr w:type="firstRow"><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:tcPr><w:shd w:val="clear" w:fill="1F3864"/></w:tcPr></w:tblStylePr>',
);
const white = run('Description of the payment', '<w:color w:val="FFFFFF"/>');
const honest: readonly (readonly [name: string, docx: Partial<TestDocx>])[] = [
  ['plain text', {}],
  [
    'tracked changes',
    {
      body: paragraph(
        `${run('The limit is ')}<w:del w:author="A"><w:r><w:delText>500 EUR a day for all cards</w:delText></w:r></w:del><w:ins w:author="A">${run('800 EUR a day')}</w:ins>`,
      ),
    },
  ],
  [
    'comments',
    {
      comments: `<w:comment w:id="0">${paragraph(run('Please check the figures of the second quarter.'))}</w:comment>`,
    },
  ],
  [
    'a white header row on dark cells',
    { body: table('', '<w:shd w:val="clear" w:fill="1F3864"/>', paragraph(white)) },
  ],
  [
    'a header row coloured by the table’s style',
    {
      body: table(
        '<w:tblStyle w:val="Dark"/><w:tblLook w:firstRow="1"/>',
        '',
        paragraph(run('Description of the payment')),
      ),
      styles: darkStyle,
    },
  ],
  [
    'white text on the table’s style',
    {
      body: table('<w:tblStyle w:val="Dark"/><w:tblLook w:val="04A0"/>', '', paragraph(white)),
      styles: darkStyle,
    },
  ],
  [
    'white text on a highlight',
    {
      body: paragraph(
        run('Payable by the end of the month', '<w:color w:val="FFFFFF"/><w:highlight w:val="darkBlue"/>'),
      ),
    },
  ],
  [
    'fine print',
    {
      body:
        statement +
        paragraph(
          run(
            'Deposits are protected up to 100,000 EUR for each customer.',
            '<w:sz w:val="10"/><w:color w:val="7F7F7F"/>',
          ),
        ),
    },
  ],
  [
    'alternative texts',
    { body: statement + anchor('', '', 'cx="914400" cy="914400"', paragraph(run('Branch office'))) },
  ],
  [
    'a watermark',
    {
      header:
        '<w:p><w:r><w:pict><v:shape style="position:absolute;width:400pt;height:100pt" fillcolor="silver"><v:textpath string="CONFIDENTIAL"/></v:shape></w:pict></w:r></w:p>',
    },
  ],
  [
    'fields',
    {
      body: paragraph(
        `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:instrText> XE "annual percentage rate of charge" </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>${run('The rate is fixed.')}`,
      ),
    },
  ],
  ['page numbers hidden on the web', { body: paragraph(run('Contents 3', '<w:webHidden/>')) }],
  [
    'vanish switched off',
    { body: paragraph(run('All of this text is shown to the reader.', '<w:vanish w:val="false"/>')) },
  ],
  [
    'two styles that cancel out',
    {
      body: paragraph(
        run('All of this text is shown to the reader.', '<w:rStyle w:val="C"/>'),
        '<w:pStyle w:val="P"/>',
      ),
      styles:
        style('P', 'paragraph', '<w:rPr><w:vanish/></w:rPr>') +
        style('C', 'character', '<w:rPr><w:vanish/></w:rPr>'),
    },
  ],
  [
    'automatic colour on dark shading',
    {
      body: paragraph(
        run('Important information for borrowers', '<w:color w:val="auto"/>'),
        '<w:shd w:val="clear" w:fill="000000"/>',
      ),
    },
  ],
  [
    'white text in a dark text box',
    {
      body: anchor('', '', 'cx="914400" cy="914400"', paragraph(white)).replace(
        '<wps:spPr/>',
        '<wps:spPr><a:solidFill><a:srgbClr val="002060"/></a:solidFill></wps:spPr>',
      ),
    },
  ],
  ['empty lines of one point', { body: paragraph(run(' . ', '<w:sz w:val="2"/>')) + statement }],
  [
    'a form',
    {
      body: paragraph(
        '<w:sdt><w:sdtPr><w:alias w:val="Name of the applicant"/></w:sdtPr><w:sdtContent>' +
          run('Jane Doe') +
          '</w:sdtContent></w:sdt>',
      ),
    },
  ],
  [
    'a box in two markups',
    {
      body: `<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:t>Signed in Vienna on the first of May</w:t></mc:Choice><mc:Fallback><w:t>Signed in Vienna on the first of May</w:t></mc:Fallback></mc:AlternateContent></w:r></w:p>`,
    },
  ],
];

describe('readDocx', () => {
  it.each(concealed)('finds %s as %s', async (_, layer, docx) => {
    const extraction = await read(docx);
    expect(textIn(extraction, layer)).toContain(payload);
    expect(hiddenLayersOf(extraction)).toEqual([layer]);
    expect(textIn(extraction, 'visible')).not.toContain(payload);
  });

  it.each(honest)('raises no alarm for %s', async (_, docx) => {
    const extraction = await read(docx);
    expect(hiddenLayersOf(extraction)).toEqual([]);
    expect(piecesOf(extraction).length).toBeGreaterThan(0);
  });

  it('names where other texts stand', async () => {
    const extraction = await read({
      body:
        statement +
        paragraph(`<w:del><w:r><w:delText>${payload}</w:delText></w:r></w:del>`) +
        paragraph(`<w:r><w:instrText>QUOTE "${payload}"</w:instrText></w:r>`) +
        anchor('', '', 'cx="914400" cy="914400"', '').replace('Company logo', payload),
      comments: `<w:comment>${paragraph(run(payload))}</w:comment>`,
      parts: {
        'customXml/item1.xml': `<data><note>${payload}</note></data>`,
        'docProps/core.xml': `<core><subject>${payload}</subject></core>`,
        'word/glossary/unreferenced.xml': `<x y="${payload}"/>`,
      },
    });
    expect(textIn(extraction, 'annotation', 'deletion')).toContain(payload);
    expect(textIn(extraction, 'annotation', 'comment')).toContain(payload);
    expect(textIn(extraction, 'annotation', 'attribute')).toContain(payload);
    expect(textIn(extraction, 'metadata', 'field')).toContain(payload);
    expect(textIn(extraction, 'metadata', 'data')).toContain(payload);
    expect(textIn(extraction, 'metadata', 'properties')).toContain(payload);
    expect(textIn(extraction, 'metadata', 'attribute')).toContain(payload);
  });

  it('hands over what is embedded', async () => {
    const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47]);
    const extraction = await read({
      parts: { 'word/media/image1.png': png, 'word/chunk.html': `<p>${payload}</p>` },
    });
    expect(extraction.kind === 'read' && extraction.attachments).toEqual([
      { place: 'image=1', mediaType: 'image/png', bytes: png },
      { place: 'embedded=2', mediaType: 'text/html', bytes: new TextEncoder().encode(`<p>${payload}</p>`) },
    ]);
  });
});
