import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { PixelBox } from './raster.ts';

/** One word as character recognition reads it. */
export interface SeenWord {
  readonly text: string;
  readonly box: PixelBox;
  /** Percent. */
  readonly confidence: number;
  /** Words of one line have the same number. */
  readonly line: string;
}

interface Engine {
  readonly FS: { writeFile(path: string, data: Uint8Array): void };
  readonly TessBaseAPI: new () => Recogniser;
}

interface Recogniser {
  Init(path: string | null, language: string, mode: number): number;
  SetVariable(name: string, value: string): void;
  SetPageSegMode(mode: number): void;
  SetImageFile(exif: number, angle: number): number;
  Recognize(progress: null): number;
  GetTSVText(page: number): string;
  Clear(): void;
}

const LSTM_ONLY = 1;
/** Find text wherever it stands, in no order: a page hides nothing behind its layout. */
const SPARSE = 11;
/** Lines and blocks as a reader would take them. */
const AUTOMATIC = 3;

let loaded: Promise<{ engine: Engine; recogniser: Recogniser }> | undefined;

/**
 * The words in a picture in shades of grey, by the recognition engine compiled to WebAssembly. One variant
 * of it for all machines, so that all of them read the same (I7).
 */
export async function recognise(image: Uint8Array, sparse: boolean): Promise<SeenWord[]> {
  loaded ??= load();
  const { engine, recogniser } = await loaded;
  engine.FS.writeFile('/input', image);
  recogniser.SetPageSegMode(sparse ? SPARSE : AUTOMATIC);
  if (recogniser.SetImageFile(1, 0) === 1) throw new Error('picture not taken');
  recogniser.Recognize(null);
  const words = wordsOf(recogniser.GetTSVText(0));
  recogniser.Clear();
  return words;
}

async function load(): Promise<{ engine: Engine; recogniser: Recogniser }> {
  const require = createRequire(import.meta.url);
  const start = require('tesseract.js-core/tesseract-core-simd-lstm') as (options: object) => Promise<Engine>;
  const silent = (): undefined => undefined;
  const engine = await start({ print: silent, printErr: silent });
  const data = dirname(require.resolve('@tesseract.js-data/eng/package.json'));
  const model = gunzipSync(readFileSync(join(data, '4.0.0_best_int', 'eng.traineddata.gz')));
  engine.FS.writeFile('./eng.traineddata', model);
  const recogniser = new engine.TessBaseAPI();
  if (recogniser.Init(null, 'eng', LSTM_ONLY) !== 0) throw new Error('recognition does not start');
  recogniser.SetVariable('debug_file', '/dev/null');
  return { engine, recogniser };
}

/** Rows of level, page, block, paragraph, line, word, left, top, width, height, confidence, text. */
const WORD = '5';

function wordsOf(table: string): SeenWord[] {
  return table.split('\n').flatMap((row) => {
    const [level, , block, paragraph, line, , left, top, width, height, confidence, text = ''] =
      row.split('\t');
    if (level !== WORD || text.trim() === '') return [];
    const [x, y] = [Number(left), Number(top)];
    const box = { left: x, top: y, right: x + Number(width), bottom: y + Number(height) };
    return [{ text, box, confidence: Number(confidence), line: `${block}.${paragraph}.${line}` }];
  });
}
