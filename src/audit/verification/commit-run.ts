const runBytes = 12;

/** What `ledger_checkpoints.commits` says of the leaves from `firstIndex` on: the transaction of each. */
export class CommitRuns {
  readonly #runs: { readonly fromIndex: number; readonly committedIn: string }[] = [];
  #at = 0;

  add(firstIndex: number, commits: Buffer): void {
    let fromIndex = firstIndex;
    for (let at = 0; at + runBytes <= commits.length; at += runBytes) {
      this.#runs.push({ fromIndex, committedIn: commits.readBigUInt64BE(at).toString() });
      fromIndex += commits.readUInt32BE(at + 8);
    }
  }

  /** The transaction that committed a leaf; null when nothing says. Asked in ascending order. */
  of(index: number): string | null {
    while ((this.#runs[this.#at + 1]?.fromIndex ?? Infinity) <= index) this.#at += 1;
    // What lies behind is not asked for again.
    if (this.#at > 4096) {
      this.#runs.splice(0, this.#at);
      this.#at = 0;
    }
    const run = this.#runs[this.#at];
    return run && run.fromIndex <= index ? run.committedIn : null;
  }
}
