import type { DefaultTreeAdapterTypes } from 'parse5';
import { splitOutside } from './css.ts';

export type Element = DefaultTreeAdapterTypes.Element;

/** One step of a selector: what an element itself must be. */
interface Compound {
  readonly tag: string | null;
  readonly id: string | null;
  readonly classes: readonly string[];
  readonly attributes: readonly (readonly [name: string, operator: string, value: string])[];
  readonly excluded: readonly Compound[];
}

export interface Selector {
  /** The element itself first, then outward; a step is a child of the next, or anywhere inside it. */
  readonly steps: readonly { readonly compound: Compound; readonly isChild: boolean }[];
  /** Ids, then classes and attributes, then tags, as one number. */
  readonly specificity: number;
}

const STEPS_MAX = 12;
const part =
  /^(?:([a-z][\w-]*|\*)|#((?:[\w-]|[^\0-\x7f])+)|\.((?:[\w-]|[^\0-\x7f])+)|\[\s*([\w-]+)\s*(?:([~|^$*]?=)\s*("[^"]*"|'[^']*'|[^\]\s]+)\s*[is]?)?\s*\]|:not\(([^()]*)\)|:(root|link|any-link|first-child|last-child|only-child|first-of-type|last-of-type|nth-child\([^()]*\)))/i;

/**
 * Tags, classes, ids, attributes, `:not` of these, descendants and children. Structural pseudo-classes
 * are taken to hold; those of a state (`:hover`) and siblings are not, and give null.
 */
export function parseSelector(source: string): Selector | null {
  const tokens = tokensOf(source);
  const steps: { compound: Compound; isChild: boolean }[] = [];
  let specificity = 0;
  let isChild = false;
  for (const token of tokens) {
    if (token === '>') {
      isChild = true;
      continue;
    }
    const compound = parseCompound(token);
    if (compound === null || steps.length === STEPS_MAX) return null;
    specificity += weight(compound);
    // The combinator belongs to the inner step.
    steps.unshift({ compound, isChild });
    isChild = false;
  }
  return steps.length === 0 ? null : { steps, specificity };
}

function tokensOf(source: string): string[] {
  const spaced = splitOutside(source.replace(/\s+/g, ' '), ' ');
  return spaced.flatMap((token) => splitOutside(token.replaceAll('>', ' > '), ' '));
}

function parseCompound(token: string): Compound | null {
  let tag: string | null = null;
  let id: string | null = null;
  const classes: string[] = [];
  const attributes: (readonly [string, string, string])[] = [];
  const excluded: Compound[] = [];
  for (let rest = token; rest !== ''; ) {
    const match = part.exec(rest);
    if (match === null) return null;
    const [whole, name, hash, className, attributeName, operator = '', value = '', not] = match;
    if (name !== undefined) tag = name === '*' ? null : name.toLowerCase();
    if (hash !== undefined) id = hash;
    if (className !== undefined) classes.push(className);
    if (attributeName !== undefined)
      attributes.push([attributeName.toLowerCase(), operator, value.replace(/^(["'])(.*)\1$/, '$2')]);
    if (not !== undefined) {
      const inner = not.includes(':') ? null : parseCompound(not.trim());
      if (inner === null) return null;
      excluded.push(inner);
    }
    rest = rest.slice(whole.length);
  }
  return { tag, id, classes, attributes, excluded };
}

function weight({ tag, id, classes, attributes, excluded }: Compound): number {
  const own =
    (id === null ? 0 : 10_000) + 100 * (classes.length + attributes.length) + (tag === null ? 0 : 1);
  return own + excluded.reduce((sum, one) => sum + weight(one), 0);
}

/** What a selector is looked up by: the rarest thing that its element must have. */
export function keyOf({ steps: [first] }: Selector): string {
  if (first === undefined) return '*';
  const { tag, id, classes } = first.compound;
  if (id !== null) return `#${id}`;
  return classes[0] === undefined ? (tag ?? '*') : `.${classes[0]}`;
}

export function matches(element: Element, { steps }: Selector): boolean {
  const [first, ...outer] = steps;
  if (first === undefined || !fits(element, first.compound)) return false;
  let inner = first;
  let at: Element | null = parentOf(element);
  for (const step of outer) {
    if (inner.isChild) {
      if (at === null || !fits(at, step.compound)) return false;
    } else {
      while (at !== null && !fits(at, step.compound)) at = parentOf(at);
      if (at === null) return false;
    }
    at = parentOf(at);
    inner = step;
  }
  return true;
}

function parentOf(element: Element): Element | null {
  const parent = element.parentNode;
  return parent !== null && 'tagName' in parent ? parent : null;
}

export function attribute(element: Element, name: string): string | null {
  return element.attrs.find((one) => one.name === name)?.value ?? null;
}

function fits(element: Element, { tag, id, classes, attributes, excluded }: Compound): boolean {
  if (tag !== null && element.tagName.toLowerCase() !== tag) return false;
  if (id !== null && attribute(element, 'id') !== id) return false;
  if (classes.length > 0) {
    const own = (attribute(element, 'class') ?? '').split(/\s+/);
    if (!classes.every((one) => own.includes(one))) return false;
  }
  return (
    attributes.every(([name, operator, value]) => holds(attribute(element, name), operator, value)) &&
    !excluded.some((one) => fits(element, one))
  );
}

function holds(actual: string | null, operator: string, value: string): boolean {
  if (actual === null) return false;
  switch (operator) {
    case '':
      return true;
    case '=':
      return actual === value;
    case '~=':
      return actual.split(/\s+/).includes(value);
    case '^=':
      return value !== '' && actual.startsWith(value);
    case '$=':
      return value !== '' && actual.endsWith(value);
    case '*=':
      return value !== '' && actual.includes(value);
    default:
      return actual === value || actual.startsWith(`${value}-`);
  }
}
