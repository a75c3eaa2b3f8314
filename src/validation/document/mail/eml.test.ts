import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hiddenLayersOf, payload, testLimits, textIn } from '../markup/reading-fixture.ts';
import { readEml } from './eml.ts';
import { makeAlternative, makeEml, makeMultipart } from './mail-fixture.ts';

const letter =
  'Dear team, please find below the description of the water damage in our kitchen. The dishwasher leaked on the second of May.';
const account =
  'We noticed it in the evening when we came home from work. The water had run below the wooden floor and into ' +
  'the flat of our neighbours, whose ceiling shows a stain of about one metre. A plumber came on the same day and ' +
  'replaced the hose. His bill and some photographs are enclosed. Please tell us what else you need from us.';
const page = `<p>${letter}</p>`;
const preheader = 'Your statement for March is ready to be looked at in the portal.';
const newsletter =
  `<body><div style="display:none;max-height:0;font-size:1px">${preheader}${'&#847;&zwnj;&nbsp;'.repeat(60)}</div>` +
  `<table><tr><td bgcolor="#003366" style="color:#ffffff">Statement of account</td></tr><tr><td>${letter}</td></tr>` +
  '<tr><td style="font-size:9px;color:#888888">You receive this because you subscribed. <a href="https://example.com/u">Unsubscribe</a></td></tr></table></body>';

const concealed: readonly (readonly [name: string, layer: string, bytes: Uint8Array])[] = [
  [
    'a sentence of the plain part alone',
    'hidden:alternative',
    makeAlternative(`${letter}\r\n\r\n${payload}`, page),
  ],
  [
    'a sentence of the page alone',
    'hidden:alternative',
    makeAlternative(`${letter} ${account}`, `${page}<p>${account}</p><p>${payload}</p>`),
  ],
  ['another text in the plain part', 'hidden:alternative', makeAlternative(payload, page)],
  [
    'a hidden block of the page',
    'hidden:display',
    makeEml('text/html', `${page}<div style="display:none">${payload}</div>`),
  ],
  [
    'a leading block too long for a preview',
    'hidden:display',
    makeEml('text/html', `<div style="display:none">${payload} ${payload} ${payload}</div>${page}`),
  ],
  ['white on white', 'hidden:colour', makeEml('text/html', `${page}<font color=white>${payload}</font>`)],
  [
    'a preamble',
    'hidden:preamble',
    makeMultipart('mixed', [{ type: 'text/plain', body: letter }], `${payload} ${payload}`),
  ],
  [
    'an epilogue',
    'hidden:preamble',
    makeMultipart('mixed', [{ type: 'text/plain', body: letter }], '', `${payload} ${payload}`),
  ],
];

const honest: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['a plain message', makeEml('text/plain', letter)],
  ['a page alone', makeEml('text/html', page)],
  ['two equal parts', makeAlternative(letter, page)],
  [
    'a newsletter with a preheader',
    makeAlternative(
      `Statement of account\r\n\r\n${letter}\r\n\r\nYou receive this because you subscribed.\r\nUnsubscribe: https://example.com/u`,
      newsletter,
    ),
  ],
  [
    'a plain part that points to the page',
    makeAlternative(
      'Your e-mail program does not support HTML. View this newsletter online: https://example.com/n',
      newsletter,
    ),
  ],
  [
    'quoted history',
    makeAlternative(
      `Thank you.\r\n\r\nOn Monday Jane Doe wrote:\r\n> ${letter}`,
      `<p>Thank you.</p><p>On Monday Jane Doe wrote:</p><blockquote>${letter}</blockquote>`,
    ),
  ],
  [
    'the usual preamble',
    makeMultipart(
      'mixed',
      [{ type: 'text/plain', body: letter }],
      'This is a multi-part message in MIME format.',
    ),
  ],
  [
    'a page with links written out',
    makeAlternative(
      `${letter}\r\n[https://example.com/a?b=c] More about it <https://example.com/more>`,
      `${page}<a href="https://example.com/more">More about it</a>`,
    ),
  ],
];

describe('readEml', () => {
  it.each(concealed)('finds %s as %s', async (_, layer, bytes) => {
    const extraction = await readEml(bytes, testLimits);
    expect(textIn(extraction, layer)).toContain(payload.slice(0, 40));
    expect(hiddenLayersOf(extraction)).toEqual([layer]);
  });

  it.each(honest)('raises no alarm for %s', async (_, bytes) => {
    expect(hiddenLayersOf(await readEml(bytes, testLimits))).toEqual([]);
  });

  it('reads headers, encoded words and what is previewed', async () => {
    const headers = `X-Note: ${payload}\r\nReply-To: =?utf-8?B?${Buffer.from(payload).toString('base64')}?= <a@example.com>\r\n`;
    const extraction = await readEml(makeEml('text/html', newsletter, headers), testLimits);
    expect(textIn(extraction, 'visible', 'header')).toContain('Claim 4711');
    expect(textIn(extraction, 'visible', 'header')).toContain(payload);
    expect(textIn(extraction, 'metadata', 'header')).toContain(payload);
    expect(textIn(extraction, 'annotation', 'preheader')).toBe(preheader);
  });

  it('hands over attachments, messages and calendars among them', async () => {
    const inner = Buffer.from(makeEml('text/plain', payload)).toString();
    const bytes = makeMultipart('mixed', [
      { type: 'text/plain', body: letter },
      { type: 'message/rfc822', body: inner },
      { type: 'text/calendar', body: `BEGIN:VCALENDAR\r\nDESCRIPTION:${payload}\r\nEND:VCALENDAR` },
      {
        type: 'application/octet-stream',
        body: 'aGVsbG8=',
        headers: `Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="${payload}.txt"\r\n`,
      },
    ]);
    const extraction = await readEml(bytes, testLimits);
    const attachments = extraction.kind === 'read' ? (extraction.attachments ?? []) : [];
    expect(attachments.map(({ place, mediaType }) => [place, mediaType])).toEqual([
      ['attachment=1', 'message/rfc822'],
      ['attachment=2', 'text/calendar'],
      ['attachment=3', 'application/octet-stream'],
    ]);
    expect(Buffer.from(attachments[0]?.bytes ?? []).toString()).toContain(payload);
    expect(textIn(extraction, 'visible', 'file-name')).toContain(payload);
  });

  it.each([
    [
      'nesting without end',
      Array.from(
        { length: 100 },
        (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
      ).join(''),
      'unreadable',
    ],
    ['headers without end', 'X-A: b\r\n'.repeat(200_000), 'unreadable'],
    [
      'parts without end',
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\nContent-Type: image/png\r\n\r\na\r\n'.repeat(20_000)}`,
      'too-large',
    ],
    ['no message', 'not an e-mail at all', 'unreadable'],
  ])('ends with %s', async (_, rest, kind) => {
    const bytes = Buffer.from(
      kind === 'unreadable' && rest.startsWith('not') ? rest : `Subject: a\r\n${rest}`,
    );
    expect((await readEml(bytes, testLimits)).kind).toBe(kind);
  });

  it('answers for whatever bytes', async () => {
    const whole = makeAlternative(letter, newsletter);
    const cut = fc.nat(whole.length).map((length) => whole.subarray(0, length));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array(), cut), async (bytes) => {
        expect(['read', 'unreadable', 'too-large']).toContain((await readEml(bytes, testLimits)).kind);
      }),
      { numRuns: 200, seed: 5 },
    );
  });
});
