import { DatabaseError } from 'pg';
import { codeOf, ConflictError, StatementError, StoreUnavailableError } from './errors.ts';

// SQLSTATE classes (PostgreSQL manual, appendix A) that speak of the server's state, not of the statement:
// connection, resources, operator intervention, system, internal; 25006 is a standby before its promotion.
const unavailable = /^(08|53|57|58|F0|XX)|^25006$/;

/** What pg threw, as one of our errors. Anything without an SQLSTATE came from the connection. */
export function asStoreError(
  error: unknown,
  sent: boolean,
): StoreUnavailableError | ConflictError | StatementError {
  if (!(error instanceof DatabaseError) || error.code === undefined) {
    // What the driver and the operating system say speaks of addresses and time only.
    const fault = codeOf(error) ?? (error instanceof Error ? error.message : 'unknown fault');
    return new StoreUnavailableError(`The store did not answer (${fault}).`, { sent });
  }
  const { code, constraint } = error;
  if (code.startsWith('28')) return new StoreUnavailableError('The store refused the login.', { sent });
  if (code === '3D000') return new StoreUnavailableError('The store has no such database.', { sent });
  if (unavailable.test(code))
    return new StoreUnavailableError(`The store is not able (SQLSTATE ${code}).`, { sent });
  if (code === '23505') return new ConflictError(constraint ?? 'unknown');
  return new StatementError(code, constraint);
}
