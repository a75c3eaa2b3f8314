import { type CssRule, type Declaration, type Declarations, declarationsOf } from './css.ts';
import { tooLarge } from './problem.ts';
import { attribute, type Element, keyOf, matches, parseSelector, type Selector } from './selector.ts';

interface Placed {
  readonly selector: Selector;
  readonly declarations: Declarations;
  readonly order: number;
}

/** Elements times rules that are tried on them. */
const TRIALS_MAX = 5_000_000;
/** States that a reader brings about without any script. */
const states = /:(?:hover|focus|focus-within|focus-visible|checked|target|active)\b/g;
const revealing = new Set([
  'display',
  'visibility',
  'opacity',
  'max-height',
  'height',
  'left',
  'top',
  'transform',
  'clip',
]);

/** Rules by what an element must have for them, and what comes out of them for an element (CSS Cascade 4). */
export class Cascade {
  readonly #byKey = new Map<string, Placed[]>();
  readonly #revealed: Selector[] = [];
  #variables = new Map<string, string>();
  #trials = 0;

  constructor(rules: readonly CssRule[]) {
    for (const [order, { selectors, declarations }] of rules.entries()) {
      for (const [name, { value }] of declarations)
        if (name.startsWith('--')) this.#variables.set(name, value);
      for (const source of selectors) {
        const selector = parseSelector(source);
        if (selector !== null) {
          const key = keyOf(selector);
          const placed = this.#byKey.get(key) ?? [];
          placed.push({ selector, declarations, order });
          this.#byKey.set(key, placed);
        } else if (source.search(states) !== -1) this.#addRevealing(source, declarations);
      }
    }
  }

  /** Whether a state that a reader brings about, such as pointing at a menu, shows an element. */
  isRevealed(element: Element): boolean {
    this.#count(this.#revealed.length);
    return this.#revealed.some((selector) => matches(element, selector));
  }

  /** The declarations that hold for an element, by property. */
  style(element: Element): ReadonlyMap<string, string> {
    const found: Placed[] = [];
    const classes = (attribute(element, 'class') ?? '').split(/\s+/).filter((name) => name !== '');
    const id = attribute(element, 'id');
    const keys = [
      '*',
      element.tagName,
      ...new Set(classes.map((name) => `.${name}`)),
      ...(id === null ? [] : [`#${id}`]),
    ];
    for (const key of keys) {
      const candidates = this.#byKey.get(key) ?? [];
      this.#count(candidates.length);
      for (const placed of candidates) if (matches(element, placed.selector)) found.push(placed);
    }
    found.sort(
      (one, other) => one.selector.specificity - other.selector.specificity || one.order - other.order,
    );
    const winners = new Map<string, Declaration>();
    const own = attribute(element, 'style');
    for (const declarations of [
      ...found.map((placed) => placed.declarations),
      ...(own === null ? [] : [declarationsOf(own)]),
    ]) {
      for (const [property, declaration] of declarations) {
        if (winners.get(property)?.important === true && !declaration.important) continue;
        // A later one moves to the end, so that a shorthand and its parts stand in their order.
        winners.delete(property);
        winners.set(property, declaration);
      }
    }
    return new Map([...winners].map(([property, { value }]) => [property, this.#resolved(value)]));
  }

  #resolved(value: string): string {
    if (!value.includes('var(')) return value;
    return value.replace(/var\(\s*(--[\w-]+)\s*(?:,([^()]*))?\)/g, (_, name: string, otherwise?: string) =>
      (this.#variables.get(name) ?? otherwise ?? '').trim(),
    );
  }

  #addRevealing(source: string, declarations: Declarations): void {
    const shows = [...declarations].some(
      ([property, { value }]) => revealing.has(property) && !['none', 'hidden', '0', '0px'].includes(value),
    );
    const last =
      source
        .replace(states, '')
        .split(/[\s>+~]+/)
        .at(-1) ?? '';
    const selector = shows && last !== '' ? parseSelector(last) : null;
    if (selector !== null) this.#revealed.push(selector);
  }

  #count(trials: number): void {
    this.#trials += trials;
    if (this.#trials > TRIALS_MAX) throw tooLarge('style-rules');
  }
}
