import type { Extraction, ExtractionLimits, Layer } from '../extraction.ts';
import { hexColour } from '../markup/colour.ts';
import { Gathering } from '../markup/gathering.ts';
import { readSafely } from '../markup/problem.ts';
import { type PageSize, standardPage } from './drawing-look.ts';
import { addLeftovers, addTree } from './leftover.ts';
import { OfficePackage } from './package.ts';
import { Story, type StoryOptions } from './story.ts';
import { StyleSheet, twips } from './style-sheet.ts';
import type { Ground } from './text-look.ts';
import { type Theme, themeColour, themeOf } from './theme.ts';
import { attributeOf, childOf, descendantsOf, isOn, type XmlElement } from './xml.ts';

/** Further stories, by the type of the relationship that leads to them. */
const stories: readonly (readonly [type: string, part: string, layer: Layer | null])[] = [
  ['header', 'header', null],
  ['footer', 'footer', null],
  ['footnotes', 'footnote', null],
  ['endnotes', 'endnote', null],
  ['comments', 'comment', 'annotation'],
];

/** All text of a Word document, seen and unseen. */
export function readDocx(bytes: Uint8Array, limits: ExtractionLimits): Promise<Extraction> {
  return readSafely(() => {
    const file = new OfficePackage(bytes, limits.expandedBytesMax);
    const main = file.mainPart('document');
    const gathering = new Gathering(limits.charactersMax);
    const [theme] = file.related(main.name, 'theme');
    const colours = themeOf(theme?.tree ?? null);
    const settings = file.related(main.name, 'settings')[0]?.tree ?? null;
    const options: StoryOptions = {
      styles: new StyleSheet(file.related(main.name, 'styles')[0]?.tree ?? null, colours),
      theme: colours,
      page: pageOf(main.tree),
      ground: groundOf(main.tree, settings, colours),
      gathering,
    };
    new Story(options).read(main.tree, undefined);
    for (const [type, part, layer] of stories) {
      for (const { tree } of file.related(main.name, type)) new Story(options).read(tree, part, layer);
    }
    addGlossary(file, main.name, options);
    for (const type of ['settings', 'numbering']) {
      for (const { tree } of file.related(main.name, type)) addValues(tree, gathering, type);
    }
    addLeftovers(file, gathering);
    return { kind: 'read', pieces: gathering.pieces(), attachments: file.attachments(limits.attachmentsMax) };
  });
}

/** Building blocks that a user may insert: a document of its own, of which nothing is shown. */
function addGlossary(file: OfficePackage, main: string, { gathering }: StoryOptions): void {
  for (const { name, tree } of file.related(main, 'glossaryDocument')) {
    addTree(tree, gathering, 'metadata', 'glossary');
    // Its styles and settings are read like those of any part that is left.
    file.relationships(name);
  }
}

/** Variables of the document and the texts of list labels stand in values. */
function addValues(tree: XmlElement, gathering: Gathering, part: string): void {
  for (const name of ['docVar', 'lvlText']) {
    for (const element of descendantsOf(tree, name)) {
      const value = attributeOf(element, 'val') ?? '';
      if (/\p{L}{2}/u.test(value)) gathering.addLine(name === 'docVar' ? 'metadata' : 'visible', value, part);
    }
  }
  addTree(tree, gathering, 'metadata', part);
}

function pageOf(tree: XmlElement): PageSize {
  const size = descendantsOf(tree, 'pgSz').at(-1) ?? null;
  return {
    widthPt: twips(size, 'w') ?? standardPage.widthPt,
    heightPt: twips(size, 'h') ?? standardPage.heightPt,
  };
}

/** The colour of the page, which is painted only where the settings say so (17.15.1.25). */
function groundOf(tree: XmlElement, settings: XmlElement | null, theme: Theme): Ground {
  const background = childOf(tree, 'background');
  const shown = childOf(settings, 'displayBackgroundShape');
  if (background === null || shown === null || !isOn(attributeOf(shown, 'val'))) return null;
  const named = themeColour(theme, attributeOf(background, 'themeColor') ?? '');
  return named ?? hexColour(attributeOf(background, 'color') ?? '') ?? 'unknown';
}
