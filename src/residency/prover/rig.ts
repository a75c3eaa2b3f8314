import type { LawfulEndpoint } from '../../decision/passage.ts';
import type { EgressResult } from '../exchange.ts';
import { createHealth } from '../health.ts';
import { createLawfulFilter, type LawfulFilter } from '../lawful.ts';
import type { ResidencyPolicy } from '../policy.ts';
import { route, type RouteOptions } from '../route.ts';
import { type Demand, requestOf } from './demand.ts';
import type { Moment } from './moment.ts';

/** What came of one request. */
export type End = 'answered' | 'refused' | 'exhausted';

/** Asked at each send, in place of a socket; -1 for an endpoint that the policy does not have. */
export type Socket = (endpoint: LawfulEndpoint, nowMs: number) => number;

const answer: EgressResult = {
  kind: 'answer',
  httpStatus: 200,
  body: Buffer.alloc(0),
  headers: {},
  providerRequestId: null,
  upstreamMs: 100,
};
const fault: EgressResult = { kind: 'fault', fault: 'ECONNREFUSED', sent: false, upstreamMs: 1 };
/** As many faults as open a circuit. */
const faultsToOpen = 3;

/** The real router on a policy, with a fake only where a socket would be, and with a clock that is set. */
export class Rig {
  readonly filter: LawfulFilter;
  /** By position in the policy: 1 where the endpoint does not answer. */
  readonly isOut: Uint8Array;
  readonly #policy: ResidencyPolicy;
  readonly #ids: readonly string[];
  readonly #attempts: number;
  readonly #health = createHealth({ nowMs: () => this.#clockMs });
  #clockMs = 0;
  #moment: Moment | null = null;
  #options: RouteOptions | null = null;

  constructor(policy: ResidencyPolicy, attempts: number) {
    this.filter = createLawfulFilter(policy);
    this.isOut = new Uint8Array(policy.endpoints.length);
    this.#policy = policy;
    this.#ids = policy.endpoints.map(({ id }) => id);
    this.#attempts = attempts;
  }

  /** Everything answers and has always answered alike; requests of the demand come at the moment. */
  set(demand: Demand, moment: Moment): void {
    this.#moment = moment;
    this.#clockMs = moment.firstMs;
    this.isOut.fill(0);
    for (const id of this.#ids) this.#health.observe(id, answer);
    const first = requestOf(this.#policy, demand, moment.firstMs);
    const later =
      moment.laterMs === moment.firstMs ? first : Object.freeze({ ...first, nowMs: moment.laterMs });
    this.#options = {
      filter: this.filter,
      health: this.#health,
      attempts: this.#attempts,
      nowMs: () => this.#clockMs,
      ask: (nowMs) => (nowMs === first.nowMs ? first : later),
    };
  }

  /** Puts an endpoint out, or back; `known` also opens or closes its circuit, as lasting outages do. */
  flip(position: number, known: boolean): void {
    const out = 1 - (this.isOut[position] ?? 0);
    this.isOut[position] = out;
    const id = this.#ids[position];
    if (!known || id === undefined) return;
    if (out === 0) this.#health.observe(id, answer);
    else for (let f = 0; f < faultsToOpen; f++) this.#health.observe(id, fault);
  }

  /** One request, sent on until an endpoint answers. Afterwards every circuit stands as before. */
  run(socket: Socket, known: boolean): End {
    const { isOut } = this;
    if (this.#options === null || this.#moment === null) return 'refused';
    this.#clockMs = this.#moment.firstMs;
    const { laterMs } = this.#moment;
    let end: End = 'exhausted';
    const failed: string[] = [];
    for (const hop of route(this.#options)) {
      if (hop.kind === 'refuse') {
        end = 'refused';
        break;
      }
      const { endpoint } = hop;
      const position = socket(endpoint, hop.nowMs);
      if (position < 0 || isOut[position] === 0) {
        end = 'answered';
        break;
      }
      this.#health.observe(endpoint.id, fault);
      failed.push(endpoint.id);
      this.#clockMs = laterMs;
    }
    // A state is one outage subset, whatever the state before it taught.
    if (!known) for (const id of failed) this.#health.observe(id, answer);
    return end;
  }
}
