import type { Label } from '../decision/label.ts';

/**
 * What must be lawful for whoever sees a task: one name for each jurisdiction with a subject in it, together
 * with the class of the data. Ids hold neither slash nor blank.
 */
export function taskLabels({
  jurisdiction,
  others = [],
  dataClass,
}: Pick<Label, 'jurisdiction' | 'others' | 'dataClass'>): readonly string[] {
  return [jurisdiction, ...others].map((id) => `${id}/${dataClass}`);
}
