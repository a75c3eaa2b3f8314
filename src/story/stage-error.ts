/** The story cannot be played, or a part of it did not come in time; the message says what and what to do. */
export class StageError extends Error {
  override name = 'StageError';
}
