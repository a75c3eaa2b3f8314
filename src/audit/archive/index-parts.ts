import { idText } from './hour.ts';

/** Where an entry's line is: part of the entries, byte offset, length without the line break. */
export type Location = readonly [part: number, offset: number, length: number];

const entriesPerPart = 50_000;
const idLength = 16;
/** id, part, offset, length. */
const rowBytes = idLength + 3 * 4;

function indexPartCount(entries: number): number {
  return Math.ceil(entries / entriesPerPart);
}

/** The last bytes of a UUIDv7 are random, so the parts are of about one size. */
export function indexPartOf(id: Buffer, parts: number): number {
  return id.readUInt32BE(idLength - 4) % parts;
}

/** Gathers where the entries of an hour are, in 28 bytes each, and writes them as index parts. */
export class IndexBuilder {
  readonly #parts: { rows: Buffer; bytes: number }[];

  constructor(entries: number) {
    this.#parts = Array.from({ length: indexPartCount(entries) }, () => ({
      rows: Buffer.allocUnsafe(Math.min(entries, entriesPerPart) * rowBytes),
      bytes: 0,
    }));
  }

  add(id: Buffer, [partNumber, offset, length]: Location): void {
    const part = this.#parts[indexPartOf(id, this.#parts.length)];
    if (!part) throw new RangeError('an entry was to be indexed beyond the announced number');
    if (part.bytes === part.rows.length) part.rows = Buffer.concat([part.rows, Buffer.alloc(part.bytes / 2)]);
    id.copy(part.rows, part.bytes);
    part.rows.writeUInt32BE(partNumber, part.bytes + idLength);
    part.rows.writeUInt32BE(offset, part.bytes + idLength + 4);
    part.rows.writeUInt32BE(length, part.bytes + idLength + 8);
    part.bytes += rowBytes;
  }

  *parts(): Generator<Buffer> {
    for (const { rows, bytes } of this.#parts) yield render(rows.subarray(0, bytes));
  }
}

function render(rows: Buffer): Buffer {
  const places = new Map<string, Location[]>();
  for (let at = 0; at < rows.length; at += rowBytes) {
    const id = idText(rows.subarray(at, at + idLength));
    const field = (n: number) => rows.readUInt32BE(at + idLength + 4 * n);
    const known = places.get(id);
    const location: Location = [field(0), field(1), field(2)];
    if (known) known.push(location);
    else places.set(id, [location]);
  }
  const sorted = [...places].sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify(Object.fromEntries(sorted)));
}

/** Where the entries of a decision are, as an index part says. */
export function locationsIn(part: Buffer, decisionId: string): readonly Location[] {
  const places = JSON.parse(part.toString('utf8')) as Record<string, Location[]>;
  return places[decisionId] ?? [];
}
