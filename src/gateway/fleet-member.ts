import { InvariantError } from '../decision/errors.ts';
import type { StorageLog } from '../storage/log.ts';
import type { FromMember, ToMember } from './fleet-message.ts';
import { closeRooms, openFace, wireRooms } from './gateway.ts';
import { openCellsAt } from './open-cells.ts';
import { loadProvenConfig } from './proven-config.ts';
import type { Rooms } from './rooms.ts';

/** One serving process of a fleet; resolves when the first process has told it to stop and it has. */
export async function runFleetMember(options: { configFile: string; log: StorageLog }): Promise<void> {
  // Ctrl-C reaches every process of the terminal; the first one decides when this one ends.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  const link = createLink();
  tell({ kind: 'ready' });
  const embedded = await link.begun;
  const config = loadProvenConfig(options.configFile);
  const stores = new Map(embedded.map(([cell, url]) => [cell, { url }]));
  const open = await openCellsAt(config, options.log, stores);
  const rooms = await wireRooms(config, open, options.log);
  link.serveMetrics(rooms);
  const face = await openFace(rooms, options.log, link.allMetrics);
  tell({ kind: 'listening', url: face.url });
  await link.stopped;
  await face.stop();
  await closeRooms(rooms);
  await open.close();
  process.disconnect();
}

function tell(message: FromMember): void {
  if (!process.send) throw new InvariantError('a fleet member without a first process');
  process.send(message);
}

/** The messages of the first process, as promises and functions. */
function createLink() {
  const asked = new Map<number, (text: string) => void>();
  let lastAsk = 0;
  let rooms: Rooms | null = null;
  let begin: (embedded: readonly (readonly [string, string])[]) => void;
  let stop: () => void;
  const begun = new Promise<readonly (readonly [string, string])[]>((resolve) => {
    begin = resolve;
  });
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  process.on('message', (message: ToMember) => {
    if (message.kind === 'begin') begin(message.embedded);
    else if (message.kind === 'stop') stop();
    else if (message.kind === 'own-metrics') void tellMetrics(rooms, message.ask);
    else {
      asked.get(message.ask)?.(message.text);
      asked.delete(message.ask);
    }
  });
  return {
    begun,
    stopped,
    serveMetrics(own: Rooms) {
      rooms = own;
    },
    allMetrics: (): Promise<string> =>
      new Promise((resolve) => {
        const ask = ++lastAsk;
        asked.set(ask, resolve);
        tell({ kind: 'all-metrics', ask });
      }),
  };
}

async function tellMetrics(rooms: Rooms | null, ask: number): Promise<void> {
  const metrics = rooms === null ? [] : await rooms.metrics.registry.getMetricsAsJSON();
  tell({ kind: 'own-metrics', ask, metrics });
}
