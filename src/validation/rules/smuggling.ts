import type { Smuggling } from '../canonical/invisible.ts';

/**
 * Uses of invisible characters, which the canonicaliser counts (canonical/invisible.ts holds the
 * scores, since they depend on how many there are and where). They are refused for what they are,
 * whatever they may spell.
 */
export const smugglingRules: Readonly<Record<Smuggling['rule'], string>> = {
  'smuggling-tags': 'Unicode tag characters outside a flag: they spell text that no reader sees.',
  'smuggling-selectors': 'Variation selectors that select nothing: they carry bytes.',
  'smuggling-zero-width': 'Zero-width characters in runs or inside many words: they hide words from filters.',
  'smuggling-bidi': 'Directional overrides: the text reads otherwise than it is stored.',
};
