import type { Attachment, Extraction, ExtractionLimits } from '../extraction.ts';
import { Cascade } from './cascade.ts';
import { cssComments, rulesOf, withoutCssComments } from './css.ts';
import { Gathering } from './gathering.ts';
import { PageWalk } from './page-walk.ts';
import { decodePage, elementsOf, innerText, parsePage } from './page-tree.ts';
import { readSafely, tooLarge } from './problem.ts';
import { scriptSentences } from './script-text.ts';
import { isPhrase } from './prose.ts';

export interface PageOptions {
  /** A part of a message, whose first hidden line mail programs show beside the subject. */
  readonly isMail?: boolean;
}

/** All text of an HTML page, seen and unseen. Nothing is fetched or run. */
export function readHtml(bytes: Uint8Array, limits: ExtractionLimits): Promise<Extraction> {
  return readSafely(() => {
    const gathering = new Gathering(limits.charactersMax);
    const attachments = addPage(decodePage(bytes), gathering, limits);
    return { kind: 'read', pieces: gathering.pieces(), attachments };
  });
}

/**
 * Adds all text of a page.
 *
 * @returns the files that it carries in itself
 * @throws DocumentProblem when it is beyond the bounds
 */
export function addPage(
  source: string,
  gathering: Gathering,
  limits: ExtractionLimits,
  options: PageOptions = {},
): Attachment[] {
  const document = parsePage(source);
  const styles = elementsOf(document)
    .filter(({ tagName }) => tagName === 'style')
    .map(innerText);
  const cascade = new Cascade(styles.flatMap(rulesOf));
  const walk = new PageWalk(document, cascade, gathering, options.isMail === true);
  walk.read();
  for (const sheet of styles) {
    for (const text of [...cssComments(sheet), ...contentsOf(sheet)])
      if (isPhrase(text, 4)) gathering.addLine('metadata', text, 'style');
  }
  for (const script of walk.scripts) {
    for (const text of scriptSentences(script)) gathering.addLine('metadata', text, 'script');
  }
  if (walk.embedded.length > limits.attachmentsMax) throw tooLarge('attachments');
  return walk.embedded.flatMap((address, i) => embeddedFile(address, i + 1) ?? []);
}

/** Texts that style sheets put before and after elements. */
function contentsOf(sheet: string): string[] {
  return scriptSentences(withoutCssComments(sheet));
}

/** A file in an address (RFC 2397), or the page of a frame. */
function embeddedFile(address: string, number: number): Attachment | null {
  const match = /^\s*data:([\w.+/-]*)((?:;[^,;]*)*),/i.exec(address.slice(0, 1000));
  if (match === null) return null;
  const data = address.slice(match[0].length);
  const isBase64 = /;\s*base64\s*$/i.test(match[2] ?? '');
  const bytes = isBase64 ? Buffer.from(data, 'base64') : Buffer.from(percentDecoded(data), 'latin1');
  if (bytes.length === 0) return null;
  return {
    place: `embedded=${number}`,
    mediaType: (match[1] || 'text/plain').toLowerCase(),
    bytes: new Uint8Array(bytes),
  };
}

function percentDecoded(data: string): string {
  return data.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
