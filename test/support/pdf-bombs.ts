import { deflateSync } from 'node:zlib';
import { pdfFile, stream, textPdf } from './pdf.ts';

const page = (more: string) => `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] ${more} >>`;
const catalog = '<< /Type /Catalog /Pages 2 0 R >>';
const onePage = '<< /Type /Pages /Kids [3 0 R] /Count 1 >>';
const font = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>';

/** Files that are small to send and dear to read, or that are broken. None may take the process with it. */
export function pdfBombs(): Readonly<Record<string, Buffer>> {
  const whole = textPdf([{ text: 'A claim for a broken window of 300 EUR.' }]);
  return {
    'a page of 64 MB in 64 KB': onePageOf(
      deflateSync(textOperators(64 * 1024 * 1024)),
      '/Filter /FlateDecode ',
    ),
    'a page packed twice': onePageOf(
      deflateSync(deflateSync(textOperators(2 * 1024 * 1024))),
      '/Filter [/FlateDecode /FlateDecode] ',
    ),
    'a thousand pages': manyPages(1_000),
    'forms that draw ten of the next, eight deep': laughs(8),
    'a tree of pages that contains itself': pdfFile([
      catalog,
      '<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 1000000 >>',
    ]),
    'arrays nested a hundred thousand deep': pdfFile([
      catalog,
      onePage,
      page(`/Contents 4 0 R /X ${'['.repeat(100_000)}${']'.repeat(100_000)}`),
      stream(''),
    ]),
    'its own head only': Buffer.from('%PDF-1.7\n'),
    'half of a file': whole.subarray(0, whole.length >> 1),
    'a cross-reference table that points to itself': Buffer.from(
      '%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 /Prev 9 >>\nstartxref\n9\n%%EOF\n',
    ),
    'something else that says it is a PDF': Buffer.from('PK\u0003\u0004 not a PDF at all'),
    'one zero byte': Buffer.alloc(1),
  };
}

function textOperators(bytes: number): Buffer {
  const unit = Buffer.from('BT /F1 8 Tf 20 20 Td (A claim for a broken window. ) Tj ET\n');
  return Buffer.alloc(bytes, unit);
}

function onePageOf(content: Buffer, dictionary: string): Buffer {
  const resources = '/Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >>';
  return pdfFile([catalog, onePage, page(resources), stream(content, dictionary), font]);
}

function manyPages(count: number): Buffer {
  const kids = Array.from({ length: count }, (_, i) => `${i + 3} 0 R`).join(' ');
  return pdfFile([
    catalog,
    `<< /Type /Pages /Kids [${kids}] /Count ${count} >>`,
    ...Array.from({ length: count }, () => page('')),
  ]);
}

/** Ten to the power of `depth` drawings from a few hundred bytes. */
function laughs(depth: number): Buffer {
  const forms = Array.from({ length: depth }, (_, i) => {
    const isLast = i === depth - 1;
    const resources = isLast ? '<< /Font << /F1 4 0 R >> >>' : `<< /XObject << /X ${i + 7} 0 R >> >>`;
    const content = isLast ? 'BT /F1 8 Tf (ha) Tj ET' : '/X Do '.repeat(10);
    return stream(content, `/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources ${resources} `);
  });
  return pdfFile([
    catalog,
    onePage,
    page('/Contents 5 0 R /Resources << /XObject << /X 6 0 R >> >>'),
    font,
    stream('/X Do'),
    ...forms,
  ]);
}
