/*
 * Letters of other scripts that a reader takes for a Latin one. Each string lists look-alikes for
 * the letters of its key, position by position. Small on purpose: it is applied only to words that
 * mix Latin with another script, where an honest reason is rare.
 */
const tables: readonly (readonly [latin: string, lookAlikes: string])[] = [
  // Cyrillic
  ['aceopxyijshkbdgqwmt', 'асеорхуіјѕһкЬԁɡԛԝмт'],
  ['ABCEHIJKMOPSTXYZ', 'АВСЕНІЈКМОРЅТХУЗ'],
  ['rnub', 'гпцъ'],
  // Greek
  ['avonpxyiuktesw', 'ανοηρχγιυκτεςω'],
  ['ABEZHIKMNOPTYX', 'ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ'],
  // Armenian
  ['oungshp', 'օսոցՏհք'],
  // Latin letters that NFKC leaves alone: small capitals, script g, strokes
  ['abcdefghijklmnopqrstuvwyz', 'ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ'],
  ['gbk', 'ɡƀꝁ'],
];

const latinOf = new Map<string, string>();
for (const [latin, lookAlikes] of tables) {
  const letters = Array.from(latin);
  for (const [index, lookAlike] of Array.from(lookAlikes).entries()) {
    const letter = letters[index];
    if (letter !== undefined && !latinOf.has(lookAlike)) latinOf.set(lookAlike, letter);
  }
}

/** The Latin letter that the character is taken for, or the character itself. */
export function latinLookAlike(character: string): string {
  return latinOf.get(character) ?? character;
}
