/** What is wrong with an operator's model, and what to do; while it is asked, that it is late or failed. */
export class OperatorModelError extends Error {
  override name = 'OperatorModelError';
}
