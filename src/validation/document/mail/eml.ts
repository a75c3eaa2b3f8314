import PostalMime, { decodeWords } from 'postal-mime';
import type { Attachment, Extraction, ExtractionLimits } from '../extraction.ts';
import { Gathering } from '../markup/gathering.ts';
import { readSafely, tooLarge, unreadable } from '../markup/problem.ts';
import { isPhrase } from '../markup/prose.ts';
import { addBody, addHeader } from './message.ts';
import { textsBetweenParts } from './between-parts.ts';

const NESTING_MAX = 32;
const HEADER_BYTES_MAX = 512 * 1024;
/** `This is a multi-part message in MIME format.` and what mail programs add to it. */
const PREAMBLE_WORDS = 20;

/** All text of an e-mail (RFC 5322, RFC 2045 ff.), seen and unseen. Messages inside it are attachments. */
export function readEml(bytes: Uint8Array, limits: ExtractionLimits): Promise<Extraction> {
  return readSafely(async () => {
    const email = await PostalMime.parse(bytes, {
      forceRfc822Attachments: true,
      maxNestingDepth: NESTING_MAX,
      maxHeadersSize: HEADER_BYTES_MAX,
    });
    if (!email.headers.some(({ key }) => ['from', 'subject', 'date', 'to', 'received'].includes(key)))
      throw unreadable('not-an-email');
    if (email.attachments.length > limits.attachmentsMax) throw tooLarge('attachments');
    const gathering = new Gathering(limits.charactersMax);
    for (const { originalKey, value } of email.headers) addHeader(originalKey, decodeWords(value), gathering);
    const embedded = addBody({ plain: email.text ?? null, page: email.html ?? null }, gathering, limits);
    for (const text of textsBetweenParts(bytes)) {
      gathering.addLine(isPhrase(text, PREAMBLE_WORDS) ? 'hidden:preamble' : 'metadata', text, 'preamble');
    }
    const attachments = email.attachments.map((one, i): Attachment => {
      gathering.addLine('visible', one.filename ?? '', 'file-name');
      gathering.addLine('metadata', one.description ?? '', 'file-name');
      const content = one.content as ArrayBuffer;
      return { place: `attachment=${i + 1}`, mediaType: one.mimeType, bytes: new Uint8Array(content) };
    });
    return {
      kind: 'read',
      pieces: gathering.pieces(),
      attachments: [...attachments.filter(({ bytes: content }) => content.length > 0), ...embedded],
    };
  });
}
