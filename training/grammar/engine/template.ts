import type { Draw } from './draw.ts';

/**
 * Phrases are written as templates: `[a|b|]` is one of its branches (an empty one makes it optional, and
 * branches nest), `{slot}` is a fact of the case or a phrase of a named list. Literal brackets, braces and
 * bars are written ⟦ ⟧ ⦃ ⦄ ¦.
 */
type Node = string | { readonly slot: string } | { readonly branches: readonly Sequence[] };
type Sequence = readonly Node[];

const literals: Readonly<Record<string, string>> = { '⟦': '[', '⟧': ']', '⦃': '{', '⦄': '}', '¦': '|' };
const parsed = new Map<string, Sequence>();

/** @throws Error when a bracket or brace of the template is not closed: a mistake in our own data. */
function parseTemplate(template: string): Sequence {
  const known = parsed.get(template);
  if (known !== undefined) return known;
  const { sequence, end } = parseSequence(template, 0, false);
  if (end !== template.length) throw new Error(`unbalanced template: ${template}`);
  parsed.set(template, sequence);
  return sequence;
}

function parseSequence(template: string, from: number, inside: boolean): { sequence: Sequence; end: number } {
  const sequence: Node[] = [];
  let text = '';
  let at = from;
  const flush = () => {
    if (text !== '') sequence.push(text);
    text = '';
  };
  while (at < template.length) {
    const char = template.charAt(at);
    if (inside && (char === '|' || char === ']')) break;
    if (char === ']' || char === '}') throw new Error(`unbalanced template: ${template}`);
    if (char === '[') {
      flush();
      const { node, end } = parseBranches(template, at + 1);
      sequence.push(node);
      at = end;
    } else if (char === '{') {
      flush();
      const close = template.indexOf('}', at);
      if (close < 0) throw new Error(`unbalanced template: ${template}`);
      sequence.push({ slot: template.slice(at + 1, close) });
      at = close + 1;
    } else {
      text += literals[char] ?? char;
      at++;
    }
  }
  flush();
  return { sequence, end: at };
}

function parseBranches(template: string, from: number): { node: Node; end: number } {
  const branches: Sequence[] = [];
  let at = from;
  for (;;) {
    const { sequence, end } = parseSequence(template, at, true);
    branches.push(sequence);
    if (end >= template.length) throw new Error(`unbalanced template: ${template}`);
    at = end + 1;
    if (template[end] === ']') return { node: { branches }, end: at };
  }
}

/** What a slot stands for: a text that is ready, or further templates of which one is taken. */
export type Lookup = (slot: string) => string | readonly string[];

/** One text of the template. Doubled spaces that empty branches leave are closed up. */
export function expandTemplate(template: string, draw: Draw, lookup: Lookup): string {
  return write(parseTemplate(template), draw, lookup)
    .replace(/ {2,}/g, ' ')
    .replace(/ (?=[,.;!?](?:\s|$))/g, '')
    .replace(/^ +| +$/g, '');
}

function write(sequence: Sequence, draw: Draw, lookup: Lookup): string {
  let text = '';
  for (const node of sequence) {
    if (typeof node === 'string') text += node;
    else if ('slot' in node) {
      const found = lookup(node.slot);
      text += typeof found === 'string' ? found : write(parseTemplate(draw.pick(found)), draw, lookup);
    } else text += write(draw.pick(node.branches), draw, lookup);
  }
  return text;
}

/** The names of all slots in a template. */
export function slotsOf(template: string): string[] {
  const walk = (sequence: Sequence): string[] =>
    sequence.flatMap((node) => {
      if (typeof node === 'string') return [];
      return 'slot' in node ? [node.slot] : node.branches.flatMap(walk);
    });
  return walk(parseTemplate(template));
}
