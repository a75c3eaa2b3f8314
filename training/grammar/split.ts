import type { Draw } from './engine/draw.ts';
import type { Families, Split } from './row.ts';

/**
 * What training never sees, so that a figure on the held-out split says how the classifier fares on payloads
 * and texts of a kind that it has not met.
 */
export const heldOutFamilies: ReadonlySet<string> = new Set([
  // Attacks
  'reviewer_manipulation',
  'persistence',
  'fake_tool_output',
  'hypothetical',
  'denial',
  // Honest wordings
  'quoted_command',
  'checklist',
]);

export const heldOutCarriers: ReadonlySet<string> = new Set([
  'invoice',
  'board_minutes',
  'call_transcript',
  'medical_report',
  'fx_quote',
  'crm_record',
  'knowledge_article',
  'dispute_chat',
]);

/** The families that a row of the split may take. Held-out rows take a held-out family two times of three. */
export function familiesOf(families: Families, split: Split, draw: Draw): string[] {
  const names = Object.keys(families);
  const known = names.filter((name) => !heldOutFamilies.has(name));
  if (split === 'train') return known;
  const held = names.filter((name) => heldOutFamilies.has(name));
  return held.length > 0 && draw.chance(2 / 3) ? held : known;
}
