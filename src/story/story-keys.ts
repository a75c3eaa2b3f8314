import type { LoadedConfig } from '../config/load.ts';
import { createApiKey } from '../gateway/api-key.ts';
import { revokeApiKey } from '../gateway/api-key-repository.ts';
import type { Role } from '../gateway/caller.ts';
import { attachCells } from '../gateway/open-cells.ts';
import type { StorageLog } from '../storage/log.ts';

const tenant = 'story';
const people = ['caller', 'reviewer', 'auditor'] as const satisfies readonly Role[];

/** One key for each person of the story: nobody does what another has to check. */
export interface StoryKeys {
  readonly caller: string;
  readonly reviewer: string;
  readonly auditor: string;
  readonly ids: readonly string[];
}

/** Makes the keys beside the running gateway. All speak for both jurisdictions, so each request has to say which. */
export async function makeKeys(config: LoadedConfig, log: StorageLog): Promise<StoryKeys> {
  const open = await attachCells(config, log);
  try {
    const stores = [...open.cells.values()].map((cell) => cell.store);
    const grants = {
      jurisdictions: config.gateway.jurisdictions.map(({ id }) => id),
      decisionTypes: [...config.decisionTypes.keys()],
      dataClasses: ['personal'],
    };
    const keys = { caller: '', reviewer: '', auditor: '' };
    const ids: string[] = [];
    for (const role of people) {
      const { key, id } = await createApiKey(stores, {
        name: `story-${role}`,
        tenant,
        // The story's cases are European, and so is the desk that reviews them.
        grants: { ...grants, roles: [role], ...(role === 'reviewer' ? { country: 'DE' } : {}) },
      });
      keys[role] = key;
      ids.push(id);
    }
    return { ...keys, ids };
  } finally {
    await open.close();
  }
}

/** A key that was printed to a terminal should not outlive the show. */
export async function revokeKeys(config: LoadedConfig, keys: StoryKeys, log: StorageLog): Promise<void> {
  const open = await attachCells(config, log);
  try {
    for (const { store } of open.cells.values()) {
      for (const id of keys.ids) await revokeApiKey(store, id);
    }
  } finally {
    await open.close();
  }
}
