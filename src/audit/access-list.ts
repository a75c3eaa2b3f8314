import type { EntryHeader, SystemFacts } from '../decision/entry.ts';
import type { DecisionId } from '../decision/ids.ts';
import type { Store } from '../storage/store.ts';

/** One reading of a record, as its entry says it. */
export interface RecordedAccess {
  readonly entryId: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly by: unknown;
  readonly action: unknown;
  readonly reason: unknown;
  readonly caseReference: unknown;
}

export interface AccessPage {
  readonly accesses: readonly RecordedAccess[];
  /** Where the next page begins; null on the last one. */
  readonly nextCursor: string | null;
}

const pageSize = 200;

/** Who has read the record of a decision, first to last. */
export async function listAccesses(
  store: Store,
  decisionId: DecisionId,
  after: string | null,
): Promise<AccessPage> {
  const rows = await store.query<{ header: Buffer }>({
    text: `SELECT header FROM entries
            WHERE about = $1 AND type = 'access' AND ($2::uuid IS NULL OR entry_id > $2::uuid)
            ORDER BY entry_id LIMIT $3`,
    values: [decisionId, after, pageSize],
  });
  const accesses = rows.map((row) => toAccess(JSON.parse(row.header.toString('utf8')) as EntryHeader));
  const last = accesses.at(-1);
  return { accesses, nextCursor: rows.length === pageSize && last ? last.entryId : null };
}

function toAccess({ entryId, time, facts }: EntryHeader): RecordedAccess {
  const { by, action, reason, caseReference } = facts as SystemFacts;
  return { entryId, time, by, action, reason, caseReference };
}
