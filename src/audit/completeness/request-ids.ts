import { sha256 } from '../../decision/canonical.ts';
import { Column, IdTable } from './id-table.ts';
import type { FoundRequestId, NamedCalls } from './tally.ts';

const bits = { certain: 1, exported: 2, ours: 4 } as const;
const namedMax = 100;

/** Ids that only the export has. */
export interface UnknownRequests {
  readonly count: number;
  /** The first of them, as the provider writes them. */
  readonly ids: readonly string[];
}

export interface JoinedRequests {
  readonly matched: number;
  /** Answered calls that the export lacks. */
  readonly missing: NamedCalls;
  readonly unknown: UnknownRequests;
}

/** Joins our calls to a provider's by its own request ids, for exports that have a row for each request. */
export class RequestIds {
  readonly #endpoints: ReadonlySet<string>;
  readonly #tables = new Map<string, { ids: IdTable; marks: Column; calls: Column }>();

  constructor(endpoints: ReadonlySet<string>) {
    this.#endpoints = endpoints;
  }

  /** A request id in our records; kept only where an export will be joined. */
  found({ endpoint, requestId, row, isCertain }: FoundRequestId): void {
    if (!this.#endpoints.has(endpoint)) return;
    const table = this.#tableOf(endpoint);
    const id = table.ids.rowOf(keyOf(requestId));
    table.marks.set(id, table.marks.at(id) | bits.ours | (isCertain ? bits.certain : 0));
    table.calls.set(id, row + 1);
  }

  async join(
    endpoint: string,
    exported: AsyncIterable<string>,
    callAt: (row: number) => string,
  ): Promise<JoinedRequests> {
    const { ids, marks, calls } = this.#tableOf(endpoint);
    const unknown = { count: 0, ids: [] as string[] };
    const missing = { count: 0, ids: [] as string[] };
    let matched = 0;
    for await (const requestId of exported) {
      const id = ids.rowOf(keyOf(requestId));
      const mark = marks.at(id);
      if ((mark & bits.exported) !== 0) continue;
      marks.set(id, mark | bits.exported);
      if ((mark & bits.ours) !== 0) {
        matched += 1;
        continue;
      }
      unknown.count += 1;
      if (unknown.ids.length < namedMax) unknown.ids.push(requestId);
    }
    for (let id = 0; id < ids.size; id++) {
      if ((marks.at(id) & (bits.certain | bits.exported)) !== bits.certain) continue;
      missing.count += 1;
      if (missing.ids.length < namedMax) missing.ids.push(callAt(calls.at(id) - 1));
    }
    return { matched, missing, unknown };
  }

  #tableOf(endpoint: string) {
    let table = this.#tables.get(endpoint);
    if (table === undefined) {
      table = { ids: new IdTable(), marks: new Column('uint16'), calls: new Column('uint32') };
      this.#tables.set(endpoint, table);
    }
    return table;
  }
}

/** Half of a SHA-256: of any length in, 16 bytes out, and no two alike. */
function keyOf(requestId: string): Buffer {
  return sha256(requestId).subarray(0, 16);
}
