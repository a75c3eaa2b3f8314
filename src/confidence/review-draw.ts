/**
 * Whether chance chose an id, in the given share of all cases. Chance is a keyed hash: nobody without the key can
 * foresee it, and whoever has it can check it years later.
 * @param macOf 32 bytes of a keyed hash of the id, under a purpose of its own
 */
export function isDrawn(id: string, share: number, macOf: (id: string) => Buffer): boolean {
  if (share <= 0) return false;
  // 48 bits are exact in a number, and finer than any share that is written down.
  return macOf(id).readUIntBE(0, 6) / 2 ** 48 < share;
}
