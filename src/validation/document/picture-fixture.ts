import { createCanvas, ImageData } from '@napi-rs/canvas';
import { openPdf } from './pdf-file.ts';
import { makePdf, type TestPdf } from './pdf-fixture.ts';
import { drawPage } from './viewing/page-picture.ts';

export interface TestPicture {
  readonly width: number;
  readonly height: number;
  readonly jpeg: Buffer;
  readonly png: Buffer;
}

/** The first page of a document as a picture, drawn with the parser's own fonts: as after printing and scanning. */
export async function pictureOf(pdf: TestPdf): Promise<TestPicture> {
  const task = openPdf(makePdf(pdf), { draws: true });
  const page = await (await task.promise).getPage(1);
  const { drawn } = await drawPage(page);
  const { width, height, data } = drawn;
  const canvas = createCanvas(width, height);
  canvas.getContext('2d').putImageData(new ImageData(data, width, height), 0, 0);
  await task.destroy();
  return { width, height, jpeg: canvas.toBuffer('image/jpeg', 90), png: canvas.toBuffer('image/png') };
}

/** The entries and bytes of a picture as an object of a PDF. */
export function pictureObject({ width, height, jpeg }: TestPicture): { entries: string; bytes: Buffer } {
  const entries = `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode`;
  return { entries, bytes: jpeg };
}

/** A page that shows the picture all over, and what else is given. */
export function scanOf(picture: TestPicture, over = ''): TestPdf {
  return {
    pages: [{ content: `q 595 0 0 842 0 0 cm /P1 Do Q\n${over}`, resources: '/XObject << /P1 1000 0 R >>' }],
    objects: { 1000: pictureObject(picture) },
  };
}
