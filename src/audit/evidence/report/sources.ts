import { readJson } from '../../../decision/json.ts';
import type { Telling } from '../telling.ts';

/** The text that a finding's place names; null where it is withheld or cannot be told. */
export function sourceOf(origin: string, telling: Telling): string | null {
  if (origin.startsWith('/output')) return outputText(origin.slice('/output'.length), telling);
  return telling.texts.find((part) => part.origin === origin)?.text ?? null;
}

/** Spans of the output filter lie in the raw answer, which a redacted report does not show. */
function outputText(pointer: string, { attempts, variant }: Telling): string | null {
  const answer = attempts.findLast((attempt) => attempt.answer !== null)?.answer;
  if (!answer || variant === 'redacted') return null;
  if (pointer === '') return answer.text;
  const parsed = readJson(answer.text);
  const found = pointer
    .slice(1)
    .split('/')
    .reduce<unknown>((value, step) => (isFields(value) ? value[step] : undefined), parsed);
  return typeof found === 'string' || typeof found === 'number' ? String(found) : null;
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
