import { type ChildProgram, ConfinedChild, type Died } from './child-process.ts';
import { isolationHere } from './sandbox.ts';

const CHILDREN_MAX = 2;
const WAITING_MAX = 64;

/** Too many documents are waiting to be read: a fault, and the gate that meets it is closed (I6). */
class ReadersBusyError extends Error {
  override name = 'ReadersBusyError';
}

/** Long-lived children that run one program; one that died is replaced when the next job comes. */
export class ChildPool<Job, Answer> {
  readonly #program: () => ChildProgram<Job, Answer>;
  readonly #idle: ConfinedChild<Job, Answer>[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #all = new Set<ConfinedChild<Job, Answer>>();
  #working = 0;

  constructor(program: () => ChildProgram<Job, Answer>) {
    this.#program = program;
  }

  /** @throws ReadersBusyError when too many documents are waiting */
  async run(job: Job, timeoutMs: number): Promise<Answer | Died> {
    const isolation = await isolationHere();
    await this.#turn();
    try {
      const child = this.#idleChild() ?? this.#newChild(new ConfinedChild(this.#program(), isolation));
      return await this.#runWith(child, job, timeoutMs);
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

  #idleChild(): ConfinedChild<Job, Answer> | null {
    for (let child = this.#idle.pop(); child !== undefined; child = this.#idle.pop()) {
      if (child.alive) return child;
      this.#all.delete(child);
    }
    return null;
  }

  #newChild(child: ConfinedChild<Job, Answer>): ConfinedChild<Job, Answer> {
    this.#all.add(child);
    return child;
  }

  async #runWith(child: ConfinedChild<Job, Answer>, job: Job, timeoutMs: number): Promise<Answer | Died> {
    try {
      return await child.run(job, timeoutMs);
    } finally {
      if (child.alive) this.#idle.push(child);
      else this.#all.delete(child);
    }
  }
}
