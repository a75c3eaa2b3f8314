import type { DrawnLine, DrawnPart } from './drawn-lines.ts';
import { comparable, letterCount, lettersFound } from './letters.ts';
import type { PixelBox } from './raster.ts';
import type { SeenWord } from './recognition.ts';

/** Recognition that is less sure, in percent, proves nothing against a text. */
const SURE = 70;
/** Fewer letters than this are read wrong too easily. */
const LETTERS_MIN = 4;
/** A line of which fewer letters are seen says something else than what is drawn; chance gives about .3. */
const SEEN_SHARE_MIN = 0.5;
/** Text that is concealed, but of which this much is seen at its place, is the text of a scan. */
const SCANNED_SHARE_MIN = 0.7;
/** So many letters in a row, not one word of which is seen, are no error of recognition. */
const RUN_LETTERS_MIN = 8;

/** The words seen where a line is drawn. */
export function wordsAt(line: DrawnLine, words: readonly SeenWord[]): SeenWord[] {
  const height = line.box.bottom - line.box.top;
  const box = grown(line.box, height, 0.6 * height);
  return words
    .filter((word) => isInside(middleOf(word.box), box))
    .toSorted((one, other) => one.box.left - other.box.left);
}

/** Parts of a line, drawn and to be seen, that look like other text than they are. */
export function disguisedParts(line: DrawnLine, words: readonly SeenWord[]): DrawnPart[] {
  const drawn = comparable(line.text);
  const seen = comparable(words.map(({ text }) => text).join(''));
  if (!line.level || drawn.length < LETTERS_MIN || sureness(words) < SURE) return [];
  // Other scripts are not read by this model.
  if (drawn.length < 0.6 * letterCount(line.text)) return [];
  if (seen.length < Math.max(LETTERS_MIN, 0.3 * drawn.length)) return [];
  const found = lettersFound(drawn, seen);
  if (shareOf(found) < SEEN_SHARE_MIN) return line.parts;
  return unseenRuns(line, found);
}

/** Parts of a concealed line that are seen all the same: the picture over or under it shows them. */
export function scannedParts(line: DrawnLine, words: readonly SeenWord[]): DrawnPart[] {
  const drawn = comparable(line.text);
  const seen = comparable(words.map(({ text }) => text).join(''));
  if (!line.level || drawn === '' || seen === '') return [];
  const found = lettersFound(drawn, seen);
  if (shareOf(found) < SCANNED_SHARE_MIN) return [];
  const unseen = new Set(unseenRuns(line, found));
  return line.parts.filter((part) => !unseen.has(part));
}

/** Neighbouring parts of which hardly a letter is seen, if they are long enough together. */
function unseenRuns({ parts }: DrawnLine, found: readonly boolean[]): DrawnPart[] {
  const unseen: DrawnPart[] = [];
  let run: DrawnPart[] = [];
  let letters = 0;
  let at = 0;
  const end = (): void => {
    if (letters >= RUN_LETTERS_MIN) unseen.push(...run);
    run = [];
    letters = 0;
  };
  for (const part of parts) {
    const { length } = comparable(part.shown.text);
    const share = length === 0 ? 0 : shareOf(found.slice(at, at + length));
    at += length;
    if (length > 0 && share >= 0.4) end();
    else {
      run.push(part);
      letters += length;
    }
  }
  end();
  return unseen;
}

function shareOf(found: readonly boolean[]): number {
  return found.length === 0 ? 1 : found.filter(Boolean).length / found.length;
}

function sureness(words: readonly SeenWord[]): number {
  const letters = words.reduce((sum, { text }) => sum + text.length, 0);
  const weighted = words.reduce((sum, { text, confidence }) => sum + text.length * confidence, 0);
  return letters === 0 ? 0 : weighted / letters;
}

export function isInside({ x, y }: { x: number; y: number }, box: PixelBox): boolean {
  return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
}

export function middleOf({ left, top, right, bottom }: PixelBox): { x: number; y: number } {
  return { x: (left + right) / 2, y: (top + bottom) / 2 };
}

export function grown({ left, top, right, bottom }: PixelBox, across: number, down: number): PixelBox {
  return { left: left - across, top: top - down, right: right + across, bottom: bottom + down };
}
