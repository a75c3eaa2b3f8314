import type { Extraction, ExtractionLimits } from '../extraction.ts';
import { Gathering } from '../markup/gathering.ts';
import { readSafely, tooLarge } from '../markup/problem.ts';
import { isPhrase } from '../markup/prose.ts';
import { type CellRange, cellRange } from './cell-range.ts';
import { type CellStyle, cellStyles } from './cell-style.ts';
import { addLeftovers, addTree } from './leftover.ts';
import { OfficePackage } from './package.ts';
import { richText, SharedTexts } from './shared-texts.ts';
import { addCells } from './sheet.ts';
import { type Theme, themeOf } from './theme.ts';
import { attributeOf, childOf, childrenOf, descendantsOf, textOf, type XmlElement } from './xml.ts';

/** A text that no cell uses is shown nowhere; writers leave labels behind, not sentences. */
const UNUSED_WORDS = 4;

interface Workbook {
  readonly file: OfficePackage;
  readonly gathering: Gathering;
  readonly theme: Theme;
  readonly styles: readonly CellStyle[];
  readonly shared: SharedTexts;
}

/** All text of an Excel workbook, seen and unseen. A sheet is a page. */
export function readXlsx(bytes: Uint8Array, limits: ExtractionLimits): Promise<Extraction> {
  return readSafely(() => {
    const file = new OfficePackage(bytes, limits.expandedBytesMax);
    const main = file.mainPart('workbook');
    const gathering = new Gathering(limits.charactersMax);
    const relatedTree = (type: string) => file.related(main.name, type)[0]?.tree ?? null;
    const theme = themeOf(relatedTree('theme'));
    const workbook: Workbook = {
      file,
      gathering,
      theme,
      styles: cellStyles(relatedTree('styles'), theme),
      shared: new SharedTexts(relatedTree('sharedStrings'), theme),
    };
    const sheets = childrenOf(childOf(main.tree, 'sheets'), 'sheet');
    if (sheets.length > limits.pagesMax) throw tooLarge('pages');
    const targets = new Map(file.relationships(main.name).map(({ id, target }) => [id, target]));
    for (const [i, sheet] of sheets.entries()) {
      gathering.page = i + 1;
      gathering.addLine('visible', attributeOf(sheet, 'name') ?? '', 'sheet-name');
      addSheet(targets.get(attributeOf(sheet, 'id') ?? '') ?? '', sheet, workbook);
    }
    gathering.page = null;
    for (const text of workbook.shared.unused()) {
      gathering.addLine(isPhrase(text, UNUSED_WORDS) ? 'hidden:unused' : 'metadata', text, 'unused');
    }
    for (const name of descendantsOf(main.tree, 'definedName')) {
      gathering.addLine('metadata', `${attributeOf(name, 'name') ?? ''} ${textOf(name)}`, 'defined-name');
    }
    addLeftovers(file, gathering);
    return { kind: 'read', pieces: gathering.pieces(), attachments: file.attachments(limits.attachmentsMax) };
  });
}

function addSheet(name: string, sheet: XmlElement, workbook: Workbook): void {
  const { file, gathering, theme, styles, shared } = workbook;
  const tree = file.tree(name);
  if (tree === null) return;
  const state = attributeOf(sheet, 'state');
  addCells(tree, {
    styles,
    sharedTexts: (index) => shared.use(index),
    inlineText: (element) => richText(element, theme),
    gathering,
    isHidden: state === 'hidden' || state === 'veryHidden',
    paintedRanges: tableRanges(name, file),
    conditionalRanges: conditionalRanges(tree),
  });
  for (const text of ['oddHeader', 'oddFooter', 'evenHeader', 'evenFooter', 'firstHeader', 'firstFooter']) {
    const found = childOf(childOf(tree, 'headerFooter'), text);
    // The codes of places, fonts and colours in it (18.3.1.46) are left as they are.
    if (found !== null) gathering.addLine('annotation', textOf(found), 'header');
  }
  for (const validation of descendantsOf(tree, 'dataValidation')) addPrompts(validation, gathering);
  for (const link of descendantsOf(tree, 'hyperlink')) {
    for (const attribute of ['display', 'tooltip'])
      gathering.addLine('annotation', attributeOf(link, attribute) ?? '', 'link');
  }
  for (const type of ['comments', 'threadedComment']) {
    for (const part of file.related(name, type)) addTree(part.tree, gathering, 'annotation', 'comment');
  }
  for (const part of file.related(name, 'drawing')) addDrawing(part.tree, gathering);
  for (const part of file.related(name, 'vmlDrawing')) addTree(part.tree, gathering, 'metadata', 'drawing');
}

function addPrompts(validation: XmlElement, gathering: Gathering): void {
  for (const attribute of ['promptTitle', 'prompt', 'errorTitle', 'error'])
    gathering.addLine('annotation', attributeOf(validation, attribute) ?? '', 'prompt');
  for (const formula of ['formula1', 'formula2']) {
    const found = childOf(validation, formula);
    if (found !== null && textOf(found).includes('"'))
      gathering.addLine('annotation', textOf(found), 'prompt');
  }
}

/** Text boxes and alternative texts that lie over the cells. */
function addDrawing(tree: XmlElement, gathering: Gathering): void {
  for (const anchor of childrenOf(tree)) {
    const isHidden = descendantsOf(anchor, 'cNvPr').some((one) => attributeOf(one, 'hidden') === '1');
    for (const paragraph of descendantsOf(anchor, 'p')) {
      const text = descendantsOf(paragraph, 't').map(textOf).join('');
      gathering.addLine(isHidden ? 'hidden:display' : 'visible', text, 'drawing');
    }
    for (const properties of descendantsOf(anchor, 'cNvPr')) {
      for (const attribute of ['descr', 'title'])
        gathering.addLine('annotation', attributeOf(properties, attribute) ?? '', 'drawing');
    }
  }
}

/** Built-in styles of tables paint grounds: the medium ones for header and totals, the dark ones for all. */
function tableRanges(name: string, file: OfficePackage): CellRange[] {
  return file.related(name, 'table').flatMap(({ tree: table }) => {
    const style = attributeOf(childOf(table, 'tableStyleInfo'), 'name') ?? '';
    const kind = /^TableStyle(Medium|Dark)\d{1,2}$/.exec(style)?.[1];
    const range = cellRange(attributeOf(table, 'ref') ?? '');
    if (range === null || kind === undefined) return [];
    const { from, to } = range;
    const header = { from, to: { row: from.row, column: to.column } };
    const totals = { from: { row: to.row, column: from.column }, to };
    return kind === 'Dark' ? [range] : [header, totals];
  });
}

function conditionalRanges(tree: XmlElement): CellRange[] {
  return childrenOf(tree, 'conditionalFormatting').flatMap((condition) =>
    (attributeOf(condition, 'sqref') ?? '').split(' ').flatMap((reference) => cellRange(reference) ?? []),
  );
}
