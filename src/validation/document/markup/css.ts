/** Declarations by property, in lower case. */
export type Declarations = ReadonlyMap<string, Declaration>;

export interface Declaration {
  readonly value: string;
  readonly important: boolean;
}

export interface CssRule {
  readonly selectors: readonly string[];
  readonly declarations: Declarations;
}

const RULES_MAX = 20_000;
const NESTING_MAX = 8;

/** `a: b; c: d !important`; of two of the same property the later one holds. */
export function declarationsOf(source: string): Declarations {
  const declarations = new Map<string, Declaration>();
  for (const part of splitOutside(source, ';')) {
    const colon = part.indexOf(':');
    if (colon === -1) continue;
    const property = unescaped(part.slice(0, colon)).trim().toLowerCase();
    const given = unescaped(part.slice(colon + 1)).trim();
    const important = /!\s*important$/i.test(given);
    const value = important ? given.slice(0, given.lastIndexOf('!')).trim() : given;
    const before = declarations.get(property);
    if (before?.important === true && !important) continue;
    declarations.set(property, { value: value.startsWith('url(') ? value : value.toLowerCase(), important });
  }
  return declarations;
}

/** The rules of a style sheet that apply to a wide screen, in their order. */
export function rulesOf(sheet: string): CssRule[] {
  const rules: CssRule[] = [];
  collect(withoutCssComments(sheet), rules, 0);
  return rules;
}

/** Texts between `/*` and its end. */
export function cssComments(sheet: string): string[] {
  const comments: string[] = [];
  for (let at = sheet.indexOf('/*'); at !== -1; at = sheet.indexOf('/*', at)) {
    const end = sheet.indexOf('*/', at + 2);
    comments.push(sheet.slice(at + 2, end === -1 ? undefined : end));
    if (end === -1) break;
    at = end + 2;
  }
  return comments;
}

export function withoutCssComments(sheet: string): string {
  let text = '';
  let from = 0;
  for (let at = sheet.indexOf('/*'); at !== -1; at = sheet.indexOf('/*', from)) {
    text += `${sheet.slice(from, at)} `;
    const end = sheet.indexOf('*/', at + 2);
    if (end === -1) return text;
    from = end + 2;
  }
  // Marks that hid style sheets from browsers of the nineties are still written.
  return (text + sheet.slice(from)).replace(/<!--|-->/g, ' ');
}

function collect(source: string, rules: CssRule[], depth: number): void {
  let at = 0;
  while (at < source.length && rules.length < RULES_MAX) {
    const open = source.indexOf('{', at);
    if (open === -1) return;
    // Statements without a block, such as imports, stand before the selector.
    const head = source.slice(at, open).split(';').at(-1)?.trim() ?? '';
    const close = blockEnd(source, open);
    const body = source.slice(open + 1, close);
    if (!head.startsWith('@')) {
      rules.push({ selectors: splitOutside(head, ','), declarations: declarationsOf(body) });
    } else if (depth < NESTING_MAX && applies(head.toLowerCase())) collect(body, rules, depth + 1);
    at = close + 1;
  }
}

/** Whether the rules in a conditional group hold for a reader at a wide screen. */
function applies(head: string): boolean {
  if (/^@(?:supports|layer|container)\b/.test(head)) return true;
  if (!head.startsWith('@media')) return false;
  const query = head.slice('@media'.length);
  if (/print|speech|prefers-|max-(?:device-)?width|orientation\s*:\s*portrait|\bnot\b/.test(query))
    return false;
  const widths = [...query.matchAll(/min-(?:device-)?width\s*:\s*([\d.]+)/g)].map(([, width]) =>
    Number(width),
  );
  return widths.every((width) => width <= 1200);
}

function blockEnd(source: string, open: number): number {
  let depth = 0;
  for (let at = open; at < source.length; at += 1) {
    const character = source[at];
    if (character === '{') depth += 1;
    else if (character === '}') depth -= 1;
    else if (character === '"' || character === "'") at = stringEnd(source, at);
    if (depth === 0) return at;
  }
  return source.length;
}

/** Where a string ends; an unclosed one ends with its line. */
function stringEnd(source: string, open: number): number {
  for (let at = open + 1; at < source.length; at += 1) {
    if (source[at] === source[open]) return at;
    if (source[at] === '\n') return at;
    if (source[at] === '\\') at += 1;
  }
  return source.length;
}

/** Splits at a separator that stands outside of strings and parentheses. */
export function splitOutside(source: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < source.length; at += 1) {
    const character = source[at];
    if (character === '(' || character === '[') depth += 1;
    else if (character === ')' || character === ']') depth -= 1;
    else if (character === '"' || character === "'") at = stringEnd(source, at);
    else if (character === separator && depth <= 0) {
      parts.push(source.slice(from, at).trim());
      from = at + 1;
    }
  }
  parts.push(source.slice(from).trim());
  return parts.filter((part) => part !== '');
}

/** `\64 isplay` is a way to write `display` (CSS Syntax 3, 4.3.7). */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:([0-9a-f]{1,6})\s?|(.))/gi, (_, hex: string | undefined, other: string) => {
    if (hex === undefined) return other;
    const code = Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
}
