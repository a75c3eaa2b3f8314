/** Red, green, blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

export const white: Rgb = [255, 255, 255];
export const black: Rgb = [0, 0, 0];

/** Below this in every channel a reader cannot tell text from its ground: a contrast of about 1.2 to 1. */
const NEAR_PER_CHANNEL = 20;

export function areAlike(one: Rgb, other: Rgb): boolean {
  return one.every((channel, i) => Math.abs(channel - (other[i] as number)) <= NEAR_PER_CHANNEL);
}

/** `RRGGBB`, `#rgb`, `#rrggbb`, and with an alpha that comes first (Office) or last (CSS) left out. */
export function hexColour(value: string): Rgb | null {
  const digits = value.trim().replace(/^#/, '');
  if (!/^[0-9a-f]{3,8}$/i.test(digits)) return null;
  if (digits.length === 3 || digits.length === 4) {
    const [r = '', g = '', b = ''] = digits;
    return hexColour(`${r}${r}${g}${g}${b}${b}`);
  }
  if (digits.length !== 6 && digits.length !== 8) return null;
  const number = Number.parseInt(digits.slice(0, 6), 16);
  return [number >> 16, (number >> 8) & 0xff, number & 0xff];
}

/** @param share 0 leaves the colour as it is, 1 gives the other one */
export function mixed(colour: Rgb, other: Rgb, share: number): Rgb {
  const mix = (i: number) =>
    Math.round((colour[i] as number) + ((other[i] as number) - (colour[i] as number)) * share);
  return [mix(0), mix(1), mix(2)];
}
