import type { Archive } from '../audit/archive/archive.ts';
import type { KeyStore } from '../audit/key-store.ts';
import type { Ledger } from '../audit/ledger/ledger.ts';
import type { DecisionType } from '../config/decision-type.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Digest } from '../decision/ids.ts';
import type { Egress } from '../residency/egress.ts';
import type { Probing } from './probing.ts';
import type { Quarantines } from './quarantining.ts';
import type { EndpointHealth } from '../residency/health.ts';
import type { Labeller } from '../residency/label.ts';
import type { LawfulFilter } from '../residency/lawful.ts';
import type { LawfulForPerson } from '../residency/person.ts';
import type { ReferenceReader } from '../residency/subject-reference.ts';
import type { SubjectCounter } from '../residency/subject-counter.ts';
import type { Keyring } from '../storage/keyring/keyring.ts';
import type { Store } from '../storage/store.ts';
import type { Alerts } from '../telemetry/alerts.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Classifier } from '../validation/classification.ts';
import type { ValidationGate } from '../validation/gate.ts';
import type { ToolRunner } from '../tools/runner.ts';
import type { OutputProfiles } from '../validation/output/anomaly/profiles.ts';
import type { OutputFilter } from '../validation/output-filter.ts';

/** One hosted cell: its own store, keys and ledger. */
export interface Cell {
  readonly id: string;
  readonly store: Store;
  readonly keyring: Keyring;
  readonly keys: KeyStore;
  readonly ledger: Ledger;
  /** Where its sealed segments are; null when the configuration says `archive: none`. */
  readonly archive: Archive | null;
  /** Counts persons whose data leaves, where a transfer rule has a maximum. */
  readonly subjects: SubjectCounter;
}

/** Everything the pipeline works with, wired once at start. */
export interface Rooms {
  readonly config: LoadedConfig;
  readonly types: ReadonlyMap<string, DecisionType>;
  /** Release digest of each decision type. */
  readonly releases: ReadonlyMap<string, Digest>;
  readonly cells: ReadonlyMap<string, Cell>;
  readonly labeller: Labeller;
  readonly references: ReferenceReader;
  readonly validation: ValidationGate;
  /** Looks for what raises a class; null where the configuration names nothing. */
  readonly classifier: Classifier | null;
  readonly lawfulFilter: LawfulFilter;
  readonly lawfulForPerson: LawfulForPerson;
  readonly health: EndpointHealth;
  readonly quarantines: Quarantines;
  readonly egress: Egress;
  readonly outputFilter: OutputFilter;
  readonly outputProfiles: OutputProfiles;
  readonly probing: Probing;
  readonly tools: ToolRunner;
  readonly metrics: Metrics;
  readonly alerts: Alerts;
  readonly nowMs: () => number;
}
