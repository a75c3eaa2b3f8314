/** An hour of UTC, as the milliseconds of its beginning. */
export const hourMs = 60 * 60 * 1000;

export function hourAt(ms: number): number {
  return Math.floor(ms / hourMs) * hourMs;
}

/** Hour of a UUIDv7's time (RFC 9562, section 5.7), from its 16 bytes. */
export function hourOfId(id: Buffer): number {
  return hourAt(id.readUIntBE(0, 6));
}

export function idBytes(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

export function idText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** `2026-11-22T09:00:00Z`. */
export function hourText(hour: number): string {
  return `${new Date(hour).toISOString().slice(0, 19)}Z`;
}

/** What the names of a segment's objects begin with: `<cell>/<period>/<yyyy>/<mm>/<dd>/<hh>/`. */
export function segmentPrefix(cell: string, period: string, hour: number): string {
  const text = new Date(hour).toISOString();
  const folders = [text.slice(0, 4), text.slice(5, 7), text.slice(8, 10), text.slice(11, 13)];
  return `${[cell, period, ...folders].join('/')}/`;
}
