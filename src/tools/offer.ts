import type { SurfaceKind } from '../decision/surface.ts';
import type { Tool, Toolbox } from './declaration.ts';

/** Which tools a call to the model may use, and which its context has withdrawn. Ids, in the order of the list. */
export interface Offer {
  readonly offered: readonly string[];
  readonly withheld: readonly string[];
}

const nothing: Offer = { offered: [], withheld: [] };

/**
 * Narrows the allow-list to the context: text of an untrusted surface withdraws every tool that writes. A
 * withdrawn tool is neither shown to the model nor run when the model names it all the same. Pure.
 * @param surfaces those with text in the context, results of trusted tools left out
 * @param named tools that the request itself brings; the application runs those of kind caller, so only they
 *   are offered, and only to a caller that can be handed a call
 */
export function offerTools(
  toolbox: Toolbox | null,
  surfaces: ReadonlySet<SurfaceKind>,
  named: ReadonlySet<string>,
): Offer {
  if (toolbox === null) return nothing;
  const isNarrowed = toolbox.policy.untrusted.some((surface) => surfaces.has(surface));
  const candidates = [...toolbox.tools.values()].filter(
    ({ config }) => config.runs.kind !== 'caller' || named.has(config.id),
  );
  const isWithheld = ({ config }: Tool) => isNarrowed && config.effect === 'write';
  return {
    offered: candidates.filter((tool) => !isWithheld(tool)).map(({ config }) => config.id),
    withheld: candidates.filter(isWithheld).map(({ config }) => config.id),
  };
}
