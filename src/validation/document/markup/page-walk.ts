import type { DefaultTreeAdapterTypes } from 'parse5';
import { type Appearance, appearanceOf, concealmentIn, initialAppearance } from './appearance.ts';
import type { Cascade } from './cascade.ts';
import { addConcealed, type ConcealedText } from './concealed.ts';
import type { Gathering } from './gathering.ts';
import { type ChildNode, type Document, innerText, parsePage } from './page-tree.ts';
import { isPhrase, wordCount } from './prose.ts';
import { attribute, type Element } from './selector.ts';

const blocks = new Set(
  (
    'address article aside blockquote body br button caption center dd details dialog div dl dt fieldset figcaption ' +
    'figure footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main nav ol option p pre section select ' +
    'summary table tbody td template textarea tfoot th thead tr ul'
  ).split(' '),
);
/** Attributes that a reader is shown or told. */
const told = new Set([
  'alt',
  'title',
  'aria-label',
  'aria-description',
  'placeholder',
  'label',
  'summary',
  'abbr',
]);
/** Attributes in which no text for people stands. */
const technical = new Set([
  'style',
  'class',
  'id',
  'd',
  'srcset',
  'sizes',
  'viewbox',
  'points',
  'rel',
  'sandbox',
  'allow',
]);
const ATTRIBUTE_WORDS = 4;
const CONDITIONAL = /^\[if[^\]]*\]>([\s\S]*)<!\[endif\]$/i;
const CONDITIONALS_MAX = 200;

interface Place {
  readonly look: Appearance;
  readonly block: Element;
  readonly isUnfolding: boolean;
  /** The id by which a control would unfold it. */
  readonly control: string | null;
  /** Of the whole: what stands in a template or only for some programs. */
  readonly part?: 'template' | 'conditional' | 'noscript';
}

/** One way through a page: every text, attribute and comment, in the layer in which a reader meets it. */
export class PageWalk {
  readonly scripts: string[] = [];
  /** Addresses that carry a file in themselves. */
  readonly embedded: string[] = [];
  readonly #document: Document;
  readonly #cascade: Cascade;
  readonly #gathering: Gathering;
  readonly #isMail: boolean;
  readonly #concealed: (ConcealedText & { readonly control: string | null })[] = [];
  /** Ids of what a control that is seen unfolds. */
  readonly #controlled = new Set<string>();
  #hasBegun = false;
  #conditionals = 0;

  constructor(document: Document, cascade: Cascade, gathering: Gathering, isMail: boolean) {
    this.#document = document;
    this.#cascade = cascade;
    this.#gathering = gathering;
    this.#isMail = isMail;
  }

