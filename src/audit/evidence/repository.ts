import type { DecisionId } from '../../decision/ids.ts';
import type { Store } from '../../storage/store.ts';

/** One entry of its own about a decision, newest first. */
export interface AboutRow {
  readonly header: Buffer;
  readonly header_digest: Buffer;
}

/** The newest entries about a decision; erasures and holds are never crowded out by readings. */
export function findEntriesAbout(store: Store, decisionId: DecisionId, limit: number): Promise<AboutRow[]> {
  return store.query<AboutRow>({
    name: 'find_entries_about',
    text: `SELECT header, header_digest FROM entries
            WHERE about = $1 ORDER BY (type = 'access'), entry_id DESC LIMIT $2`,
    values: [decisionId, limit],
  });
}
