import type { Attachment, ExtractionLimits } from '../extraction.ts';
import { Gathering } from '../markup/gathering.ts';
import { addPage } from '../markup/html.ts';
import { onlyInOne } from './alternatives.ts';

/** The two forms of a message's body, where there are two, in whatever format they came. */
export interface MessageBody {
  readonly plain: string | null;
  readonly page: string | null;
}

/**
 * Adds the body of a message, and what only one of its forms says.
 *
 * @returns the files that the page carries in itself
 */
export function addBody(
  { plain, page }: MessageBody,
  gathering: Gathering,
  limits: ExtractionLimits,
): Attachment[] {
  if (page === null) {
    if (plain !== null) gathering.addLine('visible', plain);
    return [];
  }
  const own = new Gathering(limits.charactersMax);
  const attachments = addPage(page, own, limits, { isMail: true });
  const pieces = own.pieces();
  for (const { layer, text, part } of pieces) gathering.addLine(layer, text, part);
  if (plain === null) return attachments;
  gathering.addLine('visible', plain, 'plain');
  const textOf = (layers: readonly string[]) =>
    pieces
      .filter(({ layer }) => layers.includes(layer))
      .map(({ text }) => text)
      .join('\n\n');
  const texts = { plain, page: textOf(['visible', 'annotation', 'form']), seen: textOf(['visible']) };
  for (const sentence of onlyInOne(texts)) gathering.addLine('hidden:alternative', sentence);
  return attachments;
}

/** Long runs without a space, such as signatures of servers, are no text. */
const TOKEN_CHARACTERS_MAX = 80;

/** Header lines as metadata; the subject and the names of the correspondents are shown. */
export function addHeader(name: string, value: string, gathering: Gathering): void {
  const shown = ['subject', 'from', 'to', 'cc', 'reply-to', 'sender'].includes(name.toLowerCase());
  const text = value
    .split(/\s+/)
    .filter((token) => token.length <= TOKEN_CHARACTERS_MAX || shown)
    .join(' ');
  gathering.addLine(shown ? 'visible' : 'metadata', shown ? text : `${name}: ${text}`, 'header');
}
