import { unmark } from '../engine/frame.ts';
import type { CorpusRow, Split } from '../row.ts';
import { familiesOf } from '../split.ts';
import { composeHonest, composePayload } from './payload.ts';
import { capital, type Scene } from './scene.ts';

/**
 * A message of a person to the assistant. The carriers of the held-out split put honest words and attacks
 * together in ways that those of training do not.
 */
export function composeChat(label: CorpusRow['label'], split: Split, scene: Scene): Omit<CorpusRow, 'id'> {
  const { draw, language } = scene;
  const honestFamily = draw.pick(familiesOf(language.chatHonest, split, draw));
  const honest = () => composeHonest(honestFamily, language.chatHonest, scene);
  const carrier = split === 'train' ? draw.pick(['message', 'message', 'customer_chat']) : 'dispute_chat';
  const about = { surface: 'chat', carrier, language: language.code } as const;
  if (label === 'benign') {
    const text = thread(carrier, [honest(), ...(draw.chance(0.35) ? [honest()] : [])], scene);
    return { text: unmark(text).text, label, family: honestFamily, ...about };
  }
  const family = draw.pick(familiesOf(language.chatAttacks, split, draw));
  const attack = composePayload(family, language.chatAttacks, scene);
  const parts = draw.chance(0.35) ? [honest(), ...attack] : [...attack];
  if (draw.chance(0.12)) parts.push(honest());
  const { text, span } = unmark(thread(carrier, parts, scene));
  if (span === undefined) throw new Error(`the payload of ${family} is lost in a chat`);
  return { text, label, family, ...about, payloadSpan: span };
}

function thread(carrier: string, parts: readonly string[], { draw, say }: Scene): string {
  if (carrier === 'message') return parts.join(draw.pick([' ', ' ', '\n', '\n\n']));
  if (carrier === 'customer_chat') {
    const greeting = draw.chance(0.6) ? `${capital(say('{greeting}'))} ` : '';
    const ending = draw.chance(0.4) ? ` ${capital(say('{thanks}'))}` : '';
    return `${greeting}${parts.join(' ')}${ending}`;
  }
  const reference = draw.chance(0.5) ? `${say('{caseline}')}\n` : '';
  return `${reference}${parts.join('\n')}${draw.chance(0.4) ? `\n${say('{name}')}` : ''}`;
}
