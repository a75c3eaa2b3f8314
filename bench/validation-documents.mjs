/*
 * Milliseconds a page for text and structure of a PDF of twenty pages, warm and cold: the way through the
 * child process included. Used by bench/validation.mjs; needs the built program.
 */
import { createDocumentReader } from '../dist/validation/document/document-reader.js';

const pages = 20;
const limits = {
  pagesMax: 200,
  charactersMax: 400_000,
  expandedBytesMax: 104_857_600,
  attachmentsMax: 50,
  depthMax: 3,
  timeoutMs: 20_000,
  compareRendering: 'suspicion',
  viewedMax: 20,
  viewingTimeoutMs: 60_000,
};

/** @returns {Promise<{ coldMsPerPage: number, warmMsPerPage: number, isolation: string }>} */
export async function benchDocuments(rounds = 10) {
  const reader = createDocumentReader();
  const document = { origin: '/documents/0', mediaType: 'application/pdf', bytes: statement() };
  const times = [];
  for (let round = 0; round <= rounds; round += 1) {
    const startMs = performance.now();
    const { kind } = await reader.read(document, limits);
    if (kind !== 'read') throw new Error(kind);
    times.push((performance.now() - startMs) / pages);
  }
  const [coldMsPerPage, ...warm] = times;
  const isolation = await reader.isolation();
  reader.close();
  const warmMsPerPage = warm.toSorted((one, other) => one - other)[Math.floor(warm.length / 2)];
  return { coldMsPerPage, warmMsPerPage, isolation };
}

/** Twenty pages of forty-five lines, written by hand (ISO 32000-2, 7.5). */
function statement() {
  const bodies = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  const kids = [];
  for (let page = 1; page <= pages; page += 1) {
    const lines = Array.from(
      { length: 45 },
      (_, i) =>
        `BT /F1 10 Tf 1 0 0 1 50 ${780 - i * 16} Tm (Line ${i} of page ${page}: interest is calculated daily on 1,204.50 EUR) Tj ET`,
    ).join('\n');
    bodies.push(`<< /Length ${lines.length} >>\nstream\n${lines}\nendstream`);
    const contents = `${bodies.length} 0 R`;
    bodies.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${contents} >>`,
    );
    kids.push(`${bodies.length} 0 R`);
  }
  bodies[1] = `<< /Type /Pages /Kids [${kids.join(' ')}] /Count ${pages} >>`;
  let file = '%PDF-1.7\n';
  const offsets = bodies.map((body, i) => {
    const offset = file.length;
    file += `${i + 1} 0 obj\n${body}\nendobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const at = file.length;
  file += `xref\n0 ${bodies.length + 1}\n0000000000 65535 f \n${offsets.join('')}`;
  file += `trailer\n<< /Size ${bodies.length + 1} /Root 1 0 R >>\nstartxref\n${at}\n%%EOF\n`;
  return new Uint8Array(Buffer.from(file, 'latin1'));
}
