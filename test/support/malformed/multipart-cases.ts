import {
  type Headers,
  type Malformed,
  canaries,
  chat,
  decisions,
  goodBody,
  personal,
  post,
} from './request.ts';

export const boundary = 'frontier';
export const multipartType: Headers = [['content-type', `multipart/form-data; boundary=${boundary}`]];
const part = (disposition: string, content: string, type?: string) =>
  `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n${type ? `content-type: ${type}\r\n` : ''}\r\n${content}\r\n`;
export const closing = `--${boundary}--\r\n`;
export const requestPart = part('name="request"', JSON.stringify({ input: { note: personal } }));
const filePart = part(`name="file"; filename="${canaries[0]}.txt"`, personal, 'text/plain');

/** Multipart bodies that are none, and media types that nobody reads. */
export const multipartCases: readonly Malformed[] = [
  ...Object.entries({
    nothing: '',
    'no field "request"': filePart + closing,
    'the field twice': requestPart + requestPart + closing,
    'a field that nobody knows': requestPart + part('name="note"', personal) + closing,
    'a request that is no JSON': part('name="request"', personal) + closing,
    'a request that is cut': part('name="request"', '{"input":{"a":') + closing,
    'a request of another shape': part('name="request"', '{"input":1}') + closing,
    'no end': requestPart + filePart,
    'no boundary line': 'just text',
    'a part without a name': `--${boundary}\r\n\r\n${personal}\r\n${closing}`,
    '__proto__ as a field': requestPart + part('name="__proto__"', personal) + closing,
    'thirty files': requestPart + filePart.repeat(30) + closing,
    'ten fields': requestPart + part('name="a"', '1').repeat(10) + closing,
    'an image': requestPart + part('name="file"; filename="a.png"', 'x', 'image/png') + closing,
    'an empty file': requestPart + part('name="file"; filename="a.pdf"', '', 'application/pdf') + closing,
  }).map(
    ([name, body]): Malformed => ({
      name: `multipart: ${name}`,
      parts: post(decisions, body, multipartType),
    }),
  ),
  {
    name: 'multipart: no boundary',
    parts: post(decisions, requestPart, [['content-type', 'multipart/form-data']]),
  },
  {
    name: 'multipart: on a route that takes none',
    parts: post(chat, requestPart + closing, multipartType),
  },
  ...[
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'text/json',
    'application/octet-stream',
    'json',
    '',
  ].map(
    (type): Malformed => ({
      name: `media type "${type}"`,
      parts: post(decisions, goodBody, [['content-type', type]]),
      codes: ['MEDIA_TYPE_UNSUPPORTED'],
    }),
  ),
  {
    name: 'no media type',
    parts: post(decisions, goodBody, []),
    codes: ['MEDIA_TYPE_UNSUPPORTED'],
  },
  { name: 'no body and no media type', parts: post(decisions, '', []) },
];
