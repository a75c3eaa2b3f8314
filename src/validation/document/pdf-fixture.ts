/** A page of a test document: its drawing program, and entries of its dictionaries. */
export interface TestPage {
  readonly content: string;
  /** Raw entries of the page dictionary, such as `/CropBox [0 0 100 100]`. */
  readonly entries?: string;
  /** Raw entries of its resource dictionary beside the fonts. */
  readonly resources?: string;
  /** Raw entries of its font dictionary beside F1. */
  readonly fonts?: string;
}

export interface TestPdf {
  readonly pages: readonly TestPage[];
  /** Raw entries of the catalogue. */
  readonly catalogue?: string;
  /** Raw entries of the information dictionary. */
  readonly info?: string;
  /** Further objects, by number from 1000 on: raw bodies, or streams with their entries. */
  readonly objects?: Readonly<Record<number, string | { readonly entries: string; readonly bytes: Buffer }>>;
  /** Replaces the page tree's entries. */
  readonly pageTree?: string;
}

const FONT = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>';
const FIRST_PAGE = 10;

/** Writes a small PDF by hand (ISO 32000-2, 7.5), so that tests need no writer's opinion of what is valid. */
export function makePdf({ pages, catalogue = '', info = '', objects = {}, pageTree }: TestPdf): Uint8Array {
  const numberOf = (i: number) => FIRST_PAGE + 2 * i;
  const tree =
    pageTree ?? `/Kids [${pages.map((_, i) => `${numberOf(i)} 0 R`).join(' ')}] /Count ${pages.length}`;
  const bodies = new Map<number, Buffer>([
    [1, Buffer.from(`<< /Type /Catalog /Pages 2 0 R ${catalogue} >>`)],
    [2, Buffer.from(`<< /Type /Pages ${tree} >>`)],
    [3, Buffer.from(FONT)],
    [4, Buffer.from(`<< ${info} >>`)],
  ]);
  for (const [i, page] of pages.entries()) {
    const resources = `<< /Font << /F1 3 0 R ${page.fonts ?? ''} >> ${page.resources ?? ''} >>`;
    const own = `/Contents ${numberOf(i) + 1} 0 R ${page.entries ?? ''}`;
    const box = page.entries?.includes('/MediaBox') ? '' : '/MediaBox [0 0 595 842]';
    bodies.set(
      numberOf(i),
      Buffer.from(`<< /Type /Page /Parent 2 0 R ${box} /Resources ${resources} ${own} >>`),
    );
    bodies.set(numberOf(i) + 1, stream('', Buffer.from(page.content, 'latin1')));
  }
  for (const [number, body] of Object.entries(objects)) {
    bodies.set(
      Number(number),
      typeof body === 'string' ? Buffer.from(body) : stream(body.entries, body.bytes),
    );
  }
  return written(bodies);
}

/** A line of text at a place, in 12 points. */
export function line(text: string, x = 50, y = 700, before = ''): string {
  return `BT /F1 12 Tf ${before} 1 0 0 1 ${x} ${y} Tm (${text.replace(/[\\()]/g, String.raw`\$&`)}) Tj ET\n`;
}

function stream(entries: string, bytes: Buffer): Buffer {
  const head = `<< ${entries} /Length ${bytes.length} >>\nstream\n`;
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from('\nendstream')]);
}

function written(bodies: ReadonlyMap<number, Buffer>): Uint8Array {
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n')];
  let offset = 9;
  const offsets = new Map<number, number>();
  for (const [number, body] of bodies) {
    offsets.set(number, offset);
    const part = Buffer.concat([Buffer.from(`${number} 0 obj\n`), body, Buffer.from('\nendobj\n')]);
    parts.push(part);
    offset += part.length;
  }
  const size = [...bodies.keys()].reduce((most, number) => Math.max(most, number), 0) + 1;
  const sections = [...offsets].map(
    ([number, at]) => `${number} 1\n${String(at).padStart(10, '0')} 00000 n \n`,
  );
  parts.push(
    Buffer.from(`xref\n0 1\n0000000000 65535 f \n${sections.join('')}`),
    Buffer.from(`trailer\n<< /Size ${size} /Root 1 0 R /Info 4 0 R >>\nstartxref\n${offset}\n%%EOF\n`),
  );
  return new Uint8Array(Buffer.concat(parts));
}
