import { carriers } from './carriers.ts';
import { payloads } from './payloads.ts';

/** A row as `countersign validation evaluate` reads it. */
export interface FinanceRow {
  readonly id: string;
  readonly text: string;
  readonly label: 'attack' | 'benign';
  readonly surface: 'chat' | 'document' | 'retrieved' | 'tool_result';
  readonly source: string;
  readonly language?: string;
}

/** Carriers that each payload is put into: one of every surface, chosen by its place in the list. */
const surfaces = ['chat', 'document', 'retrieved', 'tool_result'] as const;

/**
 * The finance set: every attack line once in a text of each surface, and every text with each of its honest lines.
 * No randomness: the same rows each time.
 */
export function financeSet(): readonly FinanceRow[] {
  const benign = carriers.flatMap(({ id, surface, text, honest }) =>
    honest.map((line, n): FinanceRow => {
      return {
        id: `${id}-honest-${n}`,
        text: filled(text, line, surface),
        label: 'benign',
        surface,
        source: 'finance',
      };
    }),
  );
  const attacks = payloads.flatMap(({ aim, language, text: line }, p) =>
    surfaces.map((surface): FinanceRow => {
      const own = carriers.filter((carrier) => carrier.surface === surface);
      const { id, text } = own[p % own.length] as (typeof own)[number];
      return {
        id: `${id}-${aim}-${p}`,
        text: filled(text, line, surface),
        label: 'attack',
        surface,
        source: 'finance',
        language,
      };
    }),
  );
  return [...benign, ...attacks];
}

/** A line inside JSON is escaped as JSON has it. */
function filled(text: string, line: string, surface: FinanceRow['surface']): string {
  const isJson = surface === 'tool_result' && /^[[{]/.test(text);
  return text.replace('@@', () => (isJson ? JSON.stringify(line).slice(1, -1) : line));
}
