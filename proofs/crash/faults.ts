import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Account, callsInLog, takeAccount } from './account.ts';
import type { Load } from './load.ts';
import { type Stage, openMsMax } from './stage.ts';

export interface FaultReport extends Account {
  readonly fault: string;
  readonly times: number;
  /** Only while the store was paused: must be 0. */
  readonly callsDuringPause: number | null;
  /** Whatever else clients got while the store was paused: must be 0. */
  readonly othersDuringPause: number | null;
  /** Refusals with 503 while the store was paused: must not be 0. */
  readonly refusalsDuringPause: number | null;
  /** Longest time until the gateway took decisions again, ms. */
  readonly recoveryMsMax: number;
}

export interface Play {
  readonly stage: Stage;
  readonly load: Load;
  readonly random: () => number;
  readonly progress: (line: string) => void;
}

/** What belongs to a pause is let through for so long: intents committed just before it. */
const pauseMarginMs = 500;
const pauseMs = 5_000;

/** SIGKILL of the gateway at random moments. After each restart everything must be accounted for and closed. */
export async function killGateway(play: Play, times: number): Promise<FaultReport> {
  const sum = new Sum(play, 'SIGKILL of the gateway', times);
  for (let round = 1; round <= times; round++) {
    play.load.resume();
    await delay(momentMs(play));
    await play.stage.killGateway();
    await play.load.pause();
    sum.recovered(await play.stage.startGateway());
    // The sweep at start is over when the gateway is ready, and nobody has asked anything since.
    await sum.account(round, 'is-a-fault');
  }
  return sum.report();
}

/** SIGKILL of PostgreSQL: in turn of the postmaster, and of one of the gateway's own backends. */
export async function killPostgres(play: Play, times: number): Promise<FaultReport> {
  const sum = new Sum(play, 'SIGKILL of PostgreSQL', times);
  for (let round = 1; round <= times; round++) {
    play.load.resume();
    await delay(momentMs(play));
    const postmaster = play.stage.postmaster();
    const backends = childrenOf(postmaster).filter(({ title }) => title.includes('countersign_app'));
    const victim = round % 2 === 0 ? backends[Math.floor(play.random() * backends.length)]?.pid : postmaster;
    process.kill(victim ?? postmaster, 'SIGKILL');
    await delay(200 + play.random() * 800);
    sum.recovered(await play.stage.untilReady());
    await play.load.pause();
    await sum.account(round, round < times ? 'is-counted-later' : 'is-closed-in-time');
  }
  return sum.report();
}

/** SIGSTOP of every PostgreSQL process: the store is slow beyond measure, and nothing has failed. */
export async function pausePostgres(play: Play, times: number): Promise<FaultReport> {
  const sum = new Sum(play, `SIGSTOP of PostgreSQL for ${pauseMs / 1000} s`, times);
  for (let round = 1; round <= times; round++) {
    play.load.resume();
    await delay(momentMs(play));
    const postmaster = play.stage.postmaster();
    const pids = [postmaster, ...childrenOf(postmaster).map(({ pid }) => pid)];
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    const fromMs = Date.now() + pauseMarginMs;
    await delay(pauseMs);
    const untilMs = Date.now();
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    sum.paused(fromMs, untilMs);
    sum.recovered(await play.stage.untilReady());
    await play.load.pause();
    await sum.account(round, round < times ? 'is-counted-later' : 'is-closed-in-time');
  }
  return sum.report();
}

function momentMs({ random }: Play): number {
  return 100 + random() * 1_400;
}

/** Adds up what the rounds of one fault have found. */
class Sum {
  readonly #play: Play;
  readonly #fault: string;
  readonly #times: number;
  readonly #firstCall: number;
  readonly #firstAnswer: number;
  #account: Account | null = null;
  #callsWithoutRecord = 0;
  #answersWithoutRecord = 0;
  #openDecisions = 0;
  #recoveryMsMax = 0;
  #pause: { calls: number; others: number; refusals: number } | null = null;

  constructor(play: Play, fault: string, times: number) {
    this.#play = play;
    this.#fault = fault;
    this.#times = times;
    this.#firstCall = callsInLog(play.stage.simulatorLog).length;
    this.#firstAnswer = play.load.answers.length;
  }

  recovered(ms: number): void {
    this.#recoveryMsMax = Math.max(this.#recoveryMsMax, Math.round(ms));
  }

  paused(fromMs: number, untilMs: number): void {
    const { load, stage } = this.#play;
    const inPause = (atMs: number) => atMs > fromMs && atMs < untilMs;
    const before = this.#pause ?? { calls: 0, others: 0, refusals: 0 };
    this.#pause = {
      calls:
        before.calls + callsInLog(stage.simulatorLog).filter(({ time }) => inPause(Date.parse(time))).length,
      others:
        before.others +
        load.answers.filter(({ atMs }) => inPause(atMs)).length +
        load.refusals.filter(({ atMs, status }) => inPause(atMs) && status !== 503).length,
      refusals:
        before.refusals + load.refusals.filter(({ atMs, status }) => inPause(atMs) && status === 503).length,
    };
  }

  /**
   * Everything since the fault's first round, again: a later crash must not lose what an earlier one
   * had. A gateway that lived on closes what was interrupted in the sweeper's time, not at once.
   */
  async account(round: number, open: 'is-a-fault' | 'is-closed-in-time' | 'is-counted-later'): Promise<void> {
    const { stage, load, progress } = this.#play;
    const take = async () =>
      takeAccount(
        await stage.databaseUrl(),
        callsInLog(stage.simulatorLog).slice(this.#firstCall),
        load.answers.slice(this.#firstAnswer),
      );
    let account = await take();
    const waitMs = open === 'is-closed-in-time' ? openMsMax : 0;
    for (const startedMs = performance.now(); account.openDecisions > 0; account = await take()) {
      if (performance.now() - startedMs >= waitMs) break;
      await delay(500);
    }
    this.#account = account;
    this.#callsWithoutRecord = Math.max(this.#callsWithoutRecord, account.callsWithoutRecord);
    this.#answersWithoutRecord = Math.max(this.#answersWithoutRecord, account.answersWithoutRecord);
    if (open !== 'is-counted-later')
      this.#openDecisions = Math.max(this.#openDecisions, account.openDecisions);
    progress(
      `${this.#fault} ${round}/${this.#times}: ${account.callsReceived} calls (${account.callsWithoutRecord} without record), ` +
        `${account.answersReceived} answers (${account.answersWithoutRecord} without record), ${account.openDecisions} open`,
    );
  }

  report(): FaultReport {
    return {
      fault: this.#fault,
      times: this.#times,
      callsReceived: this.#account?.callsReceived ?? 0,
      callsWithoutRecord: this.#callsWithoutRecord,
      answersReceived: this.#account?.answersReceived ?? 0,
      answersWithoutRecord: this.#answersWithoutRecord,
      openDecisions: this.#openDecisions,
      callsDuringPause: this.#pause?.calls ?? null,
      othersDuringPause: this.#pause?.others ?? null,
      refusalsDuringPause: this.#pause?.refusals ?? null,
      recoveryMsMax: this.#recoveryMsMax,
    };
  }
}

/** Living children of a process, with the titles that PostgreSQL gives its own. */
function childrenOf(parent: number): { pid: number; title: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (Number(ppid) !== parent) return [];
        return [{ pid: Number(name), title: readFileSync(`/proc/${name}/cmdline`, 'utf8') }];
      } catch (error) {
        // It ended while it was being looked at.
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' || code === 'ESRCH') return [];
        throw error;
      }
    });
}
