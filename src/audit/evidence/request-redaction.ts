import { withheldText } from './masking.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The body of a request as it arrived, without what is not the subject's own. */
export function redactBody(body: string): string {
  const fields = JSON.parse(body) as Fields;
  return JSON.stringify(Array.isArray(fields['messages']) ? redactChat(fields) : redactCase(fields));
}

/** What left for the model: the subject's case stays, every other block and message is withheld. */
export function redactUpstream(upstream: string): string {
  return JSON.stringify(redactChat(JSON.parse(upstream) as Fields));
}

function redactCase(fields: Fields): Fields {
  const list = (name: string, show: (item: Fields) => Fields) => {
    const items = fields[name];
    return Array.isArray(items) ? { [name]: items.map((item) => show(item as Fields)) } : {};
  };
  return {
    ...(typeof fields['decisionType'] === 'string' ? { decisionType: fields['decisionType'] } : {}),
    input: fields['input'] ?? null,
    ...list('context', ({ id, version, text }) => ({ id, version, text: withhold(text) })),
    ...list('toolResults', ({ tool, text }) => ({ tool, text: withhold(text) })),
    ...list('documents', ({ mediaType, base64 }) => ({ mediaType, base64: withhold(base64) })),
  };
}

/** Scalars of a chat request are parameters and stay; `stop` and objects may quote anybody. */
function redactChat(fields: Fields): Fields {
  const shown = Object.entries(fields).map(([name, value]) => {
    if (name === 'messages') return [name, (value as readonly Fields[]).map(redactMessage)];
    const isParameter = name !== 'stop' && (typeof value !== 'object' || value === null);
    return [name, isParameter ? value : withhold(value)];
  });
  return Object.fromEntries(shown) as Fields;
}

function redactMessage({ role, name, content }: Fields): Fields {
  if (role !== 'user') return { role, content: withhold(content) };
  const named = name === undefined ? {} : { name };
  if (typeof content === 'string') return { role, ...named, content: redactBlocks(content) };
  if (!Array.isArray(content)) return { role, ...named, content: withhold(content) };
  const parts = content.map((part: Fields) =>
    part['type'] === 'text' ? part : { type: part['type'], withheld: withhold(part) },
  );
  return { role, ...named, content: parts };
}

const dataBlock = /<data marker="([\w-]+)" kind="(\w+)" id="([^"]*)">\n([\s\S]*?)\n<\/data marker="\1">/g;

/** Text that the gateway assembled stands in marked blocks; a user's own text has none. */
function redactBlocks(content: string): string {
  return content.replaceAll(dataBlock, (_block, _marker: string, kind: string, id: string, text: string) => {
    const shown = kind === 'case' ? text : withheldText(text);
    return `<data marker="[withheld]" kind="${kind}" id="${id}">\n${shown}\n</data marker="[withheld]">`;
  });
}

function withhold(value: unknown): string {
  if (value === undefined || value === null) return '[withheld]';
  return withheldText(typeof value === 'string' ? value : JSON.stringify(value));
}
