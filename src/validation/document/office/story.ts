import type { Layer } from '../extraction.ts';
import type { Gathering } from '../markup/gathering.ts';
import {
  drawingConcealment,
  hasBackdrop,
  type PageSize,
  shapeGround,
  vmlConcealment,
  vmlGround,
} from './drawing-look.ts';
import { addAttributes } from './leftover.ts';
import { type ParagraphLook, paragraphLook, type StyleSheet, twips } from './style-sheet.ts';
import { TableLook } from './table-look.ts';
import { concealmentOf, type Ground, numberOf, shadeLook, type TextLook, textLook } from './text-look.ts';
import type { Theme } from './theme.ts';
import { attributeOf, childOf, childrenOf, isOn, textOf, type XmlElement } from './xml.ts';

export interface StoryOptions {
  readonly styles: StyleSheet;
  readonly theme: Theme;
  readonly page: PageSize;
  readonly ground: Ground;
  readonly gathering: Gathering;
}

/** What applies to a text because of where it stands. */
interface Place {
  /** Of everything in it: concealed, deleted, or a note. */
  readonly layer: Layer | null;
  readonly part: string | undefined;
  readonly ground: Ground;
  readonly table: TextLook;
  readonly paragraph: TextLook;
}

/** Fields that are open, outermost first: their code runs to the separator, their result to the end (17.16.18). */
type FieldPhase = 'code' | 'result';

/** Less than this no line of text can be seen in. */
const LINE_PT = 2;
const OFF_PAGE_PT = 1600;

/** One story of a text document: its body, a header, a note, a comment. */
export class Story {
  readonly #options: StoryOptions;
  readonly #fields: FieldPhase[] = [];

  constructor(options: StoryOptions) {
    this.#options = options;
  }

  /** @param layer of everything in it, where it is not the story's text that decides */
  read(tree: XmlElement, part: string | undefined, layer: Layer | null = null): void {
    const backdrop = hasBackdrop(tree, this.#options.page) ? 'unknown' : this.#options.ground;
    this.#options.gathering.breakLine();
    this.#all(tree, { layer, part, ground: backdrop, table: {}, paragraph: {} });
    this.#options.gathering.breakLine();
  }

  #all(element: XmlElement, place: Place): void {
    for (const child of element.children) {
      if (typeof child !== 'string') this.#element(child, place);
      // Text that stands where the markup has none is drawn by nobody.
      else if (child.trim() !== '') this.#options.gathering.addLine('metadata', child, 'markup');
    }
  }

