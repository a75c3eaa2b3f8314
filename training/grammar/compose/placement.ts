import type { Draw } from '../engine/draw.ts';
import type { Frame } from '../engine/frame.ts';
import type { Layout } from '../row.ts';

type Place = 'note' | 'sentence' | 'cell' | 'footnote' | 'field';

const places: Readonly<Record<Layout, readonly Place[]>> = {
  csv: ['cell'],
  email: ['note', 'sentence', 'sentence', 'footnote'],
  json: ['note', 'note', 'note', 'cell', 'cell', 'footnote', 'field'],
  'key-value': ['note', 'note', 'sentence', 'cell', 'footnote', 'field'],
  log: ['note', 'note', 'sentence', 'field'],
  markdown: ['note', 'note', 'sentence', 'cell', 'footnote'],
  prose: ['note', 'sentence', 'sentence', 'cell', 'footnote'],
  table: ['note', 'note', 'cell', 'cell', 'footnote', 'field'],
  transcript: ['note', 'sentence', 'sentence'],
  xml: ['note', 'note', 'cell', 'sentence', 'field'],
};

/**
 * Puts a text where a stranger could have written it. Honest and hostile texts go to the same places, so that
 * the place tells nothing.
 */
export function insertInto(frame: Frame, text: string, draw: Draw): void {
  const place = draw.pick(places[frame.layout]);
  if (place === 'cell' && frame.table !== null) return intoCell(frame.table.rows, text, draw);
  if (place === 'sentence') {
    frame.sentences.splice(draw.below(frame.sentences.length + 1), 0, text);
    return;
  }
  if (place === 'footnote') {
    frame.footnotes.splice(draw.below(frame.footnotes.length + 1), 0, text);
    return;
  }
  const field = frame.fields.at(draw.below(Math.max(1, frame.fields.length)));
  if (place === 'field' && field !== undefined) {
    field.value = draw.chance(0.5) ? `${field.value} ${text}` : `${field.value}; ${text}`;
    return;
  }
  intoNote(frame, text, draw);
}

function intoCell(rows: string[][], text: string, draw: Draw): void {
  const row = rows[draw.below(rows.length)];
  if (row === undefined) throw new Error('a table without rows');
  const last = row.length - 1;
  row[last] = joined(row[last] ?? '', text, draw);
}

function intoNote(frame: Frame, text: string, draw: Draw): void {
  const note = frame.notes[draw.below(frame.notes.length)];
  if (note === undefined) throw new Error('a frame without notes');
  note.text = joined(note.text, text, draw);
}

/** In place of what is there, after it, or before it. */
function joined(existing: string, text: string, draw: Draw): string {
  const way = draw.below(4);
  if (existing === '' || way === 0) return text;
  const stop = /[.!?。]$/.test(existing) ? existing : `${existing}.`;
  return way === 3 ? `${text} ${existing}` : `${stop} ${text}`;
}
