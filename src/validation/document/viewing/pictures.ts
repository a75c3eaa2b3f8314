import { loadImage } from '@napi-rs/canvas';
import type { Seen } from '../child-programs.ts';
import type { ExtractionLimits } from '../extraction.ts';
import { pictureSize } from './picture-size.ts';
import { greymap, rasterOf, whiteCanvas } from './raster.ts';
import { recognise, type SeenWord } from './recognition.ts';

/** Three sheets of A4 at 300 dots per inch. */
const PIXELS_MAX = 26_000_000;
/** What recognition is given: larger pictures are made smaller, small ones larger. */
const READ_PIXELS_MAX = 6_000_000;
const READ_SIDE_MIN = 1_000;
const ENLARGED_MAX = 3;

/** What a picture says. Its size is read from its head before anything is decoded. */
export async function viewPicture(
  mediaType: string,
  bytes: Uint8Array,
  { charactersMax }: ExtractionLimits,
): Promise<Seen> {
  const size = pictureSize(mediaType, bytes);
  if (size === null) return { kind: 'unreadable', detail: 'picture-head' };
  if (size.width * size.height > PIXELS_MAX) return { kind: 'too-large', detail: 'pixels' };
  const image = await loadImage(Buffer.from(bytes));
  const { width, height } = image;
  if (width * height === 0) return { kind: 'unreadable', detail: 'picture' };
  if (width * height > PIXELS_MAX) return { kind: 'too-large', detail: 'pixels' };
  const enlarged = Math.min(ENLARGED_MAX, Math.max(1, READ_SIDE_MIN / Math.max(width, height)));
  const scale = Math.min(enlarged, Math.sqrt(READ_PIXELS_MAX / (width * height)));
  const canvas = whiteCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  const words = await recognise(greymap(rasterOf(canvas)), false);
  const text = linesOfWords(words);
  if (text.length > charactersMax) return { kind: 'too-large', detail: 'characters' };
  return { kind: 'seen', pieces: text === '' ? [] : [{ page: null, layer: 'image-text', text }] };
}

/** Less sure readings are of ornaments and textures; percent. */
const CONFIDENCE_MIN = 50;

/** Words as lines of text, without what is no word. */
export function linesOfWords(words: readonly SeenWord[]): string {
  const lines = new Map<string, string[]>();
  for (const { text, confidence, line } of words) {
    if (confidence < CONFIDENCE_MIN || !/[\p{L}\p{N}]/u.test(text)) continue;
    const before = lines.get(line);
    if (before) before.push(text);
    else lines.set(line, [text]);
  }
  return [...lines.values()].map((line) => line.join(' ')).join('\n');
}
