import { chats } from './chats.ts';
import { documents } from './documents.ts';
import { passages } from './passages.ts';
import { results } from './results.ts';

/*
 * Honest financial texts, each with one gap (`@@`) that takes either a line that belongs there or an attack.
 * Written apart from the training grammar, by somebody who had not read it: it measures, and nothing is
 * ever fitted on it.
 */

export interface FinanceCarrier {
  readonly id: string;
  readonly surface: 'chat' | 'document' | 'retrieved' | 'tool_result';
  readonly text: string;
  /** Lines that honestly stand in the gap, those that look like orders among them. */
  readonly honest: readonly string[];
}

export const carriers: readonly FinanceCarrier[] = [...documents, ...passages, ...results, ...chats];
