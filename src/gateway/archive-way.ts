import type { Label } from '../decision/label.ts';
import type { LawfulFilter } from '../residency/lawful.ts';
import type { LoadedConfig } from '../config/load.ts';

/** What is asked before anything is written to an archive. */
export interface ArchiveWay {
  readonly config: Pick<LoadedConfig, 'gateway'>;
  readonly lawfulFilter: Pick<LawfulFilter, 'lawful'>;
  readonly nowMs: () => number;
}

/**
 * Why a cell's archive may not be written now; null when it may. A segment holds records of every jurisdiction of
 * the cell and of any class, because a class can be raised by what is detected: so the archive must be
 * lawful for each jurisdiction and each class that nothing is above.
 */
export function archiveObstacle({ config, lawfulFilter, nowMs }: ArchiveWay, cellId: string): string | null {
  const { cells, jurisdictions, dataClasses } = config.gateway;
  const cell = cells.find(({ id }) => id === cellId);
  if (cell === undefined || cell.archive === 'none') return null;
  const { endpoint } = cell.archive;
  const lower = new Set(dataClasses.flatMap(({ parents }) => parents));
  const top = dataClasses.filter(({ id }) => !lower.has(id));
  for (const { id: jurisdiction, countries } of jurisdictions) {
    if (!cell.jurisdictions.includes(jurisdiction)) continue;
    for (const { id: dataClass } of top) {
      const label: Label = {
        jurisdiction,
        countries,
        dataClass,
        cell: cellId,
        jurisdictionSource: 'grant',
        dataClassSource: 'decision-type',
      };
      const lawful = lawfulFilter.lawful({ label, purpose: 'archive', nowMs: nowMs() });
      if (lawful.kind === 'pass' && lawful.endpoints.some(({ id }) => id === endpoint)) continue;
      const why =
        lawful.kind === 'pass' ? [] : lawful.nearestMisses().filter((miss) => miss.endpoint === endpoint);
      const because = why[0] ? `: ${why[0].why}` : '';
      return `the archive "${endpoint}" of cell ${cellId} is not lawful for ${dataClass} data of ${jurisdiction}${because}`;
    }
  }
  return null;
}
