/**
 * The store did not answer within its budget, or is down. Nothing may be released on the strength of
 * what was to be written.
 */
export class StoreUnavailableError extends Error {
  override name = 'StoreUnavailableError';
  /** False: the statement never left this process. True: its effect is unknown for now. */
  readonly sent: boolean;
  /**
   * Resolves, never rejects: true when the write became durable after all, false when it did not or when
   * nobody can tell because the connection was lost; the sweeper finds the latter.
   */
  readonly late: Promise<boolean>;

  constructor(message: string, options: { sent: boolean; late?: Promise<boolean> }) {
    super(message);
    this.sent = options.sent;
    this.late = options.late ?? Promise.resolve(false);
  }
}

/** A unique constraint refused the write: somebody else wrote it first. Nothing of its unit was kept. */
export class ConflictError extends Error {
  override name = 'ConflictError';
  readonly constraint: string;

  constructor(constraint: string) {
    super(`The write conflicts with an earlier one (constraint ${constraint}).`);
    this.constraint = constraint;
  }
}

/**
 * PostgreSQL refused a statement for what it says. PostgreSQL's own message and detail quote values, so
 * only the SQLSTATE and the names of schema objects are carried on (I8).
 */
export class StatementError extends Error {
  override name = 'StatementError';
  readonly sqlState: string;

  constructor(sqlState: string, constraint: string | undefined) {
    super(
      `PostgreSQL refused the statement: SQLSTATE ${sqlState}${constraint ? `, constraint ${constraint}` : ''}.`,
    );
    this.sqlState = sqlState;
  }
}

/** The store, the data folder or the keyring cannot be used as it is; the message says what to do. */
export class StorageSetupError extends Error {
  override name = 'StorageSetupError';
}

/** The code of a system, pg or Node error (`ENOENT`, `23505`), for comparing; null when it has none. */
export function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** A living gateway holds the data folder. Commands attach to its database; a second gateway may not start. */
export class DataFolderInUseError extends StorageSetupError {
  override name = 'DataFolderInUseError';
}
