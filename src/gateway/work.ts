import { CountersignError } from '../decision/errors.ts';

/** Decisions in work: at most so many at once, and at shutdown none is left behind. */
export class WorkInProgress {
  readonly #max: number;
  readonly #idle: (() => void)[] = [];
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** @throws CountersignError OVERLOADED when as many are in work as may be */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#count >= this.#max) throw new CountersignError('OVERLOADED');
    this.#count++;
    try {
      return await work();
    } finally {
      this.#count--;
      if (this.#count === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  /** Resolves when none is in work, also those whose client has gone. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#count === 0) resolve();
      else this.#idle.push(resolve);
    });
  }
}
