/** UTF-16 offsets, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const whitespace = /[\t\n\r ]*/y;
/** A number, true, false or null (RFC 8259, section 3), up to what may follow it. */
const literal = /[^\s,\]}:[{"]+/y;

/**
 * Where the value of a top-level field stands in the text of a JSON object. Null when the text is no
 * object, the field is absent or appears twice: JSON.parse would keep the last, another reader the first.
 * The text must be known to parse; the scan itself only follows its structure.
 */
export function fieldSpan(text: string, field: string): Span | null {
  let at = skipWhitespace(text, 0);
  if (text[at] !== '{') return null;
  at = skipWhitespace(text, at + 1);
  let found: Span | null = null;
  while (at < text.length && text[at] !== '}') {
    const keyEnd = valueEnd(text, at);
    if (keyEnd === null) return null;
    const start = skipWhitespace(text, skipWhitespace(text, keyEnd) + 1);
    const end = valueEnd(text, start);
    if (end === null) return null;
    if (JSON.parse(text.slice(at, keyEnd)) === field) {
      if (found !== null) return null;
      found = { start, end };
    }
    at = skipWhitespace(text, end);
    if (text[at] === ',') at = skipWhitespace(text, at + 1);
  }
  return found;
}

function skipWhitespace(text: string, from: number): number {
  whitespace.lastIndex = from;
  whitespace.test(text);
  return whitespace.lastIndex;
}

/** The end of the value that begins at `from`; null when nothing readable begins there. */
function valueEnd(text: string, from: number): number | null {
  let depth = 0;
  let at = from;
  do {
    at = skipWhitespace(text, at);
    const character = text[at];
    if (character === '{' || character === '[') depth += 1;
    if (character === '}' || character === ']') depth -= 1;
    if (character !== undefined && '{}[],:'.includes(character)) {
      at += 1;
    } else {
      const end = character === '"' ? stringEnd(text, at) : literalEnd(text, at);
      if (end === null) return null;
      at = end;
    }
  } while (depth > 0);
  return at;
}

/** By hand: a regular expression with an alternative per character overflows the stack on a long answer. */
function stringEnd(text: string, from: number): number | null {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '"') return at + 1;
    if (text[at] === '\\') at += 1;
  }
  return null;
}

function literalEnd(text: string, from: number): number | null {
  literal.lastIndex = from;
  return literal.test(text) ? literal.lastIndex : null;
}