  read(): void {
    for (const child of this.#document.childNodes) {
      if ('tagName' in child)
        this.#element(child, { look: initialAppearance, block: child, isUnfolding: false, control: null });
      else this.#node(child, null);
    }
    this.#gathering.breakLine();
    // A control may stand after what it unfolds.
    const found = this.#concealed.map((one) => ({
      ...one,
      isUnfolding: one.isUnfolding || (one.control !== null && this.#controlled.has(one.control)),
    }));
    addConcealed(found, this.#gathering, this.#isMail);
  }

  #node(node: ChildNode, place: Place | null): void {
    if ('tagName' in node) {
      if (place !== null) this.#element(node, place);
    } else if (node.nodeName === '#comment') {
      this.#comment(node.data, place);
    } else if (node.nodeName === '#text' && place !== null) {
      this.#text(node.value, place);
    }
  }

  #text(value: string, place: Place): void {
    const text = value.replace(/[ \t\n\r\f]+/g, ' ');
    if (text === ' ' && place.look.concealed !== null) return;
    if (place.part !== undefined) {
      this.#gathering.add(place.part === 'template' ? 'metadata' : 'annotation', text, place.part);
      return;
    }
    const layer = concealmentIn(place.look);
    if (layer !== null) {
      const { block, isUnfolding, control } = place;
      const isLeading = !this.#hasBegun;
      if (text.trim() !== '') this.#concealed.push({ layer, text, block, isUnfolding, control, isLeading });
      return;
    }
    if (!this.#hasBegun && wordCount(text) > 0) this.#hasBegun = true;
    this.#gathering.add('visible', text);
  }

  #element(element: Element, outer: Place): void {
    this.#attributes(element);
    const name = element.tagName;
    if (name === 'script') this.scripts.push(innerText(element));
    if (name === 'title' && !element.namespaceURI.endsWith('/svg'))
      this.#gathering.addLine('annotation', innerText(element), 'title');
    if (name === 'script' || name === 'style' || name === 'title') return;
    const isBlock = blocks.has(name);
    const look = appearanceOf(element, this.#cascade.style(element), outer.look);
    const block = isBlock ? element : outer.block;
    const place = { ...outer, look, block, ...this.#unfolding(element, look, outer) };
    if (concealmentIn(look) === null) for (const id of controlledIds(element)) this.#controlled.add(id);
    if (isBlock) this.#gathering.breakLine();
    if (name === 'template') this.#template(element as DefaultTreeAdapterTypes.Template, place);
    else if (name === 'details' && attribute(element, 'open') === null) this.#details(element, place);
    else if (name === 'textarea' || name === 'option')
      this.#gathering.addLine('form', innerText(element), 'form');
    else {
      const part = name === 'noscript' ? { part: 'noscript' as const } : {};
      for (const child of element.childNodes) this.#node(child, { ...place, ...part });
    }
    if (isBlock) this.#gathering.breakLine();
    if (name === 'td' || name === 'th') this.#gathering.add('visible', '\t');
  }

  /** Whether a reader can bring it to sight: a state of it shows it, or something that is seen controls it. */
  #unfolding(element: Element, look: Appearance, outer: Place): Pick<Place, 'isUnfolding' | 'control'> {
    const { isUnfolding, control } = outer;
    const isBeginning = concealmentIn(look) !== null && concealmentIn(outer.look) === null;
    if (isUnfolding || !isBeginning) return { isUnfolding, control };
    return { isUnfolding: this.#cascade.isRevealed(element), control: attribute(element, 'id') };
  }

  /** Only the summary is seen until the reader opens it. */
  #details(element: Element, place: Place): void {
    const look = { ...place.look, concealed: place.look.concealed ?? ('hidden:display' as const) };
    for (const child of element.childNodes) {
      const isSummary = 'tagName' in child && child.tagName === 'summary';
      this.#node(
        child,
        isSummary
          ? place
          : { ...place, look, isUnfolding: place.look.concealed === null || place.isUnfolding },
      );
    }
  }

  /** Drawn when it is declared as a shadow tree; otherwise only a script could bring it out. */
  #template(element: DefaultTreeAdapterTypes.Template, place: Place): void {
    const isShadow = attribute(element, 'shadowrootmode') !== null;
    for (const child of element.content.childNodes)
      this.#node(child, isShadow ? place : { ...place, part: 'template' });
  }

  #comment(data: string, place: Place | null): void {
    const conditional = CONDITIONAL.exec(data)?.[1];
    this.#conditionals += 1;
    if (conditional === undefined || place === null || this.#conditionals > CONDITIONALS_MAX) {
      this.#gathering.addLine('metadata', data, 'comment');
      return;
    }
    // Some mail programs show what stands in a conditional comment, all others do not.
    for (const child of parsePage(conditional).childNodes)
      this.#node(child, { ...place, look: initialAppearance, part: 'conditional' });
  }

  #attributes(element: Element): void {
    const isInput = element.tagName === 'input' || element.tagName === 'button';
    for (const { name, value } of element.attrs) {
      if (/^\s*data:/i.test(value)) this.embedded.push(value);
      else if (name === 'srcdoc')
        this.embedded.push(`data:text/html;base64,${Buffer.from(value).toString('base64')}`);
      else if (told.has(name)) this.#gathering.addLine('annotation', value, 'attribute');
      else if (name === 'value' && isInput && attribute(element, 'type')?.toLowerCase() !== 'hidden') {
        this.#gathering.addLine('form', value, 'form');
      } else if (!technical.has(name) && isPhrase(value, ATTRIBUTE_WORDS)) {
        this.#gathering.addLine('metadata', value, name === 'content' ? 'meta' : 'attribute');
      }
    }
  }
}

/** Ids of what a button or a link with a text of its own unfolds. */
function controlledIds(element: Element): string[] {
  const isTab =
    attribute(element, 'role') === 'tab' || /^(?:collapse|tab|pill|dropdown|modal)$/.test(toggleOf(element));
  const isControl = isTab || element.tagName === 'button' || element.tagName === 'summary';
  if (!isControl || wordCount(innerText(element)) === 0) return [];
  const names = [
    'aria-controls',
    'data-target',
    'data-bs-target',
    'popovertarget',
    'commandfor',
    ...(isTab ? ['href'] : []),
  ];
  return names
    .flatMap((name) => (attribute(element, name) ?? '').split(/\s+/))
    .map((id) => id.replace(/^#/, ''))
    .filter((id) => id !== '');
}

function toggleOf(element: Element): string {
  return attribute(element, 'data-bs-toggle') ?? attribute(element, 'data-toggle') ?? '';
}