  #element(element: XmlElement, place: Place): void {
    addAttributes(element, this.#options.gathering, element.name === 'docPr' ? 'annotation' : 'metadata');
    switch (element.name) {
      case 'p':
        return this.#paragraph(element, place);
      case 'r':
        return this.#run(element, place);
      case 'tbl':
        return this.#table(element, place);
      case 'del':
      case 'moveFrom':
        return this.#all(element, { ...place, layer: place.layer ?? 'annotation', part: 'deletion' });
      case 'anchor':
      case 'inline':
        return this.#all(element, within(place, drawingConcealment(element, this.#options.page)));
      case 'wsp': {
        const ground = shapeGround(element, this.#options.theme);
        return this.#all(element, ground === undefined ? place : { ...place, ground });
      }
      case 'shape':
      case 'rect':
      case 'roundrect':
      case 'oval':
        return this.#vmlShape(element, place);
      case 'AlternateContent':
        return this.#alternatives(element, place);
      case 'fldSimple':
        this.#options.gathering.addLine('metadata', attributeOf(element, 'instr') ?? '', 'field');
        return this.#all(element, place);
      case 'sdtPr':
      case 'ffData':
        return this.#form(element);
      case 't':
        // Formulas and drawings have texts of their own, without a run of this vocabulary.
        return this.#options.gathering.add(place.layer ?? 'visible', textOf(element), place.part);
      default:
        return this.#all(element, place);
    }
  }

  #paragraph(element: XmlElement, place: Place): void {
    const { styles, theme, gathering } = this.#options;
    const properties = childOf(element, 'pPr');
    const style = attributeOf(childOf(properties, 'pStyle'), 'val') ?? styles.normal;
    const look: ParagraphLook = {
      ...styles.defaultParagraph,
      ...styles.paragraph(style),
      ...paragraphLook(properties, theme),
    };
    const concealed: Layer | null =
      (look.exactLinePt ?? LINE_PT) < LINE_PT
        ? 'hidden:clipped'
        : Math.max(Math.abs(look.indentPt ?? 0), Math.abs(look.framePt ?? 0)) > OFF_PAGE_PT
          ? 'hidden:off-page'
          : null;
    gathering.breakLine();
    this.#all(element, {
      ...within(place, concealed),
      ground: look.shade ?? place.ground,
      paragraph: styles.text(style),
    });
    gathering.breakLine();
  }

  #run(element: XmlElement, place: Place): void {
    const layer = place.layer ?? concealmentOf(this.#look(element, place), place.ground) ?? 'visible';
    const { gathering } = this.#options;
    for (const child of childrenOf(element)) {
      // The code of a field is not shown, whatever it looks like (17.16.5).
      const isCode = this.#fields.at(-1) === 'code';
      switch (child.name) {
        case 't':
        case 'delText':
          gathering.add(isCode ? 'metadata' : layer, textOf(child), isCode ? 'field' : place.part);
          break;
        case 'instrText':
        case 'delInstrText':
          gathering.add('metadata', textOf(child), 'field');
          break;
        case 'tab':
          gathering.add(layer, '\t', place.part);
          break;
        case 'br':
        case 'cr':
          gathering.breakLine();
          break;
        case 'noBreakHyphen':
          gathering.add(layer, '-', place.part);
          break;
        case 'fldChar':
          this.#field(child);
          break;
        case 'rPr':
          break;
        default:
          this.#element(child, layer === 'visible' ? place : { ...place, layer });
      }
    }
  }

  #field(element: XmlElement): void {
    const type = attributeOf(element, 'fldCharType');
    if (type === 'begin') this.#fields.push('code');
    else if (type === 'separate') this.#fields.splice(-1, 1, 'result');
    else this.#fields.pop();
    this.#all(element, nowhere);
  }

  #look(run: XmlElement, place: Place): TextLook {
    const { styles, theme } = this.#options;
    const properties = childOf(run, 'rPr');
    const style = styles.text(attributeOf(childOf(properties, 'rStyle'), 'val'));
    const direct = textLook(properties, theme);
    const { defaultText } = styles;
    // A toggle: two styles of the hierarchy that both set it cancel out (17.7.3).
    const toggled =
      [place.table, place.paragraph, style].filter(({ vanish }) => vanish === true).length % 2 === 1;
    const vanish = direct.vanish ?? (defaultText.vanish === true || toggled);
    return { ...defaultText, ...place.table, ...place.paragraph, ...style, ...direct, vanish };
  }

  #table(element: XmlElement, place: Place): void {
    const { styles, theme } = this.#options;
    const look = new TableLook(element, styles, theme);
    const away = Math.abs(twips(childOf(childOf(element, 'tblPr'), 'tblpPr'), 'tblpX') ?? 0) > OFF_PAGE_PT;
    const inTable = within(place, away ? 'hidden:off-page' : null);
    for (const [row, rowElement] of childrenOf(element, 'tr').entries()) {
      const inRow = within(inTable, rowConcealment(childOf(rowElement, 'trPr')));
      const cells = childrenOf(rowElement, 'tc');
      for (const [column, cell] of cells.entries()) {
        const given = look.cell(row, column, cells.length);
        const own = shadeLook(childOf(childOf(cell, 'tcPr'), 'shd'), theme).shade;
        const ground = own ?? given.ground ?? inRow.ground;
        this.#all(cell, { ...inRow, ground, table: given.text });
      }
      for (const other of childrenOf(rowElement)) if (other.name !== 'tc') this.#element(other, inRow);
    }
    for (const other of childrenOf(element)) if (other.name !== 'tr') this.#element(other, inTable);
  }

  #vmlShape(element: XmlElement, place: Place): void {
    const ground = vmlGround(element);
    const inShape = within(place, vmlConcealment(element));
    for (const path of childrenOf(element, 'textpath')) {
      // Lettering along a path: watermarks are made so.
      const text = attributeOf(path, 'string') ?? '';
      this.#options.gathering.addLine(inShape.layer ?? 'visible', text, place.part);
    }
    this.#all(element, ground === undefined ? inShape : { ...inShape, ground });
  }

  /** The same content for newer and for older viewers (ECMA-376-3, 7.6). */
  #alternatives(element: XmlElement, place: Place): void {
    const choices = childrenOf(element, 'Choice');
    const fallback = childrenOf(element, 'Fallback');
    for (const choice of choices) this.#all(choice, place);
    const said = choices.map(wordsIn).join('');
    for (const other of fallback) {
      if (said.includes(wordsIn(other))) continue;
      this.#all(other, { ...place, layer: place.layer ?? 'annotation', part: 'fallback' });
    }
  }

  #form(element: XmlElement): void {
    for (const child of childrenOf(element)) {
      for (const [name, value] of child.attributes) {
        const isText = ['val', 'displayText', 'value'].includes(name) && /\p{L}{2}/u.test(value);
        if (isText) this.#options.gathering.addLine('form', value, 'form');
      }
      this.#form(child);
    }
  }
}

const nowhere: Place = { layer: 'metadata', part: 'field', ground: null, table: {}, paragraph: {} };

function within(place: Place, concealed: Layer | null): Place {
  return concealed === null || place.layer !== null ? place : { ...place, layer: concealed };
}

function rowConcealment(properties: XmlElement | null): Layer | null {
  const hidden = childOf(properties, 'hidden');
  if (hidden !== null && isOn(attributeOf(hidden, 'val'))) return 'hidden:row';
  const height = childOf(properties, 'trHeight');
  if (attributeOf(height, 'hRule') !== 'exact') return null;
  return (numberOf(height) ?? 100) / 20 < LINE_PT ? 'hidden:clipped' : null;
}

/** The letters of all text in an element, without what separates them. */
function wordsIn(element: XmlElement): string {
  return textOf(element).replace(/\s+/g, '');
}
