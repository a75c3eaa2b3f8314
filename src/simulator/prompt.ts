import { isJsonObject, parseJson } from './json-value.ts';

/** One message of a chat completion request, reduced to its role and text. */
export interface PromptMessage {
  readonly role: string;
  readonly text: string;
}

// Bounds the scan of a text that is all braces.
const objectAttemptsMax = 1000;

/** The messages of a request body, or null when it has none. Parts other than text are left out. */
export function readMessages(body: unknown): PromptMessage[] | null {
  const messages = member(body, 'messages');
  if (!Array.isArray(messages)) return null;
  return messages.map((message) => ({
    role: String(member(message, 'role')),
    text: textOf(member(message, 'content')),
  }));
}

/** The text of everything that outsiders wrote: every message that is not the operator's own. */
export function outsideText(messages: readonly PromptMessage[]): string {
  return messages
    .filter(({ role }) => role !== 'system' && role !== 'developer')
    .map(({ text }) => text)
    .join('\n');
}

/** The words of a text that holds JSON: escaped line ends and quotes would stick to them. */
export function withoutEscapes(text: string): string {
  return text.replaceAll(/\\[nrt]/g, '\n').replaceAll('\\"', '"');
}

/**
 * The first JSON object in a text, at any depth, that `read` accepts. Whatever stands around the
 * object (delimiters, prose, code fences) does not matter.
 */
export function findInJson<Found>(text: string, read: (value: unknown) => Found | null): Found | null {
  let start = text.indexOf('{');
  for (let attempt = 0; start !== -1 && attempt < objectAttemptsMax; attempt += 1) {
    const end = closingBrace(text, start);
    const value = end === -1 ? undefined : parseJson(text.slice(start, end + 1));
    if (value !== undefined) {
      const found = findInValue(value, read);
      if (found !== null) return found;
    }
    start = text.indexOf('{', value === undefined ? start + 1 : end);
  }
  return null;
}

function findInValue<Found>(value: unknown, read: (value: unknown) => Found | null): Found | null {
  if (typeof value !== 'object' || value === null) return null;
  const here = read(value);
  if (here !== null) return here;
  for (const child of Object.values(value)) {
    const found = findInValue(child, read);
    if (found !== null) return found;
  }
  return null;
}

/** Index of the brace that closes the one at `start`, or -1. Braces inside strings do not count. */
function closingBrace(text: string, start: number): number {
  let depth = 0;
  let inString = false;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (inString && character === '\\') index += 1;
    else if (character === '"') inString = !inString;
    else if (!inString && character === '{') depth += 1;
    else if (!inString && character === '}') depth -= 1;
    if (depth === 0) return index;
  }
  return -1;
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part) => member(part, 'text'))
    .filter((text) => typeof text === 'string')
    .join('\n');
}

function member(value: unknown, name: string): unknown {
  return isJsonObject(value) ? value[name] : undefined;
}
