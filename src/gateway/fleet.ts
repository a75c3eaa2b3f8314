import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry } from 'prom-client';
import type { StorageLog } from '../storage/log.ts';
import { checkArchives } from './archiving.ts';
import { announceDetectOnly } from './detect-only.ts';
import type { FromMember, MetricsJson, ToMember } from './fleet-message.ts';
import { closeRooms, startBackground, sweepAtStart, wireRooms } from './gateway.ts';
import { type OpenCells, openCells } from './open-cells.ts';
import { loadProvenConfig } from './proven-config.ts';
import type { Rooms } from './rooms.ts';

/** How long members may finish what they have in work before they are killed. */
const stopTimeoutMs = 40_000;
const metricsTimeoutMs = 2_000;
const restartDelayMs = 1_000;

/** A member could not start; it has printed why. */
export class FleetStartError extends Error {
  override name = 'FleetStartError';
}

export interface Fleet {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * One gateway of several processes on one port. The first keeps the embedded database, the sweeper and
 * the webhooks; members serve requests. Members share nothing but the stores, as gateways on several
 * machines do, and one that dies is replaced.
 */
export async function startFleet(options: {
  configFile: string;
  processes: number;
  log: StorageLog;
}): Promise<Fleet> {
  const { log } = options;
  const config = loadProvenConfig(options.configFile);
  log('info', 'every route of the configuration was proved safe', {
    ...config.proof,
    limits: config.proof.limits.join('; '),
  });
  const open = await openCells(config, log);
  try {
    const rooms = await wireRooms(config, open, log);
    announceDetectOnly(rooms, log);
    await checkArchives(rooms, log);
    await sweepAtStart(rooms, open);
    const members = startMembers(rooms, open, options.processes, log);
    const background = startBackground(rooms, log);
    const url = await members.listening;
    log('info', 'Countersign is listening', { url, processes: options.processes });
    return {
      url,
      async stop() {
        await members.stop();
        await background.stop();
        await closeRooms(rooms);
        await open.close();
      },
    };
  } catch (error) {
    await open.close();
    throw error;
  }
}

function startMembers(rooms: Rooms, open: OpenCells, processes: number, log: StorageLog) {
  const members = new Set<Worker>();
  const metrics = createMetricsRound(rooms, members);
  let stopping = false;
  let listening = 0;
  let report: (url: string) => void;
  let giveUp: (error: Error) => void;
  const allListening = new Promise<string>((resolve, reject) => {
    report = resolve;
    giveUp = reject;
  });
  const begin: ToMember = {
    kind: 'begin',
    embedded: [...open.embedded].map(([cell, { url }]) => [cell, url] as const),
  };
  const ready = new Set<Worker>();
  const greet = (member: Worker) => {
    ready.add(member);
    member.send(begin);
  };
  const start = () => {
    const member = cluster.fork();
    members.add(member);
    member.on('message', (message: FromMember) => {
      if (message.kind === 'ready') greet(member);
      else if (message.kind === 'listening' && ++listening === processes) report(message.url);
      else if (message.kind === 'own-metrics') metrics.take(message.ask, message.metrics);
      else if (message.kind === 'all-metrics') void metrics.answer(member, message.ask);
    });
    member.once('exit', (code, signal) => {
      members.delete(member);
      ready.delete(member);
      if (stopping) return;
      // One that cannot even start would fail again and again; it has said why.
      if (listening < processes) {
        stopping = true;
        for (const other of members) other.process.kill('SIGKILL');
        giveUp(
          new FleetStartError('A process of the gateway ended while it started; its message stands above.'),
        );
        return;
      }
      log('error', 'a process of the gateway ended; starting another', {
        code: code ?? -1,
        signal: signal ?? 'none',
      });
      setTimeout(() => {
        if (!stopping) start();
      }, restartDelayMs);
    });
  };
  // Requests make much short-lived garbage; a roomier young generation collects it less often.
  cluster.setupPrimary({ execArgv: [...process.execArgv, '--max-semi-space-size=64'] });
  for (let i = 0; i < processes; i++) start();
  return {
    listening: allListening,
    async stop() {
      stopping = true;
      await Promise.all([...members].map((member) => stopMember(member, ready.has(member))));
    },
  };
}

/** A member that has not asked for its stores has no request in work, and would not hear a message. */
async function stopMember(member: Worker, isReady: boolean): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    member.once('exit', () => resolve());
  });
  const timer = setTimeout(() => member.process.kill('SIGKILL'), isReady ? stopTimeoutMs : 0);
  if (member.isConnected()) member.send({ kind: 'stop' } satisfies ToMember);
  await ended;
  clearTimeout(timer);
}

/** Collects the metrics of all processes, whichever of them was asked. */
function createMetricsRound(rooms: Rooms, members: ReadonlySet<Worker>) {
  const waiting = new Map<number, (metrics: MetricsJson) => void>();
  let lastAsk = 0;

  const own = (member: Worker): Promise<MetricsJson> =>
    new Promise((resolve) => {
      const ask = ++lastAsk;
      const settle = (metrics: MetricsJson) => {
        clearTimeout(timer);
        waiting.delete(ask);
        resolve(metrics);
      };
      // A member that is starting or dying has nothing to add.
      const timer = setTimeout(() => settle([]), metricsTimeoutMs);
      waiting.set(ask, settle);
      member.send({ kind: 'own-metrics', ask } satisfies ToMember);
    });

  return {
    take: (ask: number, metrics: MetricsJson) => waiting.get(ask)?.(metrics),
    async answer(member: Worker, ask: number): Promise<void> {
      const connected = [...members].filter((other) => other.isConnected());
      const all = await Promise.all([...connected.map(own), rooms.metrics.registry.getMetricsAsJSON()]);
      const text = await AggregatorRegistry.aggregate(all.filter((part) => part.length > 0)).metrics();
      if (member.isConnected()) member.send({ kind: 'all-metrics', ask, text } satisfies ToMember);
    },
  };
}
