import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultEffect, FaultKind } from './point.ts';

/** What the preloaded half of the harness has counted since it was armed. */
export interface FaultTold {
  readonly id: string;
  readonly fired: boolean;
  readonly counts: Readonly<Partial<Record<FaultKind, number>>>;
}

/** Arms faults in a gateway that was started with `inject.mjs`, through two files. */
export class FaultControl {
  readonly environment: Readonly<Record<string, string>>;
  readonly #control: string;
  readonly #report: string;
  #arming = 0;

  constructor(folder: string) {
    this.#control = join(folder, 'fault-control.json');
    this.#report = join(folder, 'fault-report.json');
    this.environment = { FAULT_CONTROL: this.#control, FAULT_REPORT: this.#report };
    this.disarm();
  }

  arm(kind: FaultKind | 'count', n: number, effect: FaultEffect): void {
    this.#arming += 1;
    this.#write({ id: String(this.#arming), kind, n, effect });
  }

  disarm(): void {
    this.#write({ id: '', kind: '', n: 0, effect: '' });
  }

  told(): FaultTold {
    const told = JSON.parse(readFileSync(this.#report, 'utf8')) as FaultTold;
    return told.id === String(this.#arming) ? told : { id: '', fired: false, counts: {} };
  }

  #write(next: object): void {
    // In one step: the gateway reads it at any moment.
    writeFileSync(`${this.#control}.new`, JSON.stringify(next));
    renameSync(`${this.#control}.new`, this.#control);
  }
}
