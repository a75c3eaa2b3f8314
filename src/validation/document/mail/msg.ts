import { isUtf8 } from 'node:buffer';
import type { Attachment, ExtractedPiece, Extraction, ExtractionLimits } from '../extraction.ts';
import { Gathering } from '../markup/gathering.ts';
import { decodePage } from '../markup/page-tree.ts';
import { readSafely, tooLarge, unreadable } from '../markup/problem.ts';
import { onlyInOne } from './alternatives.ts';
import { openCompoundFile, type Storage } from './compound-file.ts';
import { addBody, addHeader } from './message.ts';
import { decompressRtf, readRtf } from './rtf.ts';

/* Properties of messages ([MS-OXPROPS]), by their tags. */
const SUBJECT = '0037';
const BODY = '1000';
const RTF = '1009';
const PAGE = '1013';
const HEADERS = '007D';
const DATA = '3701';
const MIME_TYPE = '370E';
/** Names of correspondents and of files: what a mail program shows. */
const shown: Readonly<Record<string, string>> = {
  '0C1A': 'From',
  '0042': 'Sender',
  '0E04': 'To',
  '0E03': 'Cc',
  '3001': 'To',
};
const fileNames = new Set(['3704', '3707']);
const UNICODE = '001F';
const STRING = '001E';
const BINARY = '0102';
const OBJECT = '000D';

interface Message {
  readonly pieces: ExtractedPiece[];
  readonly attachments: Attachment[];
}

/** All text of an Outlook message ([MS-OXMSG]), seen and unseen, and of messages inside it. */
export function readMsg(bytes: Uint8Array, limits: ExtractionLimits): Promise<Extraction> {
  return readSafely(() => {
    const root = openCompoundFile(bytes);
    if (!root.streamNames.includes('__properties_version1.0')) throw unreadable('not-a-message');
    const message = readMessage(root, limits, '', 0);
    if (message.attachments.length > limits.attachmentsMax) throw tooLarge('attachments');
    return { kind: 'read', ...message };
  });
}

function readMessage(storage: Storage, limits: ExtractionLimits, within: string, depth: number): Message {
  if (depth > limits.depthMax) throw tooLarge('depth');
  const gathering = new Gathering(limits.charactersMax);
  const embedded = addProperties(storage, gathering, limits);
  const inner: Message = { pieces: [], attachments: [] };
  const place = (own: string) => (within === '' ? own : `${within};${own}`);
  let number = 0;
  for (const child of storage.storages) {
    if (child.name.startsWith('__recip_version1.0')) addNames(child, gathering);
    if (!child.name.startsWith('__attach_version1.0')) continue;
    number += 1;
    addNames(child, gathering);
    const data = child.stream(`__substg1.0_${DATA}${BINARY}`);
    const mediaType = text(child, MIME_TYPE) ?? 'application/octet-stream';
    if (data !== null && data.length > 0) {
      inner.attachments.push({ place: place(`attachment=${number}`), mediaType, bytes: data });
    }
    const object = child.storages.find(({ name }) => name === `__substg1.0_${DATA}${OBJECT}`);
    if (object === undefined) continue;
    const message = readMessage(object, limits, place(`attachment=${number}`), depth + 1);
    inner.pieces.push(...message.pieces);
    inner.attachments.push(...message.attachments);
  }
  const at = within === '' ? {} : { within };
  return {
    pieces: [...gathering.pieces().map((piece) => Object.assign({}, at, piece)), ...inner.pieces],
    attachments: [
      ...inner.attachments,
      ...embedded.map((one) => Object.assign({}, one, { place: place(one.place) })),
    ],
  };
}

function addProperties(storage: Storage, gathering: Gathering, limits: ExtractionLimits): Attachment[] {
  addHeader('Subject', text(storage, SUBJECT) ?? '', gathering);
  for (const line of (text(storage, HEADERS) ?? '').replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) addHeader(line.slice(0, colon), line.slice(colon + 1), gathering);
  }
  addNames(storage, gathering);
  const plain = text(storage, BODY);
  const packed = storage.stream(`__substg1.0_${RTF}${BINARY}`);
  const rtf = packed === null ? null : readRtf(decompressRtf(packed, limits.expandedBytesMax));
  const given = storage.stream(`__substg1.0_${PAGE}${BINARY}`);
  const page = given !== null ? decodePage(given) : (text(storage, PAGE) ?? rtf?.page ?? null);
  if (rtf !== null && rtf.page === null) {
    gathering.addLine('visible', rtf.shown, 'rtf');
    gathering.addLine('hidden:vanish', rtf.concealed, 'rtf');
    if (plain !== null) {
      const texts = { plain, page: rtf.shown, seen: rtf.shown };
      for (const sentence of onlyInOne(texts)) gathering.addLine('hidden:alternative', sentence);
    }
  }
  return addBody({ plain, page }, gathering, limits);
}

/** All properties that are text, but those that are read for themselves. */
function addNames(storage: Storage, gathering: Gathering): void {
  for (const name of storage.streamNames) {
    const [, tag = '', type] = /^__substg1\.0_([0-9A-F]{4})(001[EF])$/.exec(name) ?? [];
    if (type === undefined || [SUBJECT, BODY, PAGE, HEADERS].includes(tag)) continue;
    const value = text(storage, tag) ?? '';
    if (fileNames.has(tag)) gathering.addLine('visible', value, 'file-name');
    else if (/\p{L}/u.test(value)) addHeader(shown[tag] ?? 'Property', value, gathering);
  }
}

function text(storage: Storage, tag: string): string | null {
  const unicode = storage.stream(`__substg1.0_${tag}${UNICODE}`);
  if (unicode !== null) return new TextDecoder('utf-16le').decode(unicode).replace(/\0+$/, '');
  const bytes = storage.stream(`__substg1.0_${tag}${STRING}`);
  if (bytes === null) return null;
  return new TextDecoder(isUtf8(bytes) ? 'utf-8' : 'windows-1252').decode(bytes).replace(/\0+$/, '');
}
