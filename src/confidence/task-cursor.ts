import { validate as isUuid } from 'uuid';
import { CountersignError } from '../decision/errors.ts';
import type { TaskPosition } from './repository.ts';

/** Opaque to callers: it is handed back as it came. */
export function encodeCursor(at: TaskPosition): string {
  return Buffer.from(`${at.dueAtMicros} ${at.taskId}`).toString('base64url');
}

/** @throws CountersignError REQUEST_INVALID when the text is not a cursor */
export function decodeCursor(cursor: string): TaskPosition {
  const [dueAtMicros, taskId] = Buffer.from(cursor, 'base64url').toString('latin1').split(' ');
  // Seventeen digits of microseconds reach into the year 5138, within what PostgreSQL can add.
  if (!/^-?\d{1,17}$/.test(dueAtMicros ?? '') || !isUuid(taskId)) {
    throw new CountersignError('REQUEST_INVALID', {
      detail: 'The cursor is not one that this route returned.',
    });
  }
  return { dueAtMicros: dueAtMicros ?? '', taskId: taskId ?? '' };
}
