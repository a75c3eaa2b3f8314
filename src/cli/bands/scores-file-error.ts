/** A file of scores that cannot be read, with the row and column where it fails. */
export class ScoresFileError extends Error {
  override name = 'ScoresFileError';
}
