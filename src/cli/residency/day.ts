import { InvalidArgumentError } from 'commander';
import { dayMs } from '../../residency/validity.ts';

/** `2026-11-22` as 00:00 UTC, epoch milliseconds. */
export function dayArgument(text: string): number {
  const ms = dayMs(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('write a UTC day as yyyy-mm-dd');
  return ms;
}
