import { tooLarge } from '../markup/problem.ts';

const BOUNDARIES_MAX = 50;

/**
 * What stands before the first and after the last part of a multipart entity (RFC 2046, 5.1.1): mail
 * programs show none of it.
 */
export function textsBetweenParts(bytes: Uint8Array): string[] {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('utf8')
    .replaceAll('\r\n', '\n');
  const texts: string[] = [];
  const multipart = /^content-type:[ \t]*multipart\/[^\n]*(?:\n[ \t][^\n]*)*/gim;
  for (let match = multipart.exec(source), seen = 0; match !== null; seen += 1) {
    if (seen === BOUNDARIES_MAX) throw tooLarge('multiparts');
    const [, quoted, bare] = /boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(match[0]) ?? [];
    const boundary = quoted ?? bare;
    if (boundary !== undefined) texts.push(...around(source, match.index + match[0].length, boundary));
    match = multipart.exec(source);
  }
  return texts.map((text) => text.trim()).filter((text) => text !== '');
}

function around(source: string, from: number, boundary: string): string[] {
  const head = source.indexOf('\n\n', from - 1);
  const first = source.indexOf(`\n--${boundary}`, from - 1);
  const end = source.indexOf(`\n--${boundary}--`, from);
  const preamble = head !== -1 && first > head ? source.slice(head, first) : '';
  if (end === -1) return [preamble];
  const after = source.indexOf('\n', end + 1);
  // The epilogue runs to the delimiter of the entity outside, or to the end of the message.
  const next = after === -1 ? -1 : source.indexOf('\n--', after);
  const epilogue = after === -1 ? '' : source.slice(after, next === -1 ? undefined : next);
  return [preamble, epilogue];
}
