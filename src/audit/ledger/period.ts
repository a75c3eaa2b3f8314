/** A half-year of UTC; what follows a second dash counts the logs that were begun anew in it. */
const periodPattern = /^(\d{4}h[12])(?:-([1-9]\d{0,3}))?$/;

/** The half-year of a moment, such as `2026h2`. */
export function halfYearAt(ms: number): string {
  const moment = new Date(ms);
  return `${moment.getUTCFullYear()}h${moment.getUTCMonth() < 6 ? 1 : 2}`;
}

/** @returns null when the text names no period. */
export function parsePeriod(text: string): { halfYear: string; count: number } | null {
  const match = periodPattern.exec(text);
  if (!match?.[1]) return null;
  return { halfYear: match[1], count: match[2] === undefined ? 1 : Number(match[2]) };
}

/** The next log of the same half-year: `2026h2` is followed by `2026h2-2`. */
export function nextInHalfYear(period: string): string {
  const parsed = parsePeriod(period);
  return parsed === null ? `${period}-2` : `${parsed.halfYear}-${parsed.count + 1}`;
}

/** True when time has moved on to a later half-year; a clock that was set back opens nothing. */
export function isOver(period: string, nowMs: number): boolean {
  return halfYearAt(nowMs) > (parsePeriod(period)?.halfYear ?? period);
}
