import { randomFillSync } from 'node:crypto';

const poolBytes = 8192;
const pool = Buffer.allocUnsafeSlow(poolBytes);
let used = poolBytes;

/** Random bytes, drawn from the system in bundles: asking it for a few at a time costs more than using them. */
export function randomBytesPooled(count: number): Buffer {
  if (used + count > poolBytes) {
    randomFillSync(pool);
    used = 0;
  }
  used += count;
  // A copy: the pool is filled again.
  return Buffer.from(pool.subarray(used - count, used));
}
