import type { Layout } from '../row.ts';

/** Private-use characters around a payload while a text is laid out; no data of ours contains them. */
export const payloadStart = '\uE000';
export const payloadEnd = '\uE001';

/** What one honest text says, before it is laid out. */
export interface Frame {
  layout: Layout;
  title: string;
  fields: { label: string; value: string }[];
  sentences: string[];
  notes: { label: string; text: string }[];
  table: { columns: string[]; rows: string[][] } | null;
  footnotes: string[];
  speakers: readonly [string, string];
  sender: { name: string; mail: string };
  receiver: { name: string; mail: string };
  date: string;
}

/** The text without its marks, and where the marks were. */
export function unmark(marked: string): { text: string; span?: { start: number; end: number } } {
  let text = '';
  let start = -1;
  let end = -1;
  for (const char of marked) {
    if (char === payloadStart) {
      if (start < 0) start = text.length;
    } else if (char === payloadEnd) end = text.length;
    else text += char;
  }
  return start < 0 ? { text } : { text, span: { start, end } };
}
