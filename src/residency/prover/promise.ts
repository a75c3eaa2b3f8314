import type { RouteAssertion } from './assertion.ts';
import type { Demand } from './demand.ts';
import type { Moment } from './moment.ts';
import { alwaysOf, isPromised } from './statement.ts';

export interface BrokenPromise {
  readonly id: string;
  /** The outages that break it. */
  readonly outages: readonly string[];
  readonly what: string;
}

/** The assertions that demand routes. */
export class Promises {
  readonly #always: ReturnType<typeof alwaysOf>;

  constructor(assertions: readonly RouteAssertion[]) {
    this.#always = alwaysOf(assertions);
  }

  /** @param least the smallest outages that strand the demand at the moment */
  broken(demand: Demand, moment: Moment, least: readonly (readonly string[])[]): readonly BrokenPromise[] {
    const shortest = [...least].sort((a, b) => a.length - b.length)[0];
    if (shortest === undefined) return [];
    return this.#always
      .filter(
        ({ always }) => isPromised(always, demand, moment.firstMs) && shortest.length <= always.outagesMax,
      )
      .map(({ id, always: { outagesMax } }) => {
        const promise = outagesMax === 0 ? 'a route' : `a route with up to ${outagesMax} out`;
        const what = `has no route left although assertion "${id}" promises ${promise}`;
        return { id, outages: shortest, what };
      });
  }
}
