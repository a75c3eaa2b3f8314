import { digestOf } from '../../decision/canonical.ts';
import type { Store } from '../../storage/store.ts';
import type { KeyStore } from '../key-store.ts';
import { parseCheckpoint } from '../ledger/checkpoint.ts';
import { leafBytes } from '../ledger/leaf.ts';
import { hashBytes } from '../ledger/merkle.ts';
import type { NoteVerifier } from '../ledger/note.ts';
import { tileWidth } from '../ledger/tile.ts';
import { CommitRuns } from './commit-run.ts';
import { EntryCheck } from './entry-check.ts';
import { EntryOrder, type Place, beforeEverything } from './entry-order.ts';
import { LogCheck, type OutsideCheckpoint } from './log-check.ts';
import { type Problem, Problems } from './problem.ts';
import {
  type LedgerHead,
  type PlacedEntry,
  findCheckpoints,
  findHeads,
  findOrphans,
  findParts,
} from './repository.ts';

/** What a later run needs to go on where this one stopped. Everything before it has been checked. */
export interface VerifyState {
  readonly version: 1;
  readonly period: string;
  /** Base64 of the roots of the bundles that are done. */
  readonly bundleRoots: string;
  readonly place: Place;
  readonly entries: number;
  readonly problems: readonly Problem[];
}

export interface VerifyOptions {
  readonly store: Store;
  readonly keys: KeyStore;
  /** Key under which the checkpoints of a period are signed. */
  readonly logKey: (period: string) => NoteVerifier;
  /** Checkpoints from elsewhere by origin: of the published files, of witnesses, of an auditor. */
  readonly outside?: readonly OutsideCheckpoint[];
  /** The leaves of a bundle in the published files, for naming what the store has lost; null when there is none. */
  readonly publishedLeaves?: (period: string, bundle: number) => Promise<Buffer | null>;
  /** Whether a decision left the store because its month lies in the archive. */
  readonly isArchived?: (decisionId: string) => Promise<boolean>;
  /** Null, as when left out: from the beginning. */
  readonly resumeFrom?: VerifyState | null;
  readonly onProgress?: (done: { leaves: number; ofLeaves: number; entries: number }) => void;
  /** Told now and then; keeping it makes the run restartable. */
  readonly onState?: (state: VerifyState) => void;
}

export interface VerifyResult {
  readonly entries: number;
  readonly leaves: number;
  /** Entries so new that no checkpoint covers them yet. */
  readonly notYetInLedger: number;
  readonly problemCount: number;
  /** The first of them in the order of the ledger. */
  readonly problems: readonly Problem[];
}

const problemsMax = 100;
/** Entries of a lost tail that are named; what else is wrong must have room, too. */
const lostNamedMax = 20;
const checkpointsAtOnce = 1_000;
const partsAtOnce = 50;

/**
 * Recomputes everything about a cell: the tree from its leaves, every leaf from its entry, every entry from its
 * own bytes, keys and columns, the chains of decisions, and the parts of releases. Names what was altered,
 * removed, moved, added or re-keyed.
 */
export async function verifyCell(options: VerifyOptions): Promise<VerifyResult> {
  const run = new VerifyRun(options);
  return run.all();
}

/** A store by itself, with nothing published, archived or kept of it. */
const alone: Required<Omit<VerifyOptions, 'store' | 'keys' | 'logKey'>> = {
  outside: [],
  publishedLeaves: async () => null,
  isArchived: async () => false,
  resumeFrom: null,
  onProgress: () => undefined,
  onState: () => undefined,
};

class VerifyRun {
  readonly #options: Required<VerifyOptions>;
  readonly #problems: Problems;
  readonly #check: EntryCheck;
  readonly #order: EntryOrder;
  #entries: number;
  #leaves = 0;
  #ofLeaves = 0;
  #reordered = false;

  constructor(options: VerifyOptions) {
    const from = options.resumeFrom;
    this.#options = { ...alone, ...options };
    this.#problems = new Problems(problemsMax, from?.problems);
    this.#check = new EntryCheck(options.store, options.keys);
    this.#order = new EntryOrder(options.store, from?.place ?? beforeEverything);
    this.#entries = from?.entries ?? 0;
  }

