import { v7 as uuidV7 } from 'uuid';
import { randomBytesPooled } from './random.ts';

/** A new UUIDv7 (RFC 9562, section 5.7): its first 48 bits are the time, the rest is random. */
export function mintId<Id extends string = string>(): Id {
  return uuidV7({ random: randomBytesPooled(16) }) as Id;
}
