const idBytes = 16;
const noRow = 0xffff_ffff;

/**
 * Numbers 16-byte ids in the order of their first appearance, exactly: ids lie one after the other in one
 * buffer, and an open-addressing index of 4-byte row numbers finds them. Three million ids take about 100 MB,
 * where a Map of strings would take ten times as much.
 */
export class IdTable {
  #ids = Buffer.allocUnsafe(1024 * idBytes);
  #slots = new Uint32Array(4096).fill(noRow);
  #size = 0;
  readonly #probe = Buffer.allocUnsafe(idBytes);

  get size(): number {
    return this.#size;
  }

  /** The row of a UUID; a new one when it has none yet. */
  rowOfUuid(uuid: string): number {
    return this.rowOf(this.#parse(uuid));
  }

  /** The row of a UUID, or -1. */
  findUuid(uuid: string): number {
    const id = this.#parse(uuid);
    const row = this.#slots[this.#slotOf(id)] ?? noRow;
    return row === noRow ? -1 : row;
  }

  rowOf(id: Uint8Array): number {
    const slot = this.#slotOf(id);
    const known = this.#slots[slot] ?? noRow;
    if (known !== noRow) return known;
    const row = this.#size++;
    if (row * idBytes === this.#ids.length) this.#growIds();
    this.#ids.set(id, row * idBytes);
    this.#slots[slot] = row;
    if (this.#size * 5 > this.#slots.length * 3) this.#growSlots();
    return row;
  }

  uuidAt(row: number): string {
    const hex = this.#ids.toString('hex', row * idBytes, (row + 1) * idBytes);
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }

  #parse(uuid: string): Buffer {
    this.#probe.fill(0);
    this.#probe.write(uuid.replaceAll('-', ''), 'hex');
    return this.#probe;
  }

  /** The slot that holds the id, or the empty one where it belongs. */
  #slotOf(id: Uint8Array): number {
    const mask = this.#slots.length - 1;
    let slot = hashAt(id, 0) & mask;
    for (;;) {
      const row = this.#slots[slot] ?? noRow;
      if (row === noRow || this.#holds(row, id)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #holds(row: number, id: Uint8Array): boolean {
    const at = row * idBytes;
    for (let i = idBytes - 1; i >= 0; i--) if (this.#ids[at + i] !== id[i]) return false;
    return true;
  }

  #growIds(): void {
    const grown = Buffer.allocUnsafe(this.#ids.length * 2);
    this.#ids.copy(grown);
    this.#ids = grown;
  }

  /** All ids are different, so each only needs an empty slot: no comparing, which would stop everything else. */
  #growSlots(): void {
    const slots = new Uint32Array(this.#slots.length * 2).fill(noRow);
    const mask = slots.length - 1;
    for (let row = 0; row < this.#size; row++) {
      let slot = hashAt(this.#ids, row * idBytes) & mask;
      while (slots[slot] !== noRow) slot = (slot + 1) & mask;
      slots[slot] = row;
    }
    this.#slots = slots;
  }
}

/** The last bytes of a UUIDv7 and of a digest are random. */
function hashAt(ids: Uint8Array, at: number): number {
  const high = ((ids[at + 12] ?? 0) << 24) | ((ids[at + 13] ?? 0) << 16);
  return (high | ((ids[at + 14] ?? 0) << 8) | (ids[at + 15] ?? 0)) >>> 0;
}

/** One small number for each row of a table; 0 where nothing was set. */
export class Column {
  #values: Uint32Array | Uint16Array;

  constructor(kind: 'uint16' | 'uint32') {
    this.#values = kind === 'uint16' ? new Uint16Array(1024) : new Uint32Array(1024);
  }

  at(row: number): number {
    return this.#values[row] ?? 0;
  }

  set(row: number, value: number): void {
    if (row >= this.#values.length) {
      const length = Math.max(this.#values.length * 2, row + 1);
      const grown = this.#values instanceof Uint16Array ? new Uint16Array(length) : new Uint32Array(length);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[row] = value;
  }
}
