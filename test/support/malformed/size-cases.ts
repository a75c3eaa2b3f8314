import { pdfBombs } from '../pdf-bombs.ts';
import { boundary, closing, multipartType, requestPart } from './multipart-cases.ts';
import { type Malformed, decisions, json, labelled, postJson } from './request.ts';

const mebibyte = 1024 * 1024;

function* chunks(head: string, total: number, wrap: (chunk: Buffer) => Buffer, tail: string) {
  yield head;
  const chunk = wrap(Buffer.alloc(mebibyte, 'x'));
  for (let sent = 0; sent < total; sent += mebibyte) yield chunk;
  yield tail;
}

function large(
  more: readonly string[],
  wrap: (chunk: Buffer) => Buffer,
  head: string,
  tail: string,
): Malformed['parts'] {
  return (to) => {
    const own = labelled(to, decisions).map(([name, value]) => `${name}: ${value}`);
    const lines = [`POST ${decisions} HTTP/1.1`, 'host: localhost', ...own, ...more];
    return chunks(`${lines.join('\r\n')}\r\n\r\n${head}`, 50 * mebibyte, wrap, tail);
  };
}

const asChunk = (bytes: Buffer) => Buffer.concat([Buffer.from('100000\r\n'), bytes, Buffer.from('\r\n')]);
const fileHead = `${requestPart}--${boundary}\r\ncontent-disposition: form-data; name="f"; filename="f"\r\ncontent-type: text/plain\r\n\r\n`;
const fileTail = `\r\n${closing}`;
const fileLength = 50 * mebibyte + fileHead.length + fileTail.length;

/** More than the gateway reads, or inspects. */
export const sizeCases: readonly Malformed[] = [
  {
    name: '50 MB with their length',
    parts: large(
      [json.join(': '), `content-length: ${50 * mebibyte + 17}`],
      (chunk) => chunk,
      '{"input":{"a":"',
      '"}',
    ),
    codes: ['REQUEST_TOO_LARGE'],
  },
  {
    name: '50 MB in chunks',
    parts: large([json.join(': '), 'transfer-encoding: chunked'], asChunk, '', '0\r\n\r\n'),
    codes: ['REQUEST_TOO_LARGE'],
  },
  {
    name: '50 MB as a file',
    parts: large(
      [...multipartType.map((header) => header.join(': ')), `content-length: ${fileLength}`],
      (chunk) => chunk,
      fileHead,
      fileTail,
    ),
    codes: ['REQUEST_TOO_LARGE'],
  },
  {
    name: 'more text than can be inspected',
    parts: postJson(decisions, { input: { a: 'x'.repeat(5 * mebibyte) } }),
    codes: ['INPUT_TOO_LARGE'],
  },
  {
    name: 'more pieces of text than can be inspected',
    parts: postJson(decisions, { input: { a: Array.from({ length: 50_000 }, () => 'x') } }),
    codes: ['INPUT_TOO_LARGE'],
  },
  {
    name: 'more documents than can be inspected',
    parts: postJson(decisions, {
      input: {},
      documents: Array.from({ length: 100 }, () => ({ mediaType: 'text/plain', base64: 'YQ==' })),
    }),
    codes: ['INPUT_TOO_LARGE'],
  },
];

/** PDFs that are dear to read, or broken. */
export const bombCases: readonly Malformed[] = Object.entries(pdfBombs()).map(([name, bytes]) => ({
  name: `a PDF with ${name}`,
  parts: postJson(decisions, {
    input: {},
    documents: [{ mediaType: 'application/pdf', base64: bytes.toString('base64') }],
  }),
  codes: ['DOCUMENT_UNREADABLE', 'INPUT_TOO_LARGE'],
}));
