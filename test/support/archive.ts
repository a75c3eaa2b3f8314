import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidV7 } from 'uuid';
import { type Archive, openArchive } from '../../src/audit/archive/archive.ts';
import { hourMs } from '../../src/audit/archive/hour.ts';
import type { Manifest } from '../../src/audit/archive/manifest.ts';
import { sealNext } from '../../src/audit/archive/seal.ts';
import { type KeyStore, createKeyStore } from '../../src/audit/key-store.ts';
import { DecisionRecord } from '../../src/audit/record.ts';
import type { OutcomeFacts } from '../../src/decision/entry.ts';
import type { DecisionId } from '../../src/decision/ids.ts';
import { openFileKeyring } from '../../src/storage/keyring/file-keyring.ts';
import type { ObjectStore } from '../../src/storage/object-store/object-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { type Desk, type LedgerCell, openLedgerCell, until } from './ledger.ts';
import type { TestPostgres } from './postgres.ts';

/** The beginning of an hour in the middle of a month. */
const firstHour = Date.UTC(2026, 7, 14, 9);

const outcome: OutcomeFacts = {
  kind: 'outcome',
  status: 'decided',
  band: 'high',
  score: null,
  bandSet: null,
  decidedBy: 'model',
  reviewTask: null,
  verdicts: [],
  releasedDigest: null,
};

/** A cell with a real ledger whose clock the test moves, and an archive. */
export interface ArchiveStage {
  readonly cell: LedgerCell;
  readonly desk: Desk;
  /** The store as the gateway has it: what left its tables is found in the archive. */
  readonly store: Store;
  readonly keys: KeyStore;
  readonly archive: Archive;
  readonly ownerUrl: string;
  /** Seals a decision of that moment; `text` is in its payload. */
  decide(atMs: number, text?: string): Promise<DecisionId>;
  /** Gives every entry that there is its leaf, at that moment. */
  sequence(atMs: number): Promise<void>;
  /** What the archivist does when the clock shows this; returns what it sealed. */
  seal(atMs: number, objects?: ObjectStore): Promise<Manifest[]>;
  stop(): Promise<void>;
}

export async function openArchiveStage(
  postgres: TestPostgres,
  openObjects: (folder: string) => ObjectStore,
): Promise<ArchiveStage> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-archive-'));
  const cell = await openLedgerCell(postgres);
  cell.clock.nowMs = firstHour;
  const desk = await cell.desk();
  const objects = openObjects(join(folder, 'archive'));
  const archive = openArchive({ store: desk.store, objects, hotMonths: 1 });
  // The ledger holds the same object.
  const store: Store = Object.assign(desk.store, { past: archive });
  const keys = createKeyStore(store, await openFileKeyring(join(folder, 'keys.json'), { create: true }));
  const entries = async () => {
    const { rows } = await cell.owner.query<{ count: number }>('SELECT count(*)::int AS count FROM entries');
    return rows[0]?.count ?? 0;
  };
  return {
    cell,
    desk,
    store,
    keys,
    archive,
    ownerUrl: cell.ownerUrl,
    async decide(atMs, text = 'approved') {
      const decisionId = uuidV7({ msecs: atMs, random: randomBytes(16) }) as DecisionId;
      const record = new DecisionRecord({
        store,
        subject: {
          decisionId,
          about: null,
          tenant: 'acme',
          jurisdiction: 'EU',
          dataClass: 'personal',
          decisionType: 'claims-triage',
          release: null,
          retention: [{ class: 'claims', clockStart: 'decision', months: 12 }],
        },
        key: await keys.keyFor('acme', null),
        previous: null,
        nowMs: () => atMs,
      });
      await record.seal(outcome, {
        schema: 2,
        request: null,
        outcome: 'approve',
        answer: text,
        released: null,
      });
      return decisionId;
    },
    async sequence(atMs) {
      cell.clock.nowMs = atMs;
      const wanted = await entries();
      const caughtUp = desk.told.caughtUp;
      desk.lead();
      await until(() => desk.told.size >= wanted && desk.told.caughtUp > caughtUp);
      await desk.retire();
    },
    async seal(atMs, other = objects) {
      const sealed: Manifest[] = [];
      for (;;) {
        const next = await sealNext({ cell: 'eu', query: store.query, store: other, nowMs: () => atMs });
        if (next === null) return sealed;
        sealed.push(next);
      }
    },
    async stop() {
      await cell.stop();
      await objects.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A moment in the hour with this number, counted from the first. */
export function inHour(number: number, minutes = 10): number {
  return firstHour + number * hourMs + minutes * 60_000;
}
