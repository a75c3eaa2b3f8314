/** Text render mode 3 of PDF (ISO 32000-1, 9.3.6): neither filled nor stroked, so nobody sees it. */
const invisible = 3;
const visible = 0;

/**
 * A one-page PDF.
 * @param lines printed on the page
 * @param hidden on the page too, where a program finds it and a reader does not
 */
export function makePdf(lines: readonly string[], hidden: readonly string[]): Buffer {
  const text = [...block(lines, visible, 760), ...block(hidden, invisible, 200)].join('\n');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
  ];
  return assemble(objects);
}

function block(lines: readonly string[], renderMode: number, top: number): string[] {
  if (lines.length === 0) return [];
  const shown = lines.map((line) => `(${line.replaceAll(/[\\()]/g, String.raw`\$&`)}) Tj T*`);
  return ['BT', '/F1 11 Tf', `${renderMode} Tr`, '15 TL', `60 ${top} Td`, ...shown, 'ET'];
}

/** Objects, the table of where each begins, and where the table begins (ISO 32000-1, 7.5). */
function assemble(objects: readonly string[]): Buffer {
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const offset = file.length;
    file += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const size = objects.length + 1;
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${rows.join('')}`;
  return Buffer.from(
    `${file}${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`,
    'latin1',
  );
}
