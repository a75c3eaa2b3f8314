import { shownCharacters } from './unseen.ts';

/** Markup that is safe to be written as it is. Made only by the functions of this file. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

export type Content = Html | string | number | null | undefined | readonly Content[];

/**
 * A template whose text is ours and whose values are not: strings are escaped, and characters that nobody
 * sees are shown. A value inside an attribute goes through `attribute`.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  const rest = values.map((value, i) => markupOf(value) + (parts[i + 1] ?? ''));
  return new Html((parts[0] ?? '') + rest.join(''));
}

/** Text for an attribute: escaped, and without a character that could hide or turn what follows. */
export function attribute(text: string): Html {
  const shown = shownCharacters(text).map((piece) => piece.text);
  return new Html(escapeHtml(shown.join('')));
}

function markupOf(value: Content): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Html) return value.markup;
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return value.map(markupOf).join('');
  return shownCharacters(value)
    .map(({ text, unseen }) =>
      unseen ? `<span class="unseen">${escapeHtml(text)}</span>` : escapeHtml(text),
    )
    .join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
