/**
 * HalfSipHash-2-4 (J.-P. Aumasson and D. J. Bernstein): a keyed hash of 32 bits that is fast in 32-bit arithmetic, for
 * sketches that live in memory only. What leaves the process is an HMAC over it (`sharedName`).
 */
export class KeyedHash {
  readonly #k0: number;
  readonly #k1: number;

  /** @param key at least 8 bytes */
  constructor(key: Buffer) {
    this.#k0 = key.readInt32LE(0);
    this.#k1 = key.readInt32LE(4);
  }

  /** 32 bits, unsigned. Of the UTF-16 code units of the text. */
  text(text: string): number {
    const state = new State(this.#k0, this.#k1);
    let i = 0;
    for (; i + 1 < text.length; i += 2) state.absorb(text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16));
    state.absorb(i < text.length ? text.charCodeAt(i) : -1);
    state.absorb(text.length);
    return state.finish();
  }

  /** 32 bits, unsigned, of two 32-bit words. */
  pair(a: number, b: number): number {
    const state = new State(this.#k0, this.#k1);
    state.absorb(a);
    state.absorb(b);
    return state.finish();
  }
}

class State {
  #v0: number;
  #v1: number;
  #v2: number;
  #v3: number;

  constructor(k0: number, k1: number) {
    this.#v0 = k0;
    this.#v1 = k1;
    this.#v2 = k0 ^ 0x6c796765;
    this.#v3 = k1 ^ 0x74656462;
  }

  absorb(word: number): void {
    this.#v3 ^= word;
    this.#round();
    this.#round();
    this.#v0 ^= word;
  }

  finish(): number {
    this.#v2 ^= 0xff;
    for (let i = 0; i < 4; i++) this.#round();
    return (this.#v1 ^ this.#v3) >>> 0;
  }

  #round(): void {
    this.#v0 = (this.#v0 + this.#v1) | 0;
    this.#v1 = rotate(this.#v1, 5) ^ this.#v0;
    this.#v0 = rotate(this.#v0, 16);
    this.#v2 = (this.#v2 + this.#v3) | 0;
    this.#v3 = rotate(this.#v3, 8) ^ this.#v2;
    this.#v0 = (this.#v0 + this.#v3) | 0;
    this.#v3 = rotate(this.#v3, 7) ^ this.#v0;
    this.#v2 = (this.#v2 + this.#v1) | 0;
    this.#v1 = rotate(this.#v1, 13) ^ this.#v2;
    this.#v2 = rotate(this.#v2, 16);
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
