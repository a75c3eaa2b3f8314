import { stripVTControlCharacters, styleText } from 'node:util';
import type { SceneResult } from './scene.ts';

/** Where a table goes: how wide it may be, and whether colour can be seen there. */
interface Canvas {
  readonly columns: number;
  readonly colour: boolean;
}

/** A decision id has to fit under the name of its scene. */
const sceneWidth = 36;
const markWidth = 4;
const numberWidth = 2;
const gap = '  ';
const narrowest = 96;
const widest = 150;

type Paint = Parameters<typeof styleText>[0];

/** A table that is printed row by row, while its rows come about. The verdict is a word, not only a colour. */
export class StoryTable {
  readonly #canvas: Canvas;
  readonly #widths: readonly [number, number, number, number, number];
  #rows = 0;

  constructor(canvas: Canvas) {
    this.#canvas = canvas;
    const width = Math.min(widest, Math.max(narrowest, canvas.columns));
    const rest = width - numberWidth - markWidth - sceneWidth - 4 * gap.length;
    const expected = Math.floor(rest * 0.45);
    this.#widths = [numberWidth, markWidth, sceneWidth, expected, rest - expected];
  }

  head(): string {
    const titles = ['#', '', 'Scene, decision id', 'Expected', 'What happened'];
    return `${this.#lines(titles.map((title) => [this.#paint('dim', title)]))}\n${this.#rule()}`;
  }

  row(result: SceneResult): string {
    this.#rows += 1;
    const { ok, decisionId } = result;
    const [, , scene, expected, actual] = this.#widths;
    const cells = [
      [this.#paint('dim', String(this.#rows).padStart(numberWidth))],
      [this.#paint(ok ? 'green' : 'red', ok ? 'ok' : 'FAIL')],
      [
        ...wrap(result.name, scene).map((line) => this.#paint('bold', line)),
        this.#paint('dim', decisionId ?? 'no decision'),
      ],
      wrap(result.expected, expected),
      wrap(result.actual, actual).map((line) => this.#paint(ok ? 'reset' : 'red', line)),
    ];
    return `${this.#lines(cells)}\n${this.#rule()}`;
  }

  #rule(): string {
    const width = this.#widths.reduce((sum, column) => sum + column, 4 * gap.length);
    return this.#paint('dim', '─'.repeat(width));
  }

  /** Cells side by side. Colour takes no room, so it does not count into a cell's width. */
  #lines(cells: readonly (readonly string[])[]): string {
    const height = Math.max(...cells.map((cell) => cell.length));
    const lines = Array.from({ length: height }, (_, line) => {
      const parts = cells.map((cell, column) => {
        const text = cell[line] ?? '';
        const width = this.#widths[column] ?? 0;
        return text + ' '.repeat(Math.max(0, width - stripVTControlCharacters(text).length));
      });
      return parts.join(gap).trimEnd();
    });
    return lines.join('\n');
  }

  #paint(paint: Paint, text: string): string {
    return this.#canvas.colour && text !== '' && paint !== 'reset'
      ? styleText(paint, text, { validateStream: false })
      : text;
  }
}

/** Lines of at most `width` characters, broken between words; a longer word is cut. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text
    .split(/\s+/)
    .flatMap((long) => long.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [])) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
