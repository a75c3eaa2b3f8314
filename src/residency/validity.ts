/** A half-open span of time, epoch milliseconds: in force at `fromMs`, no longer at `untilMs`. */
export interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Days of configurations, as they were read: a filter asks for the same few at every request. */
const daysRead = new Map<string, number>();

/** `YYYY-MM-DD` as 00:00 UTC in epoch milliseconds; NaN for a day that the calendar lacks. */
export function dayMs(day: string): number {
  const known = daysRead.get(day);
  if (known !== undefined) return known;
  const ms = readDay(day);
  daysRead.set(day, ms);
  return ms;
}

function readDay(day: string): number {
  const ms = Date.parse(`${day}T00:00:00Z`);
  // Date.parse carries 31 February over into March.
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== day ? Number.NaN : ms;
}

export function validityOf(span: { readonly validFrom: string; readonly validUntil: string }): Validity {
  return { fromMs: dayMs(span.validFrom), untilMs: dayMs(span.validUntil) };
}

/** False also where a bound is NaN: a span that cannot be read is not in force. */
export function isLive(validity: Validity, nowMs: number): boolean {
  return validity.fromMs <= nowMs && nowMs < validity.untilMs;
}

/** The span around a moment in which nothing begins or ends. */
export function stillness(validities: readonly Validity[], nowMs: number): Validity {
  const bounds = validities.flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]);
  return {
    fromMs: Math.max(...bounds.filter((bound) => bound <= nowMs)),
    untilMs: Math.min(...bounds.filter((bound) => bound > nowMs)),
  };
}
