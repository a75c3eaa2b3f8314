/** A line of text and how its reader sees it. */
export interface PdfText {
  readonly text: string;
  /** Text rendering mode 3: neither filled nor stroked (ISO 32000-1, 9.3.6). */
  readonly invisible?: boolean;
}

/**
 * A one-page PDF with the given lines. Any character can stand in them: the font maps its codes back
 * to Unicode, as fonts of office programs do.
 */
export function textPdf(lines: readonly PdfText[]): Buffer {
  const codes = encodingOf(lines.map(({ text }) => text).join(''));
  const shown = lines.map(({ text, invisible }) => {
    const hex = Array.from(text)
      .map((character) => hexByte(codes.get(character) ?? 0))
      .join('');
    return `${invisible ? 3 : 0} Tr <${hex}> Tj T*`;
  });
  const content = `BT /F1 6 Tf 8 TL 30 740 Td\n${shown.join('\n')}\nET`;
  const toUnicode = unicodeMap(codes);
  return pdfFile([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /ToUnicode 6 0 R >>',
    stream(content),
    stream(toUnicode),
  ]);
}

/** A PDF file of objects 1, 2, …, the first of which is the catalog. */
export function pdfFile(objects: readonly (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n%âãÏÓ\n', 'latin1')];
  const offsets: number[] = [];
  let length = parts[0]?.length ?? 0;
  const add = (part: string | Buffer) => {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'latin1') : part;
    parts.push(bytes);
    length += bytes.length;
  };
  objects.forEach((object, i) => {
    offsets.push(length);
    add(`${i + 1} 0 obj\n`);
    add(object);
    add('\nendobj\n');
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  add(
    `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${length}\n%%EOF\n`,
  );
  return Buffer.concat(parts);
}

export function stream(data: string | Buffer, dictionary = ''): Buffer {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
  const head = Buffer.from(`<< /Length ${bytes.length} ${dictionary}>>\nstream\n`, 'latin1');
  return Buffer.concat([head, bytes, Buffer.from('\nendstream', 'latin1')]);
}

/** One byte for each character: its own where it is printable ASCII. */
function encodingOf(text: string): Map<string, number> {
  const codes = new Map<string, number>();
  let next = 0x80;
  for (const character of text) {
    if (codes.has(character)) continue;
    const point = character.codePointAt(0) ?? 0;
    codes.set(character, point >= 0x20 && point < 0x7f ? point : next++);
  }
  if (next > 0x100) throw new Error('more than 128 different characters beside ASCII');
  return codes;
}

function unicodeMap(codes: ReadonlyMap<string, number>): string {
  const lines = [...codes].map(([character, code]) => `<${hexByte(code)}> <${utf16Hex(character)}>`);
  const blocks: string[] = [];
  for (let i = 0; i < lines.length; i += 100) {
    const block = lines.slice(i, i + 100);
    blocks.push(`${block.length} beginbfchar\n${block.join('\n')}\nendbfchar`);
  }
  return `/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /Test def /CMapType 2 def
1 begincodespacerange <00> <FF> endcodespacerange
${blocks.join('\n')}
endcmap end end`;
}

function utf16Hex(character: string): string {
  return Buffer.from(character, 'utf16le').swap16().toString('hex');
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, '0');
}
