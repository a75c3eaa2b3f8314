import { InvariantError } from '../decision/errors.ts';

/**
 * PostgreSQL's binary array format. pg sends a Buffer as it is and an array as text, where every bytea is
 * written in hexadecimal, escaped and parsed again; for rows of a few kilobytes that costs more than all
 * the rest of the insert.
 */

interface Codec {
  /** Object id of the element type in pg_type, the same in every PostgreSQL. */
  readonly oid: number;
  size(value: unknown): number;
  write(value: unknown, into: Buffer, offset: number): void;
}

const epoch2000Ms = 946_684_800_000;

const codecs = {
  text: {
    oid: 25,
    size: (value) => Buffer.byteLength(textOf(value)),
    write: (value, into, offset) => into.write(textOf(value), offset),
  },
  uuid: {
    oid: 2950,
    size: () => 16,
    write(value, into, offset) {
      const digits = textOf(value).replaceAll('-', '');
      if (digits.length !== 32 || into.write(digits, offset, 'hex') !== 16) throw mismatch('UUID');
    },
  },
  bytea: {
    oid: 17,
    size: (value) => bytesOf(value).length,
    write: (value, into, offset) => into.set(bytesOf(value), offset),
  },
  // The binary form of jsonb is a version byte and the JSON text.
  jsonb: {
    oid: 3802,
    size: (value) => Buffer.byteLength(textOf(value)) + 1,
    write(value, into, offset) {
      into[offset] = 1;
      into.write(textOf(value), offset + 1);
    },
  },
  // Microseconds since the year 2000.
  timestamptz: {
    oid: 1184,
    size: () => 8,
    write(value, into, offset) {
      if (!(value instanceof Date)) throw mismatch('Date');
      into.writeBigInt64BE(BigInt(value.getTime() - epoch2000Ms) * 1000n, offset);
    },
  },
  bool: {
    oid: 16,
    size: () => 1,
    write(value, into, offset) {
      if (typeof value !== 'boolean') throw mismatch('boolean');
      into[offset] = value ? 1 : 0;
    },
  },
  int4: {
    oid: 23,
    size: () => 4,
    write(value, into, offset) {
      if (typeof value !== 'number') throw mismatch('number');
      into.writeInt32BE(value, offset);
    },
  },
} as const satisfies Record<string, Codec>;

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw mismatch('string');
  return value;
}

function bytesOf(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw mismatch('Buffer');
  return value;
}

function mismatch(wanted: string): InvariantError {
  return new InvariantError(`a row has something else where its column takes a ${wanted}`);
}

/**
 * uuid, text and jsonb (as JSON text) take strings, bytea a Buffer, timestamptz a Date, bool a boolean, int4 a number;
 * all take null.
 */
export type ColumnType = keyof typeof codecs;

/** One column of many rows as a parameter for `$n::type[]`. */
export function encodeColumn(
  type: ColumnType,
  rows: readonly (readonly unknown[])[],
  column: number,
): Buffer {
  const codec: Codec = codecs[type];
  let length = 20;
  let hasNull = 0;
  for (const row of rows) {
    const value = row[column];
    if (value === null) hasNull = 1;
    length += 4 + (value === null ? 0 : codec.size(value));
  }
  const array = Buffer.allocUnsafe(length);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(hasNull, 4);
  array.writeInt32BE(codec.oid, 8);
  array.writeInt32BE(rows.length, 12);
  array.writeInt32BE(1, 16);
  let offset = 20;
  for (const row of rows) {
    const value = row[column];
    const size = value === null ? -1 : codec.size(value);
    array.writeInt32BE(size, offset);
    offset += 4;
    if (size < 0) continue;
    codec.write(value, array, offset);
    offset += size;
  }
  return array;
}
