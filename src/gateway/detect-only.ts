import type { StorageLog } from '../storage/log.ts';
import type { Rooms } from './rooms.ts';

/** Says at every start where detectors stop nothing: a roll-out that was forgotten must not go unnoticed. */
export function announceDetectOnly(
  rooms: Pick<Rooms, 'types' | 'validation' | 'metrics' | 'alerts'>,
  log: StorageLog,
): void {
  for (const decisionType of rooms.types.keys()) {
    const surfaces = rooms.validation.surfacesDetectOnly(decisionType);
    if (surfaces.length === 0) continue;
    rooms.metrics.validation.detectOnly(decisionType, surfaces);
    log('warn', 'validation only tells what it sees and stops nothing here', {
      decisionType,
      surfaces: surfaces.join(' '),
    });
    rooms.alerts.raise({ kind: 'detect-only', cell: null, detail: { decisionType, surfaces } });
  }
}
