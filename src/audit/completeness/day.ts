const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
export const dayMs = 24 * 60 * 60 * 1000;

/** One UTC day. A call belongs to the day in its id, so that the counter and the store agree on it. */
export interface Day {
  /** yyyy-mm-dd */
  readonly name: string;
  /** Its first millisecond of the epoch. */
  readonly fromMs: number;
  /** The first millisecond of the next day. */
  readonly toMs: number;
}

export function dayAt(epochMs: number): Day {
  const fromMs = Math.floor(epochMs / dayMs) * dayMs;
  return { name: new Date(fromMs).toISOString().slice(0, 10), fromMs, toMs: fromMs + dayMs };
}

/** Null when the text is no day of the calendar. */
export function parseDay(text: string): Day | null {
  const fromMs = dayPattern.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(fromMs)) return null;
  const day = dayAt(fromMs);
  // Some parsers read the 30th of February as the 2nd of March.
  return day.name === text ? day : null;
}

/** Epoch milliseconds of a UUIDv7 (RFC 9562, section 5.7). */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
