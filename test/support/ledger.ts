import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type Ledger, createLedger } from '../../src/audit/ledger/ledger.ts';
import type { LedgerObserver, LedgerSettings } from '../../src/audit/ledger/settings.ts';
import { mintId } from '../../src/audit/mint.ts';
import type { CommittedEntry } from '../../src/audit/record.ts';
import { recordSystemEntry } from '../../src/audit/system-entry.ts';
import type { DecisionId } from '../../src/decision/ids.ts';
import type { Leadership } from '../../src/storage/leadership.ts';
import { type Store, openStore } from '../../src/storage/store.ts';
import type { TestPostgres } from './postgres.ts';

const verifier = join(import.meta.dirname, '../../verifier/bin');

/** What a ledger told of itself. */
export interface Told {
  leading: boolean;
  refused: string | null;
  /** Size of the newest signed checkpoint. */
  size: number;
  caughtUp: number;
  published: (string | null)[];
  unwitnessedSinceMs: number | null;
  witnessFaults: string[];
}

/** One process of a cell: its own store, its own candidate for the leadership. */
export interface Desk {
  readonly store: Store;
  readonly ledger: Ledger;
  readonly told: Told;
  /** Begins to stand for the leadership. */
  lead(): void;
  /** Gives the leadership up, after a last round. */
  retire(): Promise<void>;
}

/** A cell's database with a folder of published files. */
export interface LedgerCell {
  readonly folder: string;
  /** The folder of the given log's files. */
  files(period: string): string;
  /** The tables' owner, who may do what no gateway may. */
  readonly owner: Client;
  readonly ownerUrl: string;
  /** What the clock of this cell shows. */
  clock: { nowMs: number | null };
  desk(options?: { seed?: Buffer; settings?: Partial<LedgerSettings> }): Promise<Desk>;
  stop(): Promise<void>;
}

export async function openLedgerCell(postgres: TestPostgres): Promise<LedgerCell> {
  const address = await postgres.freshAddress();
  const folder = await mkdtemp(join(tmpdir(), 'countersign-ledger-'));
  const owner = new Client({ connectionString: address.ownerUrl });
  await owner.connect();
  const cellSeed = randomBytes(32);
  const desks: Desk[] = [];
  const clock: LedgerCell['clock'] = { nowMs: null };
  return {
    folder,
    files: (period) => join(folder, 'eu', period),
    owner,
    ownerUrl: address.ownerUrl,
    clock,
    async desk({ seed = cellSeed, settings = {} } = {}) {
      const store = await openStore({ cell: 'eu', ...address, timeoutMs: 10_000, log: () => undefined });
      const ledger = createLedger({
        cell: 'eu',
        store,
        seed,
        nowMs: () => clock.nowMs ?? Date.now(),
        settings: {
          origin: 'ledger.test.example',
          folder,
          checkpointPeriodMs: 20,
          witnesses: [],
          quorum: 0,
          unwitnessedAlertMs: 60_000,
          ...settings,
        },
      });
      const desk = standing(store, ledger);
      desks.push(desk);
      return desk;
    },
    async stop() {
      for (const desk of desks) {
        await desk.retire();
        await desk.store.close();
      }
      await owner.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function standing(store: Store, ledger: Ledger): Desk {
  const told: Told = {
    leading: false,
    refused: null,
    size: -1,
    caughtUp: 0,
    published: [],
    unwitnessedSinceMs: null,
    witnessFaults: [],
  };
  const observer: LedgerObserver = {
    leading: (is) => void (told.leading = is),
    refused: (sentence) => void (told.refused = sentence),
    signed: ({ size }) => void (told.size = size),
    caughtUp: () => void (told.caughtUp += 1),
    published: (fault) => told.published.push(fault && fault.message),
    witnessed: () => undefined,
    unwitnessed: (sinceMs) => void (told.unwitnessedSinceMs = sinceMs),
    witnessRefused: (_witness, fault) => told.witnessFaults.push(fault),
  };
  let leadership: Leadership | null = null;
  return {
    store,
    ledger,
    told,
    lead() {
      told.refused = null;
      leadership ??= store.lead('sequencer', (term) => ledger.sequence(term, observer));
    },
    async retire() {
      await leadership?.stop();
      leadership = null;
    },
  };
}

export type PutEntry = CommittedEntry & { readonly decisionId: DecisionId };

/** Commits one real entry. */
export async function putEntry(store: Store): Promise<PutEntry> {
  const decisionId = mintId<DecisionId>();
  const entry = await recordSystemEntry(store, {
    id: decisionId,
    type: 'configuration',
    decisionType: null,
    release: null,
    facts: { action: 'test', kind: 'configuration' },
    companions: [],
    nowMs: Date.now,
  });
  return { ...entry, decisionId };
}

/** Inserts many entries at once, as fast as the server makes them; their headers are no headers. */
export async function putBulk(owner: Client, count: number): Promise<void> {
  await owner.query(
    `INSERT INTO entries (entry_id, decision_id, type, tenant, cell, header, header_digest)
     SELECT gen_random_uuid(), gen_random_uuid(), 'configuration', '', 'eu', '{}', sha256(uuid_send(gen_random_uuid()))
       FROM generate_series(1, $1)`,
    [count],
  );
}

/** Runs as the owner what the triggers of append-only tables forbid. */
export async function tamper(owner: Client, text: string, values: unknown[] = []): Promise<void> {
  await owner.query("SET session_replication_role = 'replica'");
  const { rowCount } = await owner.query(text, values);
  await owner.query("SET session_replication_role = 'origin'");
  if (rowCount === 0) throw new Error('there was nothing to tamper with');
}

/** Waits until something holds; the test’s own time limit ends it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

export interface Verdict {
  readonly holds: boolean;
  readonly text: string;
}

/** Runs the auditor's own program, which shares no code with the gateway. */
export function verify(...args: string[]): Promise<Verdict> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(verifier, 'countersign-verify.mjs'), ...args],
      (error, stdout, stderr) => {
        resolve({ holds: error === null, text: stdout + stderr });
      },
    );
  });
}

export interface TestWitness {
  readonly name: string;
  readonly key: string;
  readonly url: string;
  stop(): Promise<void>;
}

/** A witness as a second party would run it, for the given logs. */
export async function startWitness(logs: readonly string[]): Promise<TestWitness> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-witness-'));
  const name = `witness.test/${randomUUID()}`;
  const program = join(verifier, 'countersign-witness.mjs');
  await once(spawn(process.execPath, [program, 'init', '--name', name, '--state', folder]), 'exit');
  const args = [
    'serve',
    '--state',
    folder,
    '--port',
    '0',
    '--json',
    ...logs.flatMap((log) => ['--log', log]),
  ];
  const child: ChildProcess = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  const { address, vkey } = JSON.parse(line.toString()) as { address: string; vkey: string };
  return {
    name,
    key: vkey,
    url: address,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