  async all(): Promise<VerifyResult> {
    const { store, resumeFrom } = this.#options;
    const heads = await findHeads(store);
    this.#ofLeaves = heads.reduce((sum, head) => sum + head.size, 0);
    const begin = resumeFrom ? heads.findIndex((head) => head.period === resumeFrom.period) : 0;
    for (const [h, head] of heads.entries()) {
      if (h < begin) this.#leaves += head.size;
      else await this.#log(head, h === begin ? resumeFrom : null);
    }
    this.#lostLogs(heads);
    const notYetInLedger = await this.#leftOver(heads.at(-1));
    await this.#chains();
    await this.#parts();
    this.#tell();
    return {
      entries: this.#entries,
      leaves: this.#leaves,
      notYetInLedger,
      problemCount: this.#problems.count,
      problems: this.#problems.first,
    };
  }

  async #log(head: LedgerHead, from: VerifyState | null): Promise<void> {
    const { store, logKey } = this.#options;
    const { period, size } = head;
    const log = logKey(period);
    const outside = this.#options.outside.filter(({ note }) => parseCheckpoint(note)?.origin === log.name);
    const tree = new LogCheck({
      store,
      head,
      log,
      report: (problem) => this.#problems.add(problem),
      ...(from ? { bundleRoots: Buffer.from(from.bundleRoots, 'base64') } : {}),
    });
    const done = tree.bundleRoots.length / hashBytes;
    this.#leaves += done * tileWidth;
    const commits = await this.#commits(head, done * tileWidth);
    const sizes = [size, ...outside.flatMap(({ note }) => parseCheckpoint(note)?.size ?? [])];
    for await (const { firstIndex, leaves } of tree.bundles(sizes)) {
      for (let at = 0; at < leaves.length; at += leafBytes) {
        const index = firstIndex + at / leafBytes;
        await this.#leaf(leaves.subarray(at, at + leafBytes), { period, index }, commits.runs.of(index));
      }
      this.#leaves += leaves.length / leafBytes;
      this.#tell();
      const place = this.#order.resumable;
      // The bundle at the edge has no root to go on from.
      if (place && leaves.length === tileWidth * leafBytes) this.#save(period, tree.bundleRoots, place);
    }
    await tree.finish(commits.newest, outside);
    const published = Math.max(0, ...outside.flatMap(({ note }) => parseCheckpoint(note)?.size ?? []));
    if (published > size) await this.#nameLost(period, { from: size, to: published });
  }

  /** Names the entries of a tail that was cut off, as far as the published files still have their leaves. */
  async #nameLost(period: string, lost: { from: number; to: number }): Promise<void> {
    for (let index = lost.from; index < lost.to && index < lost.from + lostNamedMax; index++) {
      const leaves = await this.#options.publishedLeaves(period, Math.floor(index / tileWidth));
      const leaf = leaves?.subarray((index % tileWidth) * leafBytes, ((index % tileWidth) + 1) * leafBytes);
      if (leaf?.length !== leafBytes) return;
      const [decisionId, entryId] = [uuidAt(leaf, 0), uuidAt(leaf, 16)];
      const problem =
        'a published checkpoint covers it, and neither the ledger nor the store has it any more';
      this.#problems.add({ kind: 'missing', decisionId, entryId, leaf: { period, index }, problem });
    }
  }

  async #commits({ period, size }: LedgerHead, fromIndex: number) {
    const runs = new CommitRuns();
    let newest: { note: string; root: Buffer } | null = null;
    let after = -1;
    for (;;) {
      const found = await findCheckpoints(this.#options.store, period, after, checkpointsAtOnce);
      // A leader may be at work: what it has signed since the head was read is not looked at.
      const rows = found.filter((row) => row.size <= size);
      for (const row of rows) if (row.size > fromIndex) runs.add(row.firstIndex, row.commits);
      newest = rows.at(-1) ?? newest;
      after = rows.at(-1)?.size ?? after;
      if (rows.length < checkpointsAtOnce) return { runs, newest };
    }
  }

  /** One leaf against its entry. */
  async #leaf(
    leaf: Buffer,
    at: { period: string; index: number },
    committedIn: string | null,
  ): Promise<void> {
    const decisionId = uuidAt(leaf, 0);
    const entryId = uuidAt(leaf, 16);
    const report = (kind: Problem['kind'], problem: string) =>
      this.#problems.add({ kind, decisionId, entryId, leaf: at, problem });
    const found = await this.#order.take(decisionId, entryId);
    if (found.kind === 'missing') {
      if (await this.#options.isArchived(decisionId)) return;
      report('missing', 'the ledger has a leaf for it, and the store has no such entry');
      return;
    }
    this.#entries += 1;
    const { entry } = found;
    const fault = await this.#check.problem(entry);
    if (fault) report(fault.kind, fault.problem);
    if (!entry.headerDigest.equals(leaf.subarray(32)) || entry.decisionId !== decisionId) {
      report('altered', 'the entry is not the one that the ledger committed to');
    }
    if (found.kind === 'elsewhere' && !this.#reordered) {
      // Once the order is broken, everything behind it seems to be moved: the first is named.
      this.#reordered = true;
      report('reordered', 'its place in the store is not the one it has in the ledger');
    } else if (committedIn !== entry.committedIn) {
      report('altered', 'the column committed_in is not what it was when the ledger took the entry');
    }
  }

  /** Logs that an outside checkpoint knows and the store does not. */
  #lostLogs(heads: readonly LedgerHead[]): void {
    const known = new Set(heads.map((head) => this.#options.logKey(head.period).name));
    for (const { source, note } of this.#options.outside) {
      const checkpoint = parseCheckpoint(note);
      if (!checkpoint || known.has(checkpoint.origin)) continue;
      const problem = `the store has no log ${checkpoint.origin}; the checkpoint from ${source} has ${checkpoint.size} leaves of it`;
      this.#problems.add({ kind: 'ledger-truncated', decisionId: null, entryId: null, leaf: null, problem });
    }
  }

  /** Entries that no leaf named: new ones wait for the next checkpoint, older ones were slipped in. */
  async #leftOver(last: LedgerHead | undefined): Promise<number> {
    const upto = last ? { committedIn: last.uptoCommittedIn, entryId: last.uptoEntry } : beforeEverything;
    let waiting = 0;
    for await (const entry of this.#order.rest()) {
      this.#entries += 1;
      const { decisionId, entryId } = entry;
      const fault = await this.#check.problem(entry);
      if (fault) this.#problems.add({ ...fault, decisionId, entryId, leaf: null });
      if (!isAfter(entry, upto)) {
        const problem = 'it stands among entries of the ledger, and the ledger has no leaf for it';
        this.#problems.add({ kind: 'inserted', decisionId, entryId, leaf: null, problem });
      } else waiting += 1;
    }
    return waiting;
  }

  async #chains(): Promise<void> {
    for (const { decisionId, entryId } of await findOrphans(this.#options.store, problemsMax)) {
      if (await this.#options.isArchived(decisionId)) continue;
      const problem = 'the entry before it is missing or altered';
      this.#problems.add({ kind: 'broken-chain', decisionId, entryId, leaf: null, problem });
    }
  }

  async #parts(): Promise<void> {
    let after = Buffer.alloc(0);
    for (;;) {
      const parts = await findParts(this.#options.store, after, partsAtOnce);
      for (const { digest, bytes } of parts) {
        const named = `sha256:${digest.toString('hex')}`;
        if (digestOf(bytes) === named) continue;
        const problem = `the release part ${named} is not what its digest says`;
        this.#problems.add({ kind: 'part-altered', decisionId: null, entryId: null, leaf: null, problem });
      }
      const last = parts.at(-1);
      if (!last || parts.length < partsAtOnce) return;
      after = Buffer.from(last.digest);
    }
  }

  #save(period: string, bundleRoots: Buffer, place: Place): void {
    this.#options.onState({
      version: 1,
      period,
      bundleRoots: bundleRoots.toString('base64'),
      place,
      entries: this.#entries,
      problems: this.#problems.first,
    });
  }

  #tell(): void {
    this.#options.onProgress({ leaves: this.#leaves, ofLeaves: this.#ofLeaves, entries: this.#entries });
  }
}

function uuidAt(leaf: Buffer, at: number): string {
  const hex = leaf.toString('hex', at, at + 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function isAfter(entry: PlacedEntry, place: Place): boolean {
  const [ours, theirs] = [BigInt(entry.committedIn), BigInt(place.committedIn)];
  return ours > theirs || (ours === theirs && entry.entryId > place.entryId);
}
