/** The archive, or what was to go there, is not what it must be. Ids, names and codes only (I8). */
export class ArchiveError extends Error {
  override name = 'ArchiveError';
  /** The segment's prefix. */
  readonly segment: string;
  /** Object or entry, where one is to blame. */
  readonly culprit: string | null;
  readonly problem: string;

  constructor(segment: string, culprit: string | null, problem: string) {
    super(`${segment}${culprit === null ? '' : ` ${culprit}`}: ${problem}`);
    this.segment = segment;
    this.culprit = culprit;
    this.problem = problem;
  }

  get told() {
    const { segment, culprit, problem } = this;
    return { segment, culprit, problem };
  }
}
