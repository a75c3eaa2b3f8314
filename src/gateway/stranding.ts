import type { Label } from '../decision/label.ts';
import { lawfulRequest } from './call-model.ts';
import type { Rooms } from './rooms.ts';

const lookPeriodMs = 60_000;

/**
 * Looks, in every process, whether a request of each jurisdiction and decision type would find an endpoint that is
 * lawful now and answers, with the very filter and health that requests meet. What cannot be served is a gauge
 * and, when it begins, an alert. That requests are refused there is right; that nobody knows would not be.
 */
export function startStranding(rooms: Rooms, lookMs = lookPeriodMs): { stop(): void } {
  const standing = new Set<string>();
  const look = () => lookForStranded(rooms, standing);
  look();
  const timer = setInterval(look, lookMs).unref();
  return { stop: () => clearInterval(timer) };
}

/** @param standing what was stranded at the last look; it is brought up to now */
export function lookForStranded(rooms: Rooms, standing: Set<string>): void {
  const { cells, jurisdictions } = rooms.config.gateway;
  for (const { id: cell } of rooms.cells.values()) {
    const own = cells.find(({ id }) => id === cell)?.jurisdictions ?? [];
    for (const { id: jurisdiction, countries } of jurisdictions.filter(({ id }) => own.includes(id))) {
      for (const type of rooms.types.values()) {
        const { name: decisionType, dataClass } = type.config;
        const label: Label = {
          jurisdiction,
          countries,
          dataClass,
          cell,
          jurisdictionSource: 'grant',
          dataClassSource: 'decision-type',
        };
        const lawful = rooms.lawfulFilter.lawful(lawfulRequest({ label, type }, rooms.nowMs(), []));
        const answering =
          lawful.kind === 'pass' && lawful.endpoints.some(({ id }) => !rooms.health.isOpen(id));
        const key = `${jurisdiction} ${decisionType}`;
        rooms.metrics.assurance.stranded({ cell, jurisdiction, decisionType }, !answering);
        if (answering) standing.delete(key);
        else if (!standing.has(key)) {
          standing.add(key);
          const why = lawful.kind === 'pass' ? 'LAWFUL_ENDPOINTS_FAILED' : lawful.reason;
          const detail = { jurisdiction, decisionType, dataClass, why };
          rooms.alerts.raise({ kind: 'cell-stranded', cell, detail });
        }
      }
    }
  }
}
