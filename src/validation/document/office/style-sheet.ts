import { shadeLook, type TextLook, textLook } from './text-look.ts';
import type { Theme } from './theme.ts';
import { attributeOf, childOf, childrenOf, isOn, type XmlElement } from './xml.ts';

/** What of a paragraph decides whether it is seen (ECMA-376-1, 17.3.1). */
export interface ParagraphLook extends Pick<TextLook, 'shade'> {
  /** Height of every line in points, where it is exact. */
  readonly exactLinePt?: number;
  readonly indentPt?: number;
  readonly framePt?: number;
}

interface Style {
  readonly id: string;
  readonly basedOn: string | null;
  readonly element: XmlElement;
}

/** Longer chains of styles than Office itself writes are cut. */
const CHAIN_MAX = 20;
const TWIPS_PER_PT = 20;

/** Styles by id, each together with those that it is based on (17.7). */
export class StyleSheet {
  readonly #theme: Theme;
  readonly #styles = new Map<string, Style>();
  readonly #texts = new Map<string, TextLook>();
  readonly #paragraphs = new Map<string, ParagraphLook>();
  readonly defaultText: TextLook;
  readonly defaultParagraph: ParagraphLook;
  /** The style of paragraphs that name none. */
  readonly normal: string | null;

  constructor(tree: XmlElement | null, theme: Theme) {
    this.#theme = theme;
    const defaults = childOf(tree, 'docDefaults');
    this.defaultText = textLook(childOf(childOf(defaults, 'rPrDefault'), 'rPr'), theme);
    this.defaultParagraph = paragraphLook(childOf(childOf(defaults, 'pPrDefault'), 'pPr'), theme);
    let normal: string | null = null;
    for (const element of childrenOf(tree, 'style')) {
      const id = attributeOf(element, 'styleId') ?? '';
      this.#styles.set(id, { id, basedOn: attributeOf(childOf(element, 'basedOn'), 'val'), element });
      const isDefault = attributeOf(element, 'default');
      if (attributeOf(element, 'type') === 'paragraph' && isDefault !== null && isOn(isDefault)) normal = id;
    }
    this.normal = normal;
  }

  text(id: string | null): TextLook {
    if (id === null) return {};
    const known = this.#texts.get(id);
    if (known !== undefined) return known;
    const looks = this.chain(id).map((style) => textLook(childOf(style, 'rPr'), this.#theme));
    const look = Object.assign({}, ...looks) as TextLook;
    this.#texts.set(id, look);
    return look;
  }

  paragraph(id: string | null): ParagraphLook {
    if (id === null) return {};
    const known = this.#paragraphs.get(id);
    if (known !== undefined) return known;
    const looks = this.chain(id).map((style) => paragraphLook(childOf(style, 'pPr'), this.#theme));
    const look = Object.assign({}, ...looks) as ParagraphLook;
    this.#paragraphs.set(id, look);
    return look;
  }

  /** From the style that all others are based on to the one named. */
  chain(id: string): XmlElement[] {
    const chain: XmlElement[] = [];
    let style = this.#styles.get(id);
    while (style !== undefined && chain.length < CHAIN_MAX) {
      chain.unshift(style.element);
      style = this.#styles.get(style.basedOn ?? '');
    }
    return chain;
  }
}

export function paragraphLook(properties: XmlElement | null, theme: Theme): ParagraphLook {
  if (properties === null) return {};
  const spacing = childOf(properties, 'spacing');
  const isExact = attributeOf(spacing, 'lineRule') === 'exact';
  const line = twips(spacing, 'line');
  const indentation = childOf(properties, 'ind');
  const indentPt = twips(indentation, 'left') ?? twips(indentation, 'start');
  const framePt = twips(childOf(properties, 'framePr'), 'x');
  return {
    ...shadeLook(childOf(properties, 'shd'), theme),
    ...(isExact && line !== null ? { exactLinePt: line } : {}),
    ...(indentPt === null ? {} : { indentPt }),
    ...(framePt === null ? {} : { framePt }),
  };
}

/** A length in points; without a unit it is given in twentieths. */
export function twips(element: XmlElement | null, name: string): number | null {
  const value = attributeOf(element, name)?.trim();
  const match = /^(-?\d+(?:\.\d+)?)(pt|in|cm|mm)?$/.exec(value ?? '');
  if (match === null) return null;
  const number = Number(match[1]);
  const perUnit: Readonly<Record<string, number>> = { pt: 1, in: 72, cm: 72 / 2.54, mm: 72 / 25.4 };
  return match[2] === undefined ? number / TWIPS_PER_PT : number * (perUnit[match[2]] ?? 1);
}
