import { setTimeout as delay } from 'node:timers/promises';
import type { Behaviour } from '../../src/simulator/behaviour.ts';
import { Random } from '../../src/simulator/random.ts';
import type { SimulatorProcess } from './simulator-process.ts';

const stayMsMin = 150;
const stayMsMax = 600;
const wellShare = 0.45;

/** Every endpoint fails in its own time and order, each drawn from the seed. */
export class Weather {
  readonly counts = new Map<string, number>();
  #running = true;
  readonly #work: Promise<unknown>;

  constructor(simulators: readonly SimulatorProcess[], seed: number) {
    this.#work = Promise.all(
      simulators.map((simulator, i) => this.#change(simulator, simulators, new Random(seed * 1_000 + i))),
    );
  }

  /** The last change, after which all are well. */
  async clear(): Promise<void> {
    this.#running = false;
    await this.#work;
  }

  async #change(own: SimulatorProcess, all: readonly SimulatorProcess[], random: Random): Promise<void> {
    while (this.#running) {
      const behaviour = draw(random, own, all);
      this.counts.set(behaviour.mode, (this.counts.get(behaviour.mode) ?? 0) + 1);
      await own.behave(behaviour);
      await delay(random.between(stayMsMin, stayMsMax));
    }
    await own.behave({ mode: 'ok' });
  }
}

function draw(random: Random, own: SimulatorProcess, all: readonly SimulatorProcess[]): Behaviour {
  if (random.next() < wellShare) return { mode: 'ok' };
  const elsewhere = all.filter(({ name }) => name.slice(0, 2) !== own.name.slice(0, 2));
  const [first = own, ...others] = elsewhere;
  const target = random.pick([first, ...others]);
  return random.pick<Behaviour>([
    { mode: 'refuse' },
    { mode: 'hang' },
    { mode: 'reset' },
    { mode: 'reset-mid-body' },
    { mode: 'status', status: 429 },
    { mode: 'status', status: 500 },
    { mode: 'garbage' },
    { mode: 'slow', delayMs: Math.round(random.between(20, 300)) },
    { mode: 'redirect', location: `${target.url}/v1/chat/completions` },
  ]);
}
