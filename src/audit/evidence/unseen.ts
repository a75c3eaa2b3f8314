/**
 * Characters that show nothing or turn the text around them: controls, formats (bidirectional marks, zero
 * widths, tags), private and unassigned ones, fillers, variation selectors, lone surrogates and spaces that
 * are none. A report that printed them as they are would hide an attack from the person who reads it.
 */
const unseen =
  /(?:(?![\n\t])[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs})+/gu;

/** Longer runs are summed up: five hundred code points say no more than their number and their meaning. */
const listedMax = 6;

export interface ShownPiece {
  readonly text: string;
  /** The text stands for characters that are not seen. */
  readonly unseen: boolean;
}

/** The text in pieces, with every unseen character named by its code point. */
export function shownCharacters(text: string): ShownPiece[] {
  const plain = text.replaceAll('\r\n', '\n');
  const pieces: ShownPiece[] = [];
  let done = 0;
  for (const { 0: run, index } of plain.matchAll(unseen)) {
    if (index > done) pieces.push({ text: plain.slice(done, index), unseen: false });
    pieces.push({ text: nameOf(run), unseen: true });
    done = index + run.length;
  }
  if (done < plain.length) pieces.push({ text: plain.slice(done), unseen: false });
  return pieces;
}

function nameOf(run: string): string {
  const points = Array.from(run, (character) => character.codePointAt(0) ?? 0);
  const listed = points.slice(0, listedMax).map(codePoint).join(' ');
  if (points.length <= listedMax) return listed;
  const mirrored = points.filter((point) => point >= 0xe0020 && point <= 0xe007e);
  const spelled = mirrored.map((point) => String.fromCodePoint(point - 0xe0000)).join('');
  const meaning = spelled === '' ? '' : `, spelling “${spelled}”`;
  return `${listed} … ${points.length} unseen characters${meaning}`;
}

function codePoint(point: number): string {
  return `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
}
