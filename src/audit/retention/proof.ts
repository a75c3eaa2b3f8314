import type { SystemFacts } from '../../decision/entry.ts';
import { InvariantError } from '../../decision/errors.ts';
import type { Store } from '../../storage/store.ts';
import { type KeyStore, keysCachedForMs } from '../key-store.ts';
import { PayloadError, openPayload } from '../payload.ts';
import { findEntries } from '../repository.ts';
import { findDecisionsOfKey } from './repository.ts';

/**
 * Tries to open every payload that a destroyed key sealed, with the key looked up anew in the store, as a
 * reader would. Other processes may open what they have in memory for as long as the facts say; they cannot
 * record anything new under it.
 *
 * @throws InvariantError when one opens
 */
export async function proveErased(
  ports: { readonly store: Store; readonly keys: KeyStore },
  tenant: string,
  keyId: string,
): Promise<SystemFacts> {
  const { store, keys } = ports;
  keys.forget({ keyId });
  let payloads = 0;
  let keyMissing = 0;
  for (const decisionId of await findDecisionsOfKey(store, keyId)) {
    for (const { header, payload } of await findEntries(store, decisionId)) {
      if (header.payload === null || payload === null) continue;
      payloads += 1;
      const key = await keys.keyOf(tenant, header.payload.keyId);
      if (key === null) keyMissing += 1;
      else if (opens(() => openPayload(payload, header.payload!, key, header)))
        throw new InvariantError('a payload still opens after its key was destroyed');
    }
  }
  return {
    action: 'proven',
    cachedElsewhereMs: keysCachedForMs,
    keyId,
    keyMissing,
    kind: 'erasure',
    payloads,
  };
}

function opens(open: () => Buffer): boolean {
  try {
    open();
    return true;
  } catch (error) {
    if (error instanceof PayloadError) return false;
    throw error;
  }
}
