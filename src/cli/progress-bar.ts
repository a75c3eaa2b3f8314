const widthMax = 30;
const periodMs = 100;

/** A line on standard error that fills up; silent where nobody looks at it. */
export class ProgressBar {
  readonly #name: string;
  readonly #visible: boolean;
  #shownMs = 0;

  constructor(name: string, visible: boolean) {
    this.#name = name;
    this.#visible = visible;
  }

  show(done: number, total: number, note: string): void {
    const nowMs = performance.now();
    if (!this.#visible || (nowMs - this.#shownMs < periodMs && done < total)) return;
    this.#shownMs = nowMs;
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const filled = Math.round(share * widthMax);
    const bar = '█'.repeat(filled) + '░'.repeat(widthMax - filled);
    process.stderr.write(`\r${this.#name} ${bar} ${Math.floor(share * 100)} %  ${note} `);
  }

  done(): void {
    if (this.#visible) process.stderr.write('\n');
  }
}
