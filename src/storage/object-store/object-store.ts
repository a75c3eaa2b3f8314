/**
 * A place that keeps named byte strings and never changes one: what sealed segments are written to. Names
 * are paths with `/`.
 */
export interface ObjectStore {
  /** Where it is, for messages: a folder, or a bucket and prefix. */
  readonly place: string;
  /** Days every new object is to be locked; null where nothing can lock it. */
  readonly lockDays: number | null;
  /**
   * Asks the place whether it keeps what it is given.
   * @throws StorageSetupError when it does not (no Object Lock); ObjectStoreError when it does not answer
   */
  check(): Promise<void>;
  /**
   * Durable on return. The same bytes under the same name again are fine; their lock is prolonged where
   * it is shorter.
   * @throws ObjectConflictError when the name holds other bytes; ObjectStoreError
   */
  put(name: string, bytes: Buffer, options: { lockUntil: Date | null }): Promise<void>;
  /** @returns null when there is no such object. @throws ObjectStoreError */
  get(name: string): Promise<Buffer | null>;
  /** @returns null when there is no such object. @throws ObjectStoreError */
  head(name: string): Promise<ObjectHead | null>;
  /** Names that begin with the prefix, in ascending order of their bytes. @throws ObjectStoreError */
  list(prefix: string): AsyncIterable<string>;
  close(): Promise<void>;
}

export interface ObjectHead {
  readonly bytes: number;
  /** Until when nobody, the account's owner included, can remove it; null when it is not so locked. */
  readonly lockedUntil: Date | null;
}

/** The object store did not do what it was asked for; carries its code, never an object's content. */
export class ObjectStoreError extends Error {
  override name = 'ObjectStoreError';
}

/** A name that is taken by other bytes. */
export class ObjectConflictError extends ObjectStoreError {
  override name = 'ObjectConflictError';

  constructor(name: string) {
    super(`The object ${name} exists with other bytes; nothing was written.`);
  }
}

const segment = /^[A-Za-z0-9_-][A-Za-z0-9._~-]*$/;

/** @throws ObjectStoreError for a name that could leave the folder or be read in two ways. */
export function checkObjectName(name: string): void {
  const parts = name.split('/');
  if (name.length > 512 || !parts.every((part) => segment.test(part)))
    throw new ObjectStoreError(`"${name}" is no name of an object.`);
}
