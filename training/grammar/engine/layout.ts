import type { Layout } from '../row.ts';
import type { Draw } from './draw.ts';
import type { Frame } from './frame.ts';
import { jsonText, keyOf, logText, xmlText } from './machine-layout.ts';

type Render = (frame: Frame, draw: Draw) => string;

/** The frame as text, in its layout. */
export function renderFrame(frame: Frame, draw: Draw): string {
  return renders[frame.layout](frame, draw).trim();
}

const renders: Readonly<Record<Layout, Render>> = {
  csv: csvText,
  email: emailText,
  json: jsonText,
  'key-value': keyValueText,
  log: logText,
  markdown: markdownText,
  prose: proseText,
  table: tableText,
  transcript: transcriptText,
  xml: xmlText,
};

/** A text on one line, as cells and log lines need it. */
function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}

/** Sentences in paragraphs of one to four. */
function paragraphs(sentences: readonly string[], draw: Draw): string[] {
  const result: string[] = [];
  let at = 0;
  while (at < sentences.length) {
    const size = draw.between(1, 4);
    result.push(sentences.slice(at, at + size).join(' '));
    at += size;
  }
  return result;
}

/** Notes told within running text, with or without their label. */
function noteSentences(frame: Frame, draw: Draw): string[] {
  const labelled = draw.chance(0.4);
  return frame.notes
    .filter((note) => note.text !== '')
    .map((note) => (labelled ? `${note.label}: ${note.text}` : note.text));
}

function titled(frame: Frame, draw: Draw): string[] {
  if (frame.title === '' || draw.chance(0.15)) return [];
  const title = draw.chance(0.25) ? frame.title.toUpperCase() : frame.title;
  return draw.chance(0.2) ? [title, '-'.repeat(Math.min(title.length, 60))] : [title];
}

function footnoteLines(frame: Frame, draw: Draw): string[] {
  const mark = draw.pick([
    (n: number) => `${n}) `,
    (n: number) => `[${n}] `,
    () => '* ',
    (n: number) => `${n} `,
  ]);
  return frame.footnotes.map((text, index) => mark(index + 1) + text);
}

function fieldLines(frame: Frame, draw: Draw): string[] {
  const joint = draw.pick([': ', ': ', ' - ', ':\t', ' = ', ':\n  ']);
  const upper = draw.chance(0.15);
  return frame.fields.map(
    (field) => `${upper ? field.label.toUpperCase() : field.label}${joint}${field.value}`,
  );
}

function keyValueText(frame: Frame, draw: Draw): string {
  const notes = frame.notes.filter((note) => note.text !== '').map((note) => `${note.label}: ${note.text}`);
  const told = paragraphs(frame.sentences, draw);
  const fields = fieldLines(frame, draw);
  const parts = draw.chance(0.7)
    ? [...fields, ...tableLines(frame, draw), ...told, ...notes]
    : [...fields.slice(0, 3), ...notes, ...fields.slice(3), ...told, ...tableLines(frame, draw)];
  return [...titled(frame, draw), ...parts, ...footnoteLines(frame, draw)].join('\n');
}

function proseText(frame: Frame, draw: Draw): string {
  const facts = draw.chance(0.5) ? [] : fieldLines(frame, draw);
  const sentences = [...frame.sentences, ...noteSentences(frame, draw)];
  const gap = draw.chance(0.7) ? '\n\n' : '\n';
  const body = paragraphs(sentences, draw).join(gap);
  const head = [...titled(frame, draw), ...facts].join('\n');
  return [head, body, tableLines(frame, draw).join('\n'), footnoteLines(frame, draw).join('\n')]
    .filter((part) => part !== '')
    .join(gap);
}

function tableLines(frame: Frame, draw: Draw): string[] {
  if (frame.table === null) return [];
  const { columns, rows } = frame.table;
  const style = draw.below(3);
  if (style === 0) return [columns, ...rows].map((row) => row.map(oneLine).join('  '));
  if (style === 1) return [columns, ...rows].map((row) => row.map(oneLine).join('\t'));
  return markdownTable(columns, rows);
}

function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(oneLine).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)];
}

