import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { zipSync } from 'fflate';
import type { SurfaceDocument } from '../src/decision/surface.ts';
import { type TestPdf, line, makePdf } from '../src/validation/document/pdf-fixture.ts';
import { createValidationGate } from '../src/validation/gate.ts';

/*
 * Files made to exhaust whoever reads them, each through the whole gate: every one has to end in a verdict
 * within the time and memory that the policy and the children's bounds allow, and the gate has to read an
 * honest document right after it. Needs the built program. Run by `npm run proofs:hostile-files`.
 */

const MB = 1024 * 1024;
const honest = line('Loan application. Applicant income 52,000 EUR.', 50, 780);
const pdfType = 'application/pdf';
const docxType = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

const onePage = (content = '', more: Omit<TestPdf['pages'][number], 'content'> = {}): TestPdf => ({
  pages: [{ content: honest + content, ...more }],
});

/** A stream that grows to a size, compressed as often as asked. */
function bomb(sizeMb: number, filter = 1): { entries: string; bytes: Buffer } {
  let bytes = deflateSync(Buffer.alloc(sizeMb * MB, 'q '), { level: 9 });
  for (let i = 1; i < filter; i += 1) bytes = deflateSync(bytes, { level: 9 });
  return { entries: `/Filter [${'/FlateDecode '.repeat(filter)}]`, bytes };
}

const attached = (bytes: Uint8Array): TestPdf => ({
  ...onePage(),
  catalogue: '/Names << /EmbeddedFiles << /Names [(a) 1000 0 R] >> >>',
  objects: {
    1000: '<< /Type /Filespec /F (a) /EF << /F 1001 0 R >> >>',
    1001: { entries: '/Type /EmbeddedFile', bytes: Buffer.from(bytes) },
  },
});

function nested(depth: number): Uint8Array {
  let bytes = makePdf(onePage());
  for (let i = 0; i < depth; i += 1) bytes = makePdf(attached(bytes));
  return bytes;
}

function docx(parts: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));
  return zipSync({
    '[Content_Types].xml': text(
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    ),
    '_rels/.rels': text(
      '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
    ),
    ...parts,
  });
}

const xml = (body: string): Uint8Array =>
  new Uint8Array(
    Buffer.from(
      `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`,
    ),
  );

