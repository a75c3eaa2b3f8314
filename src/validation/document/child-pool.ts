import type { ExtractionLimits } from './extraction.ts';
import { type ChildAnswer, ExtractorChild } from './child-process.ts';

const CHILDREN_MAX = 2;
const WAITING_MAX = 64;

/** Too many documents are waiting to be read: a fault, and the gate that meets it is closed (I6). */
class ReadersBusyError extends Error {
  override name = 'ReadersBusyError';
}

/** Long-lived children that read documents; one that died is replaced when the next document comes. */
export class ChildPool {
  readonly #idle: ExtractorChild[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #all = new Set<ExtractorChild>();
  #working = 0;

  /** @throws ReadersBusyError when too many documents are waiting */
  async read(bytes: Uint8Array, limits: ExtractionLimits, timeoutMs: number): Promise<ChildAnswer> {
    await this.#turn();
    try {
      return await this.#readWith(this.#child(), bytes, limits, timeoutMs);
    } finally {
      // The turn passes on directly, so that nobody overtakes those who wait.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#working -= 1;
    }
  }

  close(): void {
    for (const child of this.#all) child.kill();
    this.#all.clear();
    this.#idle.length = 0;
  }

  async #turn(): Promise<void> {
    if (this.#working < CHILDREN_MAX) {
      this.#working += 1;
      return;
    }
    if (this.#waiting.length >= WAITING_MAX)
      throw new ReadersBusyError('too many documents are waiting to be read');
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #child(): ExtractorChild {
    for (let child = this.#idle.pop(); child !== undefined; child = this.#idle.pop()) {
      if (child.alive) return child;
      this.#all.delete(child);
    }
    const child = new ExtractorChild();
    this.#all.add(child);
    return child;
  }

  async #readWith(
    child: ExtractorChild,
    bytes: Uint8Array,
    limits: ExtractionLimits,
    timeoutMs: number,
  ): Promise<ChildAnswer> {
    try {
      return await child.read(bytes, limits, timeoutMs);
    } finally {
      if (child.alive) this.#idle.push(child);
      else this.#all.delete(child);
    }
  }
}
