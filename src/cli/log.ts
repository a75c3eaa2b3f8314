import type { StorageLog } from '../storage/log.ts';

/** Logs as JSON lines on standard error: level, message, and fields of codes, counts and paths only (I8). */
export const jsonLog: StorageLog = (level, message, fields) => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
};

/** For commands that print their own result: only what went wrong. */
export const quietLog: StorageLog = (level, message, fields) => {
  if (level === 'error') jsonLog(level, message, fields);
};
