import type { KeyStore } from '../audit/key-store.ts';
import type { DecisionType } from '../config/decision-type.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Digest } from '../decision/ids.ts';
import type { Egress } from '../residency/egress.ts';
import type { EndpointHealth } from '../residency/health.ts';
import type { Labeller } from '../residency/label.ts';
import type { LawfulFilter } from '../residency/lawful.ts';
import type { Keyring } from '../storage/keyring.ts';
import type { Store } from '../storage/store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ValidationGate } from '../validation/gate.ts';
import type { OutputFilter } from '../validation/output-filter.ts';

/** One hosted cell: its own store, keys and ledger. */
export interface Cell {
  readonly id: string;
  readonly store: Store;
  readonly keyring: Keyring;
  readonly keys: KeyStore;
}

/** Everything the pipeline works with, wired once at start. */
export interface Rooms {
  readonly config: LoadedConfig;
  readonly types: ReadonlyMap<string, DecisionType>;
  /** Release digest of each decision type. */
  readonly releases: ReadonlyMap<string, Digest>;
  readonly cells: ReadonlyMap<string, Cell>;
  readonly labeller: Labeller;
  readonly validation: ValidationGate;
  readonly lawfulFilter: LawfulFilter;
  readonly health: EndpointHealth;
  readonly egress: Egress;
  readonly outputFilter: OutputFilter;
  readonly metrics: Metrics;
  readonly nowMs: () => number;
}
