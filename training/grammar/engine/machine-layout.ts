import type { Draw } from './draw.ts';
import type { Frame } from './frame.ts';

type KeyStyle = 'snake' | 'camel' | 'kebab' | 'plain';

/** A label as programs write it: `Date of loss` is date_of_loss. Labels without Latin letters stay. */
export function keyOf(label: string, style: KeyStyle): string {
  const words = label
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
  if (style === 'plain') return label;
  if (style === 'snake') return words.join('_');
  if (style === 'kebab') return words.join('-');
  return words
    .map((word, index) => (index === 0 ? word : word.slice(0, 1).toUpperCase() + word.slice(1)))
    .join('');
}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

function scalar(text: string): Json {
  return /^-?\d{1,7}(?:\.\d{1,4})?$/.test(text) ? Number(text) : text;
}

function fieldObject(frame: Frame, style: KeyStyle): { [key: string]: Json } {
  const values: { [key: string]: Json } = {};
  for (const field of frame.fields) put(values, keyOf(field.label, style), scalar(field.value));
  return values;
}

function noteValue(frame: Frame, style: KeyStyle, draw: Draw): { [key: string]: Json } {
  const notes = frame.notes.filter((note) => note.text !== '');
  if (notes.length > 1 && draw.chance(0.4)) {
    const list = notes.map((note) =>
      draw.chance(0.5)
        ? { author: frame.sender.name, text: note.text }
        : { label: note.label, text: note.text },
    );
    return { [draw.pick(['notes', 'comments', 'remarks', 'events'])]: list };
  }
  const values: { [key: string]: Json } = {};
  for (const note of notes) put(values, keyOf(note.label, style), note.text);
  return values;
}

/** Two labels may make the same key; none may overwrite the other. */
function put(object: { [key: string]: Json }, key: string, value: Json): void {
  let free = key;
  for (let n = 2; free in object; n++) free = `${key}${n}`;
  object[free] = value;
}

function jsonValue(frame: Frame, draw: Draw): { [key: string]: Json } {
  const style = draw.pick<KeyStyle>(['snake', 'snake', 'camel', 'camel', 'kebab']);
  const body: { [key: string]: Json } = fieldObject(frame, style);
  if (frame.table !== null) {
    const keys = frame.table.columns.map((column) => keyOf(column, style));
    const rows = frame.table.rows.map((row) => {
      const values: { [key: string]: Json } = {};
      for (const [index, cell] of row.entries()) put(values, keys[index] ?? `c${index}`, scalar(cell));
      return values;
    });
    put(body, draw.pick(['items', 'entries', 'results', 'transactions', 'lines']), rows);
  }
  const told = frame.sentences.slice(0, draw.below(3)).join(' ');
  if (told !== '') put(body, draw.pick(['description', 'summary', 'text', 'narrative', 'content']), told);
  for (const [key, value] of Object.entries(noteValue(frame, style, draw))) put(body, key, value);
  if (frame.footnotes.length > 0) {
    put(body, draw.pick(['disclaimer', 'footer', 'info', '_meta']), frame.footnotes.join(' '));
  }
  return body;
}

/** As a tool would answer: bare, in an envelope, or as a Python client prints it. */
export function jsonText(frame: Frame, draw: Draw): string {
  const body = jsonValue(frame, draw);
  const envelope = draw.below(5);
  const whole: Json =
    envelope === 0
      ? { status: draw.pick(['ok', 'success', '200']), data: body }
      : envelope === 1
        ? { tool: keyOf(frame.title, 'snake'), result: body, error: null }
        : envelope === 2
          ? [body]
          : body;
  const shape = draw.below(6);
  if (shape === 0) return pythonText(whole);
  return shape < 3 ? JSON.stringify(whole, null, 2) : JSON.stringify(whole);
}

function pythonText(value: Json): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') {
    return value.includes("'") ? JSON.stringify(value) : `'${value.replaceAll('\n', '\\n')}'`;
  }
  if (Array.isArray(value)) return `[${value.map(pythonText).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, member]) => `'${key}': ${pythonText(member)}`)
    .join(', ')}}`;
}

export function logText(frame: Frame, draw: Draw): string {
  const service = draw.pick(['payments', 'kyc-worker', 'intake', 'gateway', 'scoring', 'batch']);
  let second = draw.below(3000);
  const stamp = () => {
    second += draw.between(0, 40);
    const two = (n: number) => String(n).padStart(2, '0');
    return `2025-0${draw.between(1, 9)}-1${draw.below(10)}T08:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}Z`;
  };
  const level = () => draw.pick(['INFO', 'INFO', 'INFO', 'WARN', 'DEBUG']);
  const lines = [
    ...frame.sentences.map((text) => `${service} ${text}`),
    ...frame.fields.map((field) => `${service} ${keyOf(field.label, 'snake')}=${quoted(field.value)}`),
    ...frame.notes
      .filter((note) => note.text !== '')
      .map((note) => `${service} ${keyOf(note.label, 'snake')}=${quoted(note.text)}`),
    ...frame.footnotes,
  ];
  return lines.map((line) => `${stamp()} ${level()} ${line.replace(/\s*\n\s*/g, ' ')}`).join('\n');
}

function quoted(text: string): string {
  return /\s/.test(text) ? `"${text.replaceAll('"', "'")}"` : text;
}

export function xmlText(frame: Frame, draw: Draw): string {
  const style = draw.pick<KeyStyle>(['snake', 'camel', 'kebab']);
  const root = keyOf(frame.title.split(/[^\p{L} ]/u)[0] ?? '', style) || 'record';
  const escape = (text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const element = (label: string, text: string) => {
    const key = keyOf(label, style) || 'value';
    return `  <${key}>${escape(text)}</${key}>`;
  };
  const rows = (frame.table?.rows ?? []).map((row) => {
    const cells = row.map((cell, index) => element(frame.table?.columns[index] ?? '', cell).trim());
    return `  <row>${cells.join('')}</row>`;
  });
  return [
    `<${root}>`,
    ...frame.fields.map((field) => element(field.label, field.value)),
    ...frame.sentences.map((text) => element('text', text)),
    ...rows,
    ...frame.notes.filter((note) => note.text !== '').map((note) => element(note.label, note.text)),
    ...frame.footnotes.map((text) => element('footer', text)),
    `</${root}>`,
  ].join('\n');
}
