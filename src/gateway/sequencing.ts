import type { LedgerObserver } from '../audit/ledger/settings.ts';
import type { StorageLog } from '../storage/log.ts';
import type { Cell, Rooms } from './rooms.ts';

/** Candidate for the leadership of every hosted cell's ledger: of all gateways of a cell, one leads. */
export function startSequencing(rooms: Rooms, log: StorageLog): { stop(): Promise<void> } {
  const leaderships = [...rooms.cells.values()].map((cell) => {
    const observer = observe(rooms, cell, log);
    return cell.store.lead('sequencer', (term) => cell.ledger.sequence(term, observer));
  });
  return {
    async stop() {
      await Promise.all(leaderships.map((leadership) => leadership.stop()));
    },
  };
}

/** Turns what happens to a ledger into log lines, metrics, and one alert each time that something begins. */
function observe({ alerts, metrics }: Rooms, { id: cell }: Cell, log: StorageLog): LedgerObserver {
  let refusedFor: string | null = null;
  let unwitnessedSinceMs: number | null = null;
  return {
    leading: (is) => metrics.ledger.leading(cell, is),
    refused(sentence) {
      metrics.ledger.refused(cell, sentence !== null);
      if (sentence !== null) log('error', sentence, { cell });
      if (sentence !== null && sentence !== refusedFor) {
        alerts.raise({ kind: 'ledger-inconsistent', cell, detail: { explanation: sentence } });
      }
      refusedFor = sentence;
    },
    signed: (checkpoint) => metrics.ledger.signed(cell, checkpoint),
    caughtUp: () => metrics.ledger.caughtUp(cell),
    published(fault) {
      if (fault === null) return;
      metrics.ledger.publishFailed(cell);
      log('error', 'the ledger’s files could not be written; trying again with the next checkpoint', {
        cell,
        fault: fault.name,
        code: 'code' in fault ? String(fault.code) : 'none',
      });
      alerts.raiseOften({ kind: 'ledger-publish-failed', cell, detail: { fault: fault.name } }, fault.name);
    },
    witnessed: (atMs) => metrics.ledger.witnessed(cell, atMs),
    unwitnessed(sinceMs) {
      if (sinceMs !== null && unwitnessedSinceMs === null) {
        const since = new Date(sinceMs).toISOString();
        alerts.raise({ kind: 'ledger-unwitnessed', cell, detail: { since } });
      }
      unwitnessedSinceMs = sinceMs;
    },
    witnessRefused(witness, fault) {
      metrics.ledger.witnessRefused(cell, witness, fault);
      log('warn', 'a witness did not cosign', { cell, witness, fault });
      // It says that it has seen more than we have: what a cut-off tail looks like from outside.
      if (fault === 'WITNESS_AHEAD') {
        alerts.raiseOften({ kind: 'ledger-inconsistent', cell, detail: { witness, fault } }, witness);
      }
    },
  };
}
