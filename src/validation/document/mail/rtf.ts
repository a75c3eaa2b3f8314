import { tooLarge, unreadable } from '../markup/problem.ts';

/* Compressed RTF ([MS-OXRTFCP] 2.1 and 3.1). */
const COMPRESSED = 0x75465a4c;
const UNCOMPRESSED = 0x414c454d;
const HEADER_BYTES = 16;
const WINDOW_BYTES = 4096;
const initialWindow = Buffer.from(
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor ' +
    'MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx',
  'latin1',
);

export function decompressRtf(bytes: Uint8Array, bytesMax: number): string {
  if (bytes.length < HEADER_BYTES) throw unreadable('rtf');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rawBytes = view.getUint32(4, true);
  const kind = view.getUint32(8, true);
  if (rawBytes > bytesMax) throw tooLarge('expanded-bytes');
  if (kind === UNCOMPRESSED) return Buffer.from(bytes.subarray(HEADER_BYTES)).toString('latin1');
  if (kind !== COMPRESSED) throw unreadable('rtf');
  const window = Buffer.alloc(WINDOW_BYTES);
  initialWindow.copy(window);
  let written = initialWindow.length;
  const out: number[] = [];
  const put = (byte: number) => {
    out.push(byte);
    window[written] = byte;
    written = (written + 1) % WINDOW_BYTES;
  };
  for (let at = HEADER_BYTES; at < bytes.length && out.length < rawBytes; ) {
    const control = bytes[at] ?? 0;
    at += 1;
    for (let bit = 0; bit < 8 && at < bytes.length && out.length < rawBytes; bit += 1) {
      if ((control & (1 << bit)) === 0) {
        put(bytes[at] ?? 0);
        at += 1;
        continue;
      }
      const token = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      at += 2;
      const offset = token >> 4;
      // A reference to the place of writing itself is the end.
      if (offset === written) return Buffer.from(out).toString('latin1');
      for (let i = 0; i < (token & 15) + 2; i += 1) put(window[(offset + i) % WINDOW_BYTES] ?? 0);
    }
  }
  return Buffer.from(out).toString('latin1');
}

/** Groups in which no text of the document stands. */
const silent = new Set(
  (
    'fonttbl colortbl stylesheet info pict object themedata colorschememapping datastore listtable ' +
    'listoverridetable latentstyles generator rsidtbl xmlnstbl mmathPr filetbl revtbl fldinst'
  ).split(' '),
);

export interface RtfText {
  /** The page that was wrapped in it ([MS-OXRTFEX]), if one was. */
  readonly page: string | null;
  readonly shown: string;
  /** Text formatted as hidden. */
  readonly concealed: string;
}

interface Group {
  isSilent: boolean;
  isHidden: boolean;
  isTag: boolean;
  /** Repeats for RTF readers what stands in the tags. */
  isForRtf: boolean;
  skipped: number;
}

const GROUPS_MAX = 500;
const token = /\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z'])|([{}])|([^\\{}]+)|\\/gi;

/** The text of an RTF document: what is shown, and what is hidden by `\v`. */
export function readRtf(source: string): RtfText {
  const isPage = source.slice(0, 1000).includes('\\fromhtml');
  let group: Group = { isSilent: false, isHidden: false, isTag: false, isForRtf: false, skipped: 1 };
  const outer: Group[] = [];
  const out = { page: [] as string[], shown: [] as string[], concealed: [] as string[] };
  let pending = 0;
  const emit = (text: string) => {
    if (group.isTag) out.page.push(text);
    else if (!group.isSilent) {
      if (!group.isForRtf) out.page.push(text);
      (group.isHidden && !isPage ? out.concealed : out.shown).push(text);
    }
  };
  for (const [whole, word, argument, hex, symbol, brace, text] of source.matchAll(token)) {
    if (brace === '{') {
      if (outer.length === GROUPS_MAX) throw tooLarge('depth');
      outer.push({ ...group });
    } else if (brace === '}') group = outer.pop() ?? group;
    else if (word !== undefined) {
      if (word === 'u') pending = group.skipped;
      emit(wordText(word, argument, group));
    } else if (hex !== undefined) {
      if (pending > 0) pending -= 1;
      else emit(fromWindows1252(Number.parseInt(hex, 16)));
    } else if (symbol === '*') group.isSilent = true;
    else if (symbol !== undefined) emit(symbol === '~' ? '\u00a0' : '\\{}'.includes(symbol) ? symbol : '');
    else if (text !== undefined) {
      const kept = text.slice(Math.min(pending, text.length)).replace(/[\r\n]/g, '');
      pending = Math.max(0, pending - text.length);
      emit(kept);
    } else if (whole !== '\\') emit('');
  }
  return {
    page: isPage ? out.page.join('') : null,
    shown: out.shown.join(''),
    concealed: out.concealed.join(''),
  };
}

/** What a control word writes, and what it changes for its group. */
function wordText(word: string, argument: string | undefined, group: Group): string {
  if (word === 'v') group.isHidden = argument !== '0';
  else if (word === 'plain') group.isHidden = false;
  else if (word === 'uc') group.skipped = Number(argument ?? '1');
  else if (word === 'htmlrtf') group.isForRtf = argument !== '0';
  else if (word === 'htmltag') group.isTag = true;
  else if (silent.has(word)) group.isSilent = true;
  else if (word === 'par' || word === 'line' || word === 'row') return '\n';
  else if (word === 'tab' || word === 'cell') return '\t';
  else if (word === 'u') return String.fromCharCode(Number(argument ?? '63') & 0xffff);
  return '';
}

const upper = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function fromWindows1252(code: number): string {
  return code >= 0x80 && code < 0xa0 ? upper.charAt(code - 0x80) : String.fromCharCode(code);
}
