import type { ExtractedPiece } from './extraction.ts';

/** Programs that a viewer would run: no reader sees them, and nothing of a decision needs them. */
export function scriptPieces(actions: unknown, page: number | null): ExtractedPiece[] {
  if (typeof actions !== 'object' || actions === null) return [];
  const scripts = actions instanceof Map ? [...actions.values()] : Object.values(actions);
  const text = scripts
    .flat()
    .filter((script) => typeof script === 'string')
    .join('\n')
    .trim();
  return text === '' ? [] : [{ page, layer: 'hidden:script', text }];
}
