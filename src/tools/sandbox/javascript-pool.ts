import { JavascriptProcess } from './javascript-process.ts';
import type { JavascriptTask } from './javascript-task.ts';
import { fault, type ToolOutcome } from './outcome.ts';

const processesMax = 2;
const waitingMax = 64;

/** Child processes for javascript tools: each call has a runtime of its own, and no two share a process at once. */
export class JavascriptPool {
  readonly #idle: JavascriptProcess[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #all = new Set<JavascriptProcess>();
  #working = 0;

  async run(task: JavascriptTask): Promise<ToolOutcome> {
    if (this.#working < processesMax) this.#working += 1;
    else if (this.#waiting.length >= waitingMax) return fault('BUSY');
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const child = this.#child();
    try {
      return await child.run(task);
    } finally {
      if (child.alive) this.#idle.push(child);
      else this.#all.delete(child);
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

  #child(): JavascriptProcess {
    for (let child = this.#idle.pop(); child !== undefined; child = this.#idle.pop()) {
      if (child.alive) return child;
      this.#all.delete(child);
    }
    const child = new JavascriptProcess();
    this.#all.add(child);
    return child;
  }
}
