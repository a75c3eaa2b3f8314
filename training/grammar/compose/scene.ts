import type { Draw } from '../engine/draw.ts';
import { Facts } from '../engine/facts.ts';
import type { Frame } from '../engine/frame.ts';
import { expandTemplate, type Lookup } from '../engine/template.ts';
import type { Carrier, Language, Layout, Surface } from '../row.ts';

/** One case being told: its draws, its facts and its language. */
export interface Scene {
  readonly draw: Draw;
  readonly language: Language;
  /** @throws Error when a template names a slot that nothing fills: a mistake in our own data. */
  readonly say: (template: string) => string;
}

export function createScene(draw: Draw, language: Language): Scene {
  const facts = new Facts(draw, language.code);
  const lookup: Lookup = (slot) => {
    const found = facts.get(slot) ?? language.lists[slot];
    if (found === undefined) throw new Error(`no fact or list {${slot}} in ${language.code}`);
    return found;
  };
  return { draw, language, say: (template) => expandTemplate(template, draw, lookup) };
}

/** Starts with a capital, as sentences do; scripts without case stay as they are. */
export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Tools answer in the forms of machines, where the carrier has one. */
function layoutsFor(carrier: Carrier, surface: Surface): readonly Layout[] {
  const forPeople: ReadonlySet<Layout> = new Set(['prose', 'email', 'markdown']);
  const machine = surface === 'tool_result' ? carrier.layouts.filter((layout) => !forPeople.has(layout)) : [];
  return machine.length > 0 ? machine : carrier.layouts;
}

/** An honest text of the carrier, without any remark of our choosing. */
export function frameOf(carrier: Carrier, surface: Surface, scene: Scene): Frame {
  const { draw, say } = scene;
  const layout = draw.pick(layoutsFor(carrier, surface));
  const sentences = draw.shuffled(carrier.sentences).slice(0, draw.between(1, 7));
  const noteCount = draw.between(1, Math.min(3, carrier.notes.length));
  return {
    layout,
    title: say(draw.pick(carrier.titles)),
    fields: draw
      .some(
        carrier.fields,
        draw.between(Math.min(2, carrier.fields.length), Math.min(9, carrier.fields.length)),
      )
      .map(([label, value]) => ({ label: capital(say(label)), value: say(value) })),
    sentences: sentences.map((template) => capital(say(template))),
    notes: draw.some(carrier.notes, noteCount).map((label) => ({
      label: capital(say(label)),
      text: draw.chance(0.75) ? capital(say(draw.pick(carrier.remarks))) : '',
    })),
    table: carrier.table === undefined ? null : tableOf(carrier.table, scene),
    footnotes: [],
    speakers: carrier.speakers ?? ['A', 'B'],
    sender: { name: say('{agent}'), mail: say('{mail}') },
    receiver: { name: say('{name}'), mail: say('{mail}') },
    date: say('{date}'),
  };
}

function tableOf(table: NonNullable<Carrier['table']>, scene: Scene): Frame['table'] {
  const { draw, say } = scene;
  const count = draw.chance(0.15) ? draw.between(8, 16) : draw.between(2, 6);
  const rows: string[][] = [];
  for (let i = 0; i < count; i++) rows.push(table.cells.map((cell) => say(cell)));
  return { columns: table.columns.map((column) => capital(say(column))), rows };
}
