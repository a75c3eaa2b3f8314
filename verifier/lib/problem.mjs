/**
 * @typedef {object} Place Where a check failed: the file, the position in the ledger, the record.
 * @property {string} [path]
 * @property {number} [index]
 * @property {string} [decisionId]
 * @property {string} [entryId]
 */

/**
 * @typedef {{code: string, message: string} & Place} ProblemFacts
 */

/**
 * @template Facts
 * @typedef {{holds: true, problem: null, facts: Facts} | {holds: false, problem: ProblemFacts, facts: null}} Verdict
 */

/**
 * The first thing that did not hold. It is thrown inside the checks, so that no caller can go on by
 * forgetting to look at a result, and turned into a verdict where a check ends.
 */
export class Problem extends Error {
  /**
   * @param {string} code stable, lower-case with hyphens
   * @param {string} message one sentence for a person
   * @param {Place} [place]
   */
  constructor(code, message, place = {}) {
    super(message);
    this.name = 'Problem';
    this.code = code;
    this.place = place;
  }

  /** @param {Place} place completes what the thrower could not know; what it did know wins */
  at(place) {
    this.place = { ...place, ...this.place };
    return this;
  }
}

/**
 * Runs a check to its verdict. Faults (a disk that does not answer) stay exceptions: a check that could
 * not be made is neither kept nor broken.
 * @template Facts
 * @param {() => Promise<Facts>} check
 * @returns {Promise<Verdict<Facts>>}
 */
export async function verdictOf(check) {
  try {
    return { holds: true, problem: null, facts: await check() };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return {
      holds: false,
      problem: { code: error.code, message: error.message, ...error.place },
      facts: null,
    };
  }
}

/**
 * Names the place of every problem that a part of a check finds.
 * @template T
 * @param {Place} place
 * @param {() => T} check
 * @returns {T}
 */
export function locate(place, check) {
  try {
    return check();
  } catch (error) {
    throw error instanceof Problem ? error.at(place) : error;
  }
}
