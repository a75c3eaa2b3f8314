import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from './random.ts';
import type { Row } from './row.ts';

type Templates = Readonly<Record<string, readonly string[]>>;

const templatesOf = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'honest', `${name}.json`), 'utf8')) as Templates;

/** Fills `{name}` with one of the templates of that name, as deep as they go. */
function filled(template: string, templates: Templates, random: Random): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    filled(random.pick(templates[name] ?? ['']), templates, random),
  );
}

/** What an honest text of each kind is put together from, in its order. */
const kinds = [
  {
    name: 'scenes',
    surfaces: ['chat'],
    glue: [' ', '\n\n'],
    plan: ['setting', 'backstory*', 'task', 'wish*', 'backstory?', 'task?', 'wish?'],
  },
  {
    name: 'technical',
    surfaces: ['tool_result', 'retrieved', 'document'],
    glue: ['\n\n', '\n'],
    plan: ['trace?', 'answer', 'code?', 'answer*', 'code?', 'answer?'],
  },
  {
    name: 'guides',
    surfaces: ['retrieved', 'document', 'tool_result'],
    glue: ['\n', ' '],
    plan: ['heading', 'step', 'fact?', 'step*', 'fact*', 'step?'],
  },
] as const;

/**
 * Honest texts that are full of what attacks are full of: scenes to be played, advice on code, and
 * instructions to customers and staff.
 */
export function honestRows(count: number, seed: number): Row[] {
  const random = new Random(seed);
  const templates = Object.fromEntries(kinds.map(({ name }) => [name, templatesOf(name)]));
  return Array.from({ length: count }, (_, index) => {
    const { name, surfaces, glue, plan } = random.pick(kinds);
    const own = templates[name] as Templates;
    const lines = plan.flatMap((part) => {
      const times = part.endsWith('*') ? random.below(5) : part.endsWith('?') ? random.below(2) : 1;
      const templated = `{${part.replace(/[*?]$/, '')}}`;
      return Array.from({ length: times }, () => filled(templated, own, random));
    });
    return {
      id: `${name}-${index}`,
      text: lines.join(random.pick(glue)),
      label: 'benign',
      surface: random.pick(surfaces),
      source: `honest-${name}`,
      licence: 'Apache-2.0',
      isSoft: true,
      weight: 0.5,
    };
  });
}
