import { digestOf } from '../../../decision/canonical.ts';
import type { SurfaceText } from '../../../decision/surface.ts';
import type { RecordedInput } from '../../payload-content.ts';
import { type Content, type Html, html } from '../html.ts';
import type { Telling } from '../telling.ts';
import { bytesText, facts, mono, pretty, quote, section, table } from './pieces.ts';

/** What came in: the request, its documents and what was retrieved for it. */
export function asked(telling: Telling): Html {
  const { input, variant, textsAsInspected } = telling;
  if (input === null) {
    return section('asked', 'What was asked', html`<p>${whyNot(telling)}</p>`);
  }
  const hasDocuments = input.documents.length > 0;
  return section('asked', 'What was asked', [
    facts([
      ['Route', mono(input.route)],
      ['Subject, as the caller names it', input.label?.claims.subject ?? 'none named'],
      ['Documents', String(input.documents.length)],
      ['Retrieved passages', String(input.context.length)],
    ]),
    quote({ caption: requestCaption(telling), text: pretty(withoutFiles(input)), kind: 'data' }),
    hasDocuments ? documents(input, telling) : null,
    input.context.length > 0 ? retrieved(input, telling) : null,
    hasDocuments && variant === 'full' ? html`<p class="note">${readAgain(textsAsInspected)}</p>` : null,
  ]);
}

function whyNot({ entries }: Telling): string {
  const erased = entries.find(({ withheld, plaintext }) => withheld !== null && plaintext === null);
  return erased?.withheld ?? 'The request was refused before anything of it was recorded.';
}

function requestCaption({ variant }: Telling): string {
  return variant === 'full'
    ? 'The request body as it arrived, laid out for reading; files are named by their size. The payload file has the exact bytes.'
    : 'The request body, laid out for reading; what is not the subject’s own is withheld.';
}

/** Base64 of whole files says nothing to a reader; they are told of below. */
function withoutFiles(input: RecordedInput): string {
  const body: unknown = JSON.parse(input.body);
  const short = (value: unknown): unknown => {
    if (typeof value === 'string') {
      const isFile =
        value.length > 512 && /^(?:data:[\w.+-]+\/[\w.+-]+;base64,)?[A-Za-z0-9+/=\s]+$/.test(value);
      return isFile ? `[file: ${value.length} characters of base64]` : value;
    }
    if (Array.isArray(value)) return value.map(short);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, short(item)]));
  };
  return JSON.stringify(short(body));
}

interface WithheldBytes {
  readonly encoding: 'withheld';
  readonly length: number;
}

function documents(input: RecordedInput, telling: Telling): Content {
  const rows = input.documents.map(({ origin, mediaType, bytes }) => {
    const recorded = bytes as typeof bytes | WithheldBytes;
    if (recorded.encoding === 'withheld') {
      return [mono(origin), mediaType, bytesText(recorded.length), 'withheld'];
    }
    const raw = Buffer.from(recorded.data, recorded.encoding);
    return [mono(origin), mediaType, bytesText(raw.length), mono(digestOf(raw))];
  });
  const columns = [
    { title: 'Place' },
    { title: 'Media type' },
    { title: 'Size', isNumber: true },
    { title: 'SHA-256' },
  ];
  return [
    html`<h3>Documents</h3>`,
    table('Documents that came with the request', columns, rows),
    input.documents.map(({ origin }) => pieces(origin, telling.texts)),
  ];
}

/** What stood in one document, hidden text apart. */
function pieces(origin: string, texts: readonly SurfaceText[]): Content {
  const own = texts.filter(
    (part) => part.surface === 'document' && (part.origin === origin || part.origin.startsWith(`${origin}#`)),
  );
  return own.map((part) =>
    quote({
      caption: [
        'Text read from ',
        mono(part.origin),
        part.hidden === true ? ' – a reader of the document would not see this' : '',
      ],
      text: part.text,
      kind: part.hidden === true ? 'hidden-text' : 'data',
    }),
  );
}

function readAgain(asInspected: boolean | null): string {
  const how = 'The text of documents is read again from the recorded bytes for this report. ';
  if (asInspected === true)
    return `${how}All texts together have the digest that the intent recorded: this is what was inspected.`;
  if (asInspected === false) {
    return `${how}All texts together have another digest than the intent recorded: the reader has changed since, and may read documents differently.`;
  }
  return how;
}

function retrieved(input: RecordedInput, { attempts }: Telling): Content {
  const recorded = attempts[0]?.facts.context;
  const rows = input.context.map(({ id, version, text }, i) => [
    mono(id),
    mono(version),
    mono(recorded?.[i]?.digest ?? null),
    String(text.length),
  ]);
  const columns = [
    { title: 'Source' },
    { title: 'Version' },
    { title: 'SHA-256, from the header' },
    { title: 'Characters', isNumber: true },
  ];
  return [
    html`<h3>Retrieved context</h3>`,
    table('Passages that the caller retrieved for this case', columns, rows),
    input.context.map(({ id, version, text }) =>
      quote({ caption: ['Passage ', mono(id), ', version ', mono(version)], text, kind: 'data' }),
    ),
  ];
}
