import { type Malformed, decisions, goodBody, json, labelled, personal } from './request.ts';

/** A good request with framing of one’s own. */
function framed(
  lines: readonly string[],
  { content = goodBody, line = `POST ${decisions} HTTP/1.1` } = {},
): Malformed['parts'] {
  return (to) => {
    const own = labelled(to, decisions).map(([name, value]) => `${name}: ${value}`);
    const head = [line, 'host: localhost', ...own, json.join(': '), ...lines];
    return [`${head.join('\r\n')}\r\n\r\n`, content];
  };
}

/** What is no HTTP, or says of itself what is not so. */
export const framingCases: readonly Malformed[] = [
  ...['-1', '-9223372036854775808', 'abc', '1e3', '0x10', '99999999999999999999999', '12 34', '+5'].map(
    (length): Malformed => ({
      name: `content-length ${length}`,
      parts: framed([`content-length: ${length}`]),
    }),
  ),
  { name: 'two lengths', parts: framed([`content-length: ${goodBody.length}`, 'content-length: 5']) },
  {
    name: 'a length and chunks',
    parts: framed([`content-length: ${goodBody.length}`, 'transfer-encoding: chunked']),
  },
  {
    name: 'a length longer than the body',
    parts: framed([`content-length: ${goodBody.length + 10}`]),
    end: true,
  },
  { name: 'a length shorter than the body', parts: framed([`content-length: ${goodBody.length - 10}`]) },
  ...['-1', 'zz', 'ffffffffffffffffff', '5;\u0000', ''].map(
    (size): Malformed => ({
      name: `a chunk of size "${size.slice(0, 8)}"`,
      parts: framed(['transfer-encoding: chunked'], { content: `${size}\r\n${goodBody}\r\n0\r\n\r\n` }),
    }),
  ),
  {
    name: 'chunks that end early',
    parts: framed(['transfer-encoding: chunked'], { content: `ffff\r\n${goodBody}` }),
    end: true,
  },
  { name: 'an encoding that nobody knows', parts: framed(['transfer-encoding: zip']) },
  { name: 'a header without a colon', parts: framed([`content-length: ${goodBody.length}`, personal]) },
  {
    name: 'a header with a NUL',
    parts: framed([`content-length: ${goodBody.length}`, `x-note: a\u0000${personal}`]),
  },
  { name: 'a space before the colon', parts: framed([`content-length : ${goodBody.length}`]) },
  {
    name: 'a folded header',
    parts: framed([`content-length: ${goodBody.length}`, 'x-note: a', ` ${personal}`]),
  },
  ...[
    `POST ${decisions} HTTP/9.9`,
    `POST ${decisions}`,
    `post ${decisions} HTTP/1.1`,
    `POST ${personal} HTTP/1.1`,
    `P\u0000ST ${decisions} HTTP/1.1`,
    `POST /${'a'.repeat(70_000)} HTTP/1.1`,
  ].map(
    (line): Malformed => ({
      name: `the line "${line.slice(0, 30)}"`,
      parts: framed([`content-length: ${goodBody.length}`], { line }),
    }),
  ),
  { name: 'no host', parts: () => [`GET /healthz HTTP/1.1\r\n\r\n`] },
  {
    name: 'two hosts',
    parts: () => [`GET /v1/reviews HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n`],
  },
  { name: 'the beginning of HTTP/2', parts: () => ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'], end: true },
  {
    name: 'the beginning of TLS',
    parts: () => [Buffer.from('16030100a5010000a10303', 'hex'), personal],
    end: true,
  },
  {
    name: 'bytes',
    parts: () => [Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 37) % 256))],
    end: true,
  },
  { name: 'words', parts: () => [`${personal}\r\n\r\n`], end: true },
  { name: 'half a request line', parts: () => ['POST /v1/dec'], end: true },
];
