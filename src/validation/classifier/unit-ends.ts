/**
 * Whether a mark ends a unit.
 * @param isBreak no letter or digit follows it
 */
export function endsUnit(code: number, isBreak: boolean, isJson: boolean): boolean {
  // . ; as in "1.25" or "e.g." they may stand inside
  if (code === 0x2e || code === 0x3b) return isBreak;
  // ! ? and their Chinese, Japanese, Arabic and Hindi kin
  if (code === 0x21 || code === 0x3f) return true;
  if (code === 0x3002 || code === 0xff01 || code === 0xff1f || code === 0x61f || code === 0x964) return true;
  // { } and a quotation mark after a value
  if (isJson) return code === 0x7b || code === 0x7d || ((code === 0x22 || code === 0x27) && isBreak);
  // > after a tag
  return code === 0x3e && isBreak;
}

/** Keys with values, or the start of an object or list. */
export function looksLikeJson(text: string): boolean {
  const start = text.slice(0, 40).trimStart();
  return /^[{[]/.test(start) || /["'] ?: ?["'{[\d]/.test(text.slice(0, 2000));
}
