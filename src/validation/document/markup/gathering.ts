import { type ExtractedPiece, isConcealed, type Layer } from '../extraction.ts';
import { tooLarge } from './problem.ts';

interface Growing {
  readonly page: number | null;
  readonly part: string | undefined;
  readonly layer: Layer;
  readonly texts: string[];
  line: number;
}

/** Puts the text of a document together: one piece for each page, part and layer, lines kept apart. */
export class Gathering {
  readonly #growing = new Map<string, Growing>();
  readonly #charactersMax: number;
  #characters = 0;
  #line = 0;
  /** What following texts belong to. */
  page: number | null = null;
  part: string | undefined = undefined;

  constructor(charactersMax: number) {
    this.#charactersMax = charactersMax;
  }

  /** @throws DocumentProblem when the document has more text than is read */
  add(layer: Layer, text: string, part: string | undefined = this.part): void {
    if (text === '') return;
    this.#characters += text.length + 1;
    if (this.#characters > this.#charactersMax) throw tooLarge('characters');
    const key = `${this.page}|${part}|${layer}`;
    const found = this.#growing.get(key);
    if (found === undefined) {
      this.#growing.set(key, { page: this.page, part, layer, texts: [text], line: this.#line });
      return;
    }
    found.texts.push(found.line === this.#line ? text : `\n${text}`);
    found.line = this.#line;
  }

  /** A text that stands by itself. */
  addLine(layer: Layer, text: string, part: string | undefined = this.part): void {
    this.breakLine();
    this.add(layer, text.trim(), part);
    this.breakLine();
  }

  breakLine(): void {
    this.#line += 1;
  }

  pieces(): ExtractedPiece[] {
    return [...this.#growing.values()]
      .map(({ page, part, layer, texts }) => pieceOf(page, part, layer, texts.join('').trim()))
      .filter(({ text }) => text !== '');
  }
}

function pieceOf(page: number | null, part: string | undefined, layer: Layer, text: string): ExtractedPiece {
  // Spacers, rules and counters are concealed honestly everywhere: figures without a word raise no alarm.
  const isAlarming = !isConcealed(layer) || /\p{L}{2}|[\p{Script=Han}]/u.test(text);
  return { page, ...(part === undefined ? {} : { part }), layer: isAlarming ? layer : 'annotation', text };
}
