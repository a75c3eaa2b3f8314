import { strToU8, zipSync } from 'fflate';

const W = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const S = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const R = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const CONTENT = 'application/vnd.openxmlformats-officedocument';
const namespaces =
  `xmlns:w="${W}" xmlns:r="${R}" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" ` +
  'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml" ' +
  'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" ' +
  'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" ' +
  'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"';

export type Parts = Readonly<Record<string, string | Uint8Array>>;

export function zipOf(parts: Parts, level: 0 | 6 = 6): Uint8Array {
  return zipSync(
    Object.fromEntries(
      Object.entries(parts).map(([name, content]) => [
        name,
        typeof content === 'string' ? strToU8(content) : content,
      ]),
    ),
    { level },
  );
}

function relationships(targets: readonly (readonly [type: string, target: string])[]): string {
  const all = targets.map(
    ([type, target], i) => `<Relationship Id="rId${i + 1}" Type="${R}/${type}" Target="${target}"/>`,
  );
  return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${all.join('')}</Relationships>`;
}

function contentTypes(overrides: Readonly<Record<string, string>>): string {
  const all = Object.entries(overrides).map(
    ([part, type]) => `<Override PartName="/${part}" ContentType="${CONTENT}.${type}+xml"/>`,
  );
  return (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">' +
    '<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>' +
    '<Default Extension="html" ContentType="text/html"/>' +
    `<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>${all.join('')}</Types>`
  );
}

export interface TestDocx {
  /** What stands in the body. */
  readonly body: string;
  readonly background?: string;
  readonly styles?: string;
  readonly settings?: string;
  readonly header?: string;
  readonly footnotes?: string;
  readonly comments?: string;
  readonly parts?: Parts;
  /** Of compression. */
  readonly level?: 0 | 6;
}

/** A Word document of the parts that are given. */
export function makeDocx({
  body,
  background = '',
  styles,
  settings,
  header,
  footnotes,
  comments,
  parts = {},
  level = 6,
}: TestDocx): Uint8Array {
  const stories = {
    styles: styles === undefined ? undefined : `<w:styles ${namespaces}>${styles}</w:styles>`,
    settings: settings === undefined ? undefined : `<w:settings ${namespaces}>${settings}</w:settings>`,
    header: header === undefined ? undefined : `<w:hdr ${namespaces}>${header}</w:hdr>`,
    footnotes: footnotes === undefined ? undefined : `<w:footnotes ${namespaces}>${footnotes}</w:footnotes>`,
    comments: comments === undefined ? undefined : `<w:comments ${namespaces}>${comments}</w:comments>`,
  };
  const given = Object.entries(stories).filter(([, content]) => content !== undefined) as [string, string][];
  const all = {
    '[Content_Types].xml': contentTypes({ 'word/document.xml': 'wordprocessingml.document.main' }),
    '_rels/.rels': relationships([['officeDocument', 'word/document.xml']]),
    'word/document.xml': `<?xml version="1.0" encoding="UTF-8"?><w:document ${namespaces}>${background}<w:body>${body}</w:body></w:document>`,
    'word/_rels/document.xml.rels': relationships(given.map(([name]) => [name, `${name}.xml`])),
    ...Object.fromEntries(given.map(([name, content]) => [`word/${name}.xml`, content])),
    ...parts,
  };
  return zipOf(all, level);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** A run of text with its properties. */
export function run(text: string, properties = ''): string {
  return `<w:r><w:rPr>${properties}</w:rPr><w:t xml:space="preserve">${escaped(text)}</w:t></w:r>`;
}

export function paragraph(content: string, properties = ''): string {
  return `<w:p><w:pPr>${properties}</w:pPr>${content}</w:p>`;
}

/** A style of a Word document. */
export const style = (id: string, type: string, content: string) =>
  `<w:style w:type="${type}" w:styleId="${id}">${content}</w:style>`;
/** A text box. */
export const anchor = (attributes: string, position: string, extent: string, content: string) =>
  `<w:p><w:r><w:drawing><wp:anchor ${attributes}>${position}<wp:extent ${extent}/><wp:docPr id="1" name="Box" ` +
  `descr="Company logo"/><wps:wsp><wps:spPr/><wps:txbx><w:txbxContent>${content}</w:txbxContent></wps:txbx></wps:wsp>` +
  '</wp:anchor></w:drawing></w:r></w:p>';
/** A table of one cell, and a row below it. */
export const table = (properties: string, cellProperties: string, content: string) =>
  `<w:tbl><w:tblPr>${properties}</w:tblPr><w:tr><w:tc><w:tcPr>${cellProperties}</w:tcPr>${content}</w:tc></w:tr>` +
  `<w:tr><w:tc>${paragraph(run('Rent'))}</w:tc></w:tr></w:tbl>`;

export interface TestSheet {
  readonly name?: string;
  readonly state?: string;
  /** Raw rows. */
  readonly rows: string;
  /** Raw elements before the rows. */
  readonly before?: string;
  readonly after?: string;
  readonly related?: readonly (readonly [type: string, target: string])[];
}

export interface TestXlsx {
  readonly sheets: readonly TestSheet[];
  readonly shared?: readonly string[];
  readonly styles?: string;
  readonly workbook?: string;
  readonly parts?: Parts;
}

/** An Excel workbook of the parts that are given. */
export function makeXlsx({
  sheets,
  shared = [],
  styles = '',
  workbook = '',
  parts = {},
}: TestXlsx): Uint8Array {
  const list = sheets.map(({ name = 'Sheet', state }, i) => {
    const hidden = state === undefined ? '' : ` state="${state}"`;
    return `<sheet name="${name} ${i + 1}" sheetId="${i + 1}" r:id="rId${i + 1}"${hidden}/>`;
  });
  const targets: (readonly [string, string])[] = [
    ...sheets.map((_, i) => ['worksheet', `worksheets/sheet${i + 1}.xml`] as const),
    ['sharedStrings', 'sharedStrings.xml'],
    ['styles', 'styles.xml'],
  ];
  const texts = shared.map((text) => `<si>${text.startsWith('<') ? text : `<t>${escaped(text)}</t>`}</si>`);
  return zipOf({
    '[Content_Types].xml': contentTypes({ 'xl/workbook.xml': 'spreadsheetml.sheet.main' }),
    '_rels/.rels': relationships([['officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': `<workbook xmlns="${S}" xmlns:r="${R}"><sheets>${list.join('')}</sheets>${workbook}</workbook>`,
    'xl/_rels/workbook.xml.rels': relationships(targets),
    'xl/sharedStrings.xml': `<sst xmlns="${S}">${texts.join('')}</sst>`,
    'xl/styles.xml': `<styleSheet xmlns="${S}">${styles}</styleSheet>`,
    ...Object.fromEntries(
      sheets.flatMap(({ rows, before = '', after = '', related = [] }, i) => [
        [
          `xl/worksheets/sheet${i + 1}.xml`,
          `<worksheet xmlns="${S}" xmlns:r="${R}">${before}<sheetData>${rows}</sheetData>${after}</worksheet>`,
        ],
        [`xl/worksheets/_rels/sheet${i + 1}.xml.rels`, relationships(related)],
      ]),
    ),
    ...parts,
  });
}

/** A cell with a text of its own. */
export function cell(place: string, text: string, format = 0): string {
  return `<c r="${place}" s="${format}" t="inlineStr"><is><t>${escaped(text)}</t></is></c>`;
}

export function numberCell(place: string, value: number, format = 0): string {
  return `<c r="${place}" s="${format}"><v>${value}</v></c>`;
}

export function row(number: number, cells: string, attributes = ''): string {
  return `<row r="${number}" ${attributes}>${cells}</row>`;
}
