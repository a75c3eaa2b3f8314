import { type Content, type Html, html } from '../html.ts';
import type { Attempt, Telling } from '../telling.ts';
import { facts, moment, mono, pretty, quote, section } from './pieces.ts';

interface Message {
  readonly role: string;
  readonly content: unknown;
}

/** What left for the model, message by message, instructions and data apart. */
export function shown({ attempts, input }: Telling): Html {
  if (attempts.length === 0) {
    return section(
      'shown',
      'What the model was shown',
      html`<p>Nothing. The decision ended before a model was asked.</p>`,
    );
  }
  return section('shown', 'What the model was shown', [
    html`<p class="note">Blocks with a thin ochre edge are data: text from outside, set apart from instructions by a marker that its author could not know. Blocks with a blue edge are instructions.</p>`,
    attempts.map((attempt, i) => oneAttempt(attempt, i, input?.marker ?? null)),
  ]);
}

function oneAttempt(attempt: Attempt, i: number, marker: string | null): Content {
  const { intent, facts: intended, upstream } = attempt;
  return [
    html`<h3>Attempt ${i + 1}${intended.variant === 'masked' ? ', with the suspect passages withheld' : ''}</h3>`,
    facts([
      ['Recorded before it left', moment(intent.header.time)],
      ['Model', mono(`${intended.model.id} ${intended.model.version}`)],
      ['Endpoint', mono(intended.endpoint.id)],
      ['Parameters', mono(JSON.stringify(intended.parameters))],
      ['SHA-256 of the bytes that left', mono(intended.requestDigest)],
    ]),
    upstream === null ? html`<p>${intent.withheld ?? ''}</p>` : messages(upstream, marker),
  ];
}

function messages(upstream: string, marker: string | null): Content {
  const body = JSON.parse(upstream) as { messages?: readonly Message[] };
  if (!Array.isArray(body.messages))
    return quote({ caption: 'Request', text: pretty(upstream), kind: 'plain' });
  const { messages: list, ...rest } = body as { messages: readonly Message[] };
  return [
    list.map((message, i) => oneMessage(message, i, marker)),
    quote({ caption: 'Everything else in the request', text: JSON.stringify(rest, null, 2), kind: 'plain' }),
  ];
}

function oneMessage({ role, content }: Message, i: number, marker: string | null): Content {
  const title = `Message ${i + 1}, ${role}`;
  if (typeof content !== 'string') {
    return quote({ caption: title, text: JSON.stringify(content, null, 2), kind: kindOf(role) });
  }
  const blocks = marker === null ? [] : dataBlocks(content, marker);
  if (blocks.length === 0) return quote({ caption: title, text: content, kind: kindOf(role) });
  return blocks.map(({ kind, id, text }) =>
    quote({
      caption: [title, ', data block: ', blockNames[kind] ?? kind, ' ', mono(id)],
      text: pretty(text),
      kind: 'data',
    }),
  );
}

function kindOf(role: string): 'instructions' | 'data' {
  return role === 'system' || role === 'developer' ? 'instructions' : 'data';
}

const blockNames: Readonly<Record<string, string>> = {
  case: 'the case',
  retrieved: 'retrieved passage',
  tool_result: 'result of a tool',
  document: 'document',
};

/** The blocks between the decision's own markers; none where the text holds anything else beside them. */
function dataBlocks(content: string, marker: string): { kind: string; id: string; text: string }[] {
  const end = `\n</data marker="${marker}">`;
  const found = content
    .split(end)
    .slice(0, -1)
    .flatMap((piece) => {
      const match = /^\s*<data marker="([^"]+)" kind="(\w+)" id="([^"]*)">\n([\s\S]*)$/.exec(piece);
      if (match?.[1] !== marker) return [];
      return [{ kind: match[2] ?? '', id: unescapeAttribute(match[3] ?? ''), text: match[4] ?? '' }];
    });
  return found.length === content.split(end).length - 1 ? found : [];
}

function unescapeAttribute(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
