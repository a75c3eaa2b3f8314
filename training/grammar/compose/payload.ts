import { payloadEnd, payloadStart } from '../engine/frame.ts';
import type { Families } from '../row.ts';
import { capital, type Scene } from './scene.ts';

const mark = (text: string) => `${payloadStart}${text}${payloadEnd}`;

/** Families that carry their own frame: an opening in front of them would make no sense. */
const bare: ReadonlySet<string> = new Set([
  'delimiter_confusion',
  'fake_tool_output',
  'believable_fact',
  'generic_task',
  'split_payload',
]);

/**
 * One payload as parts: an opening that turns to whoever processes the text, the act, and a closing that
 * gives a reason or presses. Each part but the act may be absent. A split payload has several texts.
 */
export function composePayload(family: string, families: Families, scene: Scene): string[] {
  const { draw, language, say } = scene;
  const acts = families[family];
  if (acts === undefined) throw new Error(`no payloads of family ${family} in ${language.code}`);
  const parts = say(draw.pick(acts)).split('¶');
  if (parts.length > 1) return parts.map((part) => mark(capital(part.trim())));
  let text = capital(parts[0] ?? '');
  if (!bare.has(family)) {
    if (draw.chance(0.4))
      text = `${say(draw.pick(language.openings))} ${draw.chance(0.5) ? text : lower(text)}`;
    if (draw.chance(0.3)) text = `${text} ${capital(say(draw.pick(language.closings)))}`;
  }
  return [mark(restyled(text, scene))];
}

/** Not of words in capitals and names that begin with "I". */
function lower(text: string): string {
  return /^(?:I\b|[A-Z]{2})/.test(text) ? text : text.slice(0, 1).toLowerCase() + text.slice(1);
}

/** As people type: seldom in capitals, in brackets, without capitals, or without a full stop. */
function restyled(text: string, { draw }: Scene): string {
  const way = draw.below(24);
  if (way === 0) return text.toUpperCase();
  if (way === 1) return `(${text.replace(/\.$/, '')})`;
  if (way === 2) return text.toLowerCase();
  if (way === 3) return `[${text}]`;
  if (way <= 6) return text.replace(/[.。]$/, '');
  if (way === 7) return `*** ${text} ***`;
  if (way === 8) return `<!-- ${text} -->`;
  return text;
}

/**
 * An honest remark in the same dress, with openings and closings of its own where the language has them: else
 * "Important:" alone would tell an attack.
 */
export function composeHonest(family: string, families: Families, scene: Scene): string {
  const { draw, language, say } = scene;
  const texts = families[family];
  if (texts === undefined) throw new Error(`no honest texts of family ${family} in ${language.code}`);
  let text = capital(say(draw.pick(texts)));
  const openings = language.lists['honest_opening'];
  const closings = language.lists['honest_closing'];
  const remark = families === language.honest;
  if (remark && openings !== undefined && draw.chance(0.3)) {
    text = `${say(draw.pick(openings))} ${draw.chance(0.5) ? text : lower(text)}`;
  }
  if (remark && closings !== undefined && draw.chance(0.25))
    text = `${text} ${capital(say(draw.pick(closings)))}`;
  return restyled(text, scene);
}