function tableText(frame: Frame, draw: Draw): string {
  const pairs = [...frame.fields, ...frame.notes.map((note) => ({ label: note.label, value: note.text }))];
  const told = paragraphs(frame.sentences, draw);
  const own =
    frame.table === null || draw.chance(0.4)
      ? markdownTable(
          ['', ''],
          pairs.map((pair) => [pair.label, pair.value]),
        )
      : [...fieldLines(frame, draw), ...frame.notes.map((note) => `${note.label}: ${note.text}`)];
  return [
    ...titled(frame, draw),
    ...told,
    ...own,
    ...tableLines(frame, draw),
    ...footnoteLines(frame, draw),
  ].join('\n');
}

function markdownText(frame: Frame, draw: Draw): string {
  const bold = draw.chance(0.5);
  const bullet = draw.pick(['- ', '* ', '1. ']);
  const fields = frame.fields.map((field) =>
    bold ? `${bullet}**${field.label}**: ${field.value}` : `${bullet}${field.label}: ${field.value}`,
  );
  const quote = draw.chance(0.3);
  const notes = frame.notes.flatMap((note) =>
    note.text === '' ? [] : [`## ${note.label}`, quote ? `> ${oneLine(note.text)}` : note.text],
  );
  const table = frame.table === null ? [] : markdownTable(frame.table.columns, frame.table.rows);
  const foot = frame.footnotes.map((text, index) => `[^${index + 1}]: ${text}`);
  return [
    `# ${frame.title}`,
    ...fields,
    ...paragraphs(frame.sentences, draw),
    ...table,
    ...notes,
    ...foot,
  ].join('\n');
}

function csvCell(text: string, separator: string): string {
  const line = oneLine(text);
  return line.includes(separator) || line.includes('"') ? `"${line.replaceAll('"', '""')}"` : line;
}

function csvText(frame: Frame, draw: Draw): string {
  const separator = draw.pick([',', ',', ';', '\t']);
  const join = (cells: readonly string[]) => cells.map((cell) => csvCell(cell, separator)).join(separator);
  if (frame.table !== null) {
    const rest = frame.notes.filter((note) => note.text !== '').map((note) => join([note.label, note.text]));
    return [join(frame.table.columns), ...frame.table.rows.map(join), ...(draw.chance(0.4) ? [] : rest)].join(
      '\n',
    );
  }
  const pairs = [...frame.fields, ...frame.notes.map((note) => ({ label: note.label, value: note.text }))];
  if (draw.chance(0.3)) return pairs.map((pair) => join([pair.label, pair.value])).join('\n');
  return [join(pairs.map((pair) => keyOf(pair.label, 'snake'))), join(pairs.map((pair) => pair.value))].join(
    '\n',
  );
}

function emailText(frame: Frame, draw: Draw): string {
  const head = [
    `From: ${frame.sender.name} <${frame.sender.mail}>`,
    `To: ${frame.receiver.mail}`,
    ...(draw.chance(0.5) ? [`Date: ${frame.date}`] : []),
    `Subject: ${frame.title}`,
  ];
  const body = paragraphs([...frame.sentences, ...noteSentences(frame, draw)], draw).join('\n\n');
  const facts = draw.chance(0.4) ? fieldLines(frame, draw).join('\n') : '';
  const signature = [frame.sender.name, ...(draw.chance(0.5) ? [frame.sender.mail] : []), ...frame.footnotes];
  return [
    draw.chance(0.75) ? head.join('\n') : `Subject: ${frame.title}`,
    body,
    facts,
    draw.chance(0.3) ? tableLines(frame, draw).join('\n') : '',
    (draw.chance(0.4) ? ['--', ...signature] : signature).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function transcriptText(frame: Frame, draw: Draw): string {
  const [first, second] = frame.speakers;
  const style = draw.below(3);
  let minute = draw.below(20);
  const lines = [...frame.sentences, ...noteSentences(frame, draw)].map((sentence, index) => {
    const speaker = index % 2 === 0 ? first : second;
    minute += draw.between(0, 1);
    const stamp = `00:${String(minute % 60).padStart(2, '0')}:${String(draw.below(60)).padStart(2, '0')}`;
    if (style === 0) return `${speaker}: ${sentence}`;
    return style === 1 ? `[${stamp}] ${speaker}: ${sentence}` : `${speaker.toUpperCase()} - ${sentence}`;
  });
  return [...titled(frame, draw), ...lines, ...footnoteLines(frame, draw)].join('\n');
}
