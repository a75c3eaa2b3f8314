import type { Finding } from '../../../decision/finding.ts';
import { type Content, Html, attribute, html } from '../html.ts';

/** Longer texts are cut in the report; the payload file has them whole. */
const shownCharactersMax = 200_000;
const rowsTogetherMax = 7;

export function section(id: string, title: string, content: Content): Html {
  return html`<section aria-labelledby="${attribute(id)}"><h2 id="${attribute(id)}">${title}</h2>${content}</section>`;
}

/** Names and values; a value of null is left out. */
export function facts(rows: readonly (readonly [string, Content])[]): Html {
  const shown = rows.filter(([, value]) => !isEmpty(value));
  return html`<dl${shortness(shown.length)}>${shown.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

/** What fits on a sheet stays together; what is longer may break between rows. */
function shortness(rows: number): Html {
  return new Html(rows <= rowsTogetherMax ? ' class="short"' : '');
}

function isEmpty(value: Content): boolean {
  return (
    value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

export interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
}

/** A table with a caption; its head is repeated on every sheet. The first column names the row. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Content[])[],
): Html {
  if (rows.length === 0) return html``;
  const kind = (i: number) => (columns[i]?.isNumber ? new Html(' class="number"') : '');
  const head = columns.map(({ title }, i) => html`<th scope="col"${kind(i)}>${title}</th>`);
  const body = rows.map(
    (row) =>
      html`<tr>${row.map((cell, i) =>
        i === 0 ? html`<th scope="row"${kind(i)}>${cell}</th>` : html`<td${kind(i)}>${cell}</td>`,
      )}</tr>
`,
  );
  return html`<table${shortness(rows.length)}><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

export function mono(text: string | null): Content {
  return text === null ? null : html`<bdi class="mono">${text}</bdi>`;
}

/** A moment as the record has it, in UTC, for people. */
export function moment(rfc3339: string): Html {
  return html`<time class="time" datetime="${attribute(rfc3339)}">${rfc3339.replace('T', ' ').replace('Z', ' UTC')}</time>`;
}

export function withBreaks(items: readonly Content[]): Content {
  return items.map((item, i) => (i === 0 ? item : [new Html('<br>'), item]));
}

/** A block of text from outside or from the model, with what was found in it marked. */
export function quote(options: {
  readonly caption: Content;
  readonly text: string;
  readonly kind: 'data' | 'instructions' | 'hidden-text' | 'plain';
  readonly findings?: readonly Finding[];
}): Html {
  const { caption, text, kind, findings = [] } = options;
  const cut = text.length > shownCharactersMax;
  const shown = cut ? text.slice(0, shownCharactersMax) : text;
  const rest = cut
    ? html`<p class="note">Cut here after ${shownCharactersMax} of ${text.length} characters. The payload file of the entry has the whole text.</p>`
    : null;
  return html`<figure class="${attribute(kind)}"><figcaption>${caption}</figcaption><pre>${marked(shown, findings)}</pre></figure>${rest}`;
}

/** The text with every finding's span marked; spans that overlap become one mark. */
function marked(text: string, findings: readonly Finding[]): Content {
  const pieces: Content[] = [];
  let done = 0;
  for (const { start, end, rules } of mergedSpans(text.length, findings)) {
    const title = `found: ${[...rules].join(', ')}`;
    pieces.push(
      text.slice(done, start),
      html`<mark title="${attribute(title)}">${text.slice(start, end)}</mark>`,
    );
    done = end;
  }
  return [...pieces, text.slice(done)];
}

interface MarkedSpan {
  readonly start: number;
  readonly end: number;
  readonly rules: ReadonlySet<string>;
}

function mergedSpans(length: number, findings: readonly Finding[]): MarkedSpan[] {
  const spans = findings
    .map(({ span, rule }) => ({ start: span.start, end: Math.min(span.end, length), rules: new Set([rule]) }))
    .filter(({ start, end }) => start < end)
    .toSorted((one, other) => one.start - other.start || one.end - other.end);
  const merged: MarkedSpan[] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) merged.push(span);
    else {
      const rules = new Set([...last.rules, ...span.rules]);
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, span.end), rules };
    }
  }
  return merged;
}

/** JSON as people read it; anything else as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

export function bytesText(count: number): string {
  return count < 10_000 ? `${count} bytes` : `${(count / 1024).toFixed(count < 1_000_000 ? 0 : 1)} KiB`;
}