function png(width: number, height: number): Uint8Array {
  const head = Buffer.alloc(33);
  head.set(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'));
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  head.set([8, 2], 24);
  return new Uint8Array(Buffer.concat([head, deflateSync(Buffer.alloc(30 * MB))]));
}

const laughs = `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "${'ha'.repeat(500)}">${Array.from({ length: 9 }, (_, i) => `<!ENTITY ${String.fromCharCode(98 + i)} "${`&${String.fromCharCode(97 + i)};`.repeat(10)}">`).join('')}]><d>&j;</d>`;

const files: readonly (readonly [name: string, mediaType: string, make: () => Uint8Array])[] = [
  [
    '100,000 pages',
    pdfType,
    () => makePdf({ pages: Array.from({ length: 100_000 }, () => ({ content: '' })) }),
  ],
  [
    '100,000 pages in a tree that says there is one',
    pdfType,
    () =>
      makePdf({ pages: [{ content: honest }], pageTree: `/Kids [${'10 0 R '.repeat(100_000)}] /Count 1` }),
  ],
  [
    '100,000 pages that are one page again and again',
    pdfType,
    () =>
      makePdf({
        pages: [{ content: honest }],
        pageTree: `/Kids [${'10 0 R '.repeat(100_000)}] /Count 100000`,
      }),
  ],
  [
    'a page that grows to 1 GB',
    pdfType,
    () => makePdf({ ...onePage('', { entries: '/Contents 1000 0 R' }), objects: { 1000: bomb(1_000) } }),
  ],
  [
    'a page that grows to 1 GB in two steps',
    pdfType,
    () => makePdf({ ...onePage('', { entries: '/Contents 1000 0 R' }), objects: { 1000: bomb(1_000, 2) } }),
  ],
  [
    'an attachment that grows to 1 GB',
    pdfType,
    () =>
      makePdf({
        ...attached(new Uint8Array(1)),
        objects: {
          ...attached(new Uint8Array(1)).objects,
          1001: { ...bomb(1_000), entries: '/Type /EmbeddedFile /Filter /FlateDecode' },
        },
      }),
  ],
  ['a picture that claims 60,000 by 60,000', 'image/png', () => png(60_000, 60_000)],
  [
    'a picture that says nothing of its size',
    'image/jpeg',
    () => new Uint8Array(Buffer.concat([Buffer.from('ffd8ffe00002', 'hex'), Buffer.alloc(5 * MB, 0xff)])),
  ],
  ['attachments in attachments, fifty deep', pdfType, () => nested(50)],
  [
    'no cross-reference table',
    pdfType,
    () => Buffer.from(Buffer.from(makePdf(onePage())).toString('latin1').replace('xref', 'xxxx'), 'latin1'),
  ],
  [
    'a cross-reference table of itself',
    pdfType,
    () =>
      Buffer.from(
        Buffer.from(makePdf(onePage())).toString('latin1').replace('/Root', '/Prev 9 /Root'),
        'latin1',
      ),
  ],
  [
    'a cross-reference table of two billion objects',
    pdfType,
    () =>
      Buffer.from(
        Buffer.from(makePdf(onePage())).toString('latin1').replace('0 1\n', '0 2000000000\n'),
        'latin1',
      ),
  ],
  [
    'brackets nested 500,000 deep',
    pdfType,
    () => makePdf({ ...onePage(), objects: { 1000: '['.repeat(500_000) }, catalogue: '/Names 1000 0 R' }),
  ],
  [
    'brackets for a pattern to get lost in',
    pdfType,
    () =>
      makePdf(
        onePage(
          `/Span << /ActualText (${String.raw`\(`.repeat(300_000)} >> BDC EMC /ActualText <${'0 '.repeat(300_000)}`,
        ),
      ),
  ],
  [
    'a form that draws itself twice',
    pdfType,
    () =>
      makePdf({
        ...onePage('/X1 Do', { resources: '/XObject << /X1 1000 0 R >>' }),
        objects: {
          1000: {
            entries:
              '/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X1 1000 0 R >> >>',
            bytes: Buffer.from('/X1 Do /X1 Do'),
          },
        },
      }),
  ],
  ['a million graphics states', pdfType, () => makePdf(onePage('q '.repeat(1_000_000)))],
  [
    'a million letters one by one',
    pdfType,
    () => makePdf(onePage(`BT /F1 9 Tf 50 500 Td ${'(a) Tj '.repeat(1_000_000)} ET`)),
  ],
  [
    'a page of a kilometre',
    pdfType,
    () => makePdf(onePage('1 g (x) Tj', { entries: '/MediaBox [0 0 2800000 2800000]' })),
  ],
  [
    'an office file that grows to 1 GB',
    docxType,
    () => docx({ 'word/document.xml': Buffer.alloc(1_000 * MB, ' ') }),
  ],
  [
    'an office file of 60,000 parts',
    docxType,
    () =>
      docx({
        'word/document.xml': xml(''),
        ...Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`x/${i}.xml`, new Uint8Array(1)])),
      }),
  ],
  [
    'an office file with elements 200,000 deep',
    docxType,
    () => docx({ 'word/document.xml': xml('<w:p>'.repeat(200_000)) }),
  ],
  [
    'an office file with entities of entities',
    docxType,
    () => docx({ 'word/document.xml': new Uint8Array(Buffer.from(laughs)) }),
  ],
  ['a page with elements 300,000 deep', 'text/html', () => Buffer.from('<div>'.repeat(300_000))],
  [
    'a page with a style for every element',
    'text/html',
    () =>
      Buffer.from(
        `<style>${Array.from({ length: 20_000 }, (_, i) => `.a${i} .b${i} > p:not(.c){color:red}`).join('')}</style>${'<p class=a>x</p>'.repeat(5_000)}`,
      ),
  ],
  [
    'an e-mail in e-mails, a thousand deep',
    'message/rfc822',
    () => Buffer.from(`${'Content-Type: message/rfc822\r\n\r\n'.repeat(1_000)}Subject: x\r\n\r\nhello`),
  ],
  [
    'an e-mail of 100,000 parts',
    'message/rfc822',
    () =>
      Buffer.from(
        `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\nContent-Type: text/plain\r\n\r\nx\r\n'.repeat(100_000)}--b--`,
      ),
  ],
  [
    'an e-mail with a header for patterns to get lost in',
    'message/rfc822',
    () =>
      Buffer.from(
        `Subject: =?${'?='.repeat(200_000)}\r\nContent-Type: multipart/mixed; ${'a=";'.repeat(100_000)}\r\n\r\nx`,
      ),
  ],
];

/** Resident memory of this process's children and theirs, in bytes. */
function childrenBytes(pid: number): number {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return children
      .split(' ')
      .filter(Boolean)
      .reduce((sum, child) => {
        const pages = Number(readFileSync(`/proc/${child}/statm`, 'utf8').split(' ')[1] ?? 0);
        return sum + pages * 4096 + childrenBytes(Number(child));
      }, 0);
  } catch {
    // Ended in between.
    return 0;
  }
}

const gate = createValidationGate();
const document = (mediaType: string, bytes: Uint8Array): SurfaceDocument => ({
  origin: '/documents/0',
  mediaType,
  bytes,
});
const secondsMax = 75;
const memoryMaxMb = 3 * 1024;
let failures = 0;

for (const [name, mediaType, make] of files) {
  const bytes = make();
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, childrenBytes(process.pid));
  }, 20);
  const startMs = performance.now();
  const { verdict, isolation } = await gate.inspect({ texts: [], documents: [document(mediaType, bytes)] });
  const seconds = (performance.now() - startMs) / 1000;
  clearInterval(watch);
  const after = await gate.inspect({ texts: [], documents: [document(pdfType, makePdf(onePage()))] });
  const peakMb = Math.round(most / MB);
  const isFine = seconds < secondsMax && peakMb < memoryMaxMb && after.verdict.kind === 'pass';
  if (!isFine) failures += 1;
  const detail = verdict.kind === 'pass' ? '' : `${verdict.reasons.join(' ')} ${verdict.detail ?? ''}`;
  process.stdout.write(
    `${isFine ? 'held ' : 'FAILED'} ${name}: ${verdict.kind} ${detail} (${(bytes.length / MB).toFixed(1)} MB, ${seconds.toFixed(1)} s, children ${peakMb} MB, ${isolation})\n`,
  );
}
await gate.close();
const own = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(
  `${files.length - failures} of ${files.length} held; peak of the gateway’s own process, files made here included: ${own} MB\n`,
);
process.exitCode = failures === 0 ? 0 : 1;
