import { createDraw, type Draw, mix, rowSeed } from '../engine/draw.ts';
import { unmark } from '../engine/frame.ts';
import { renderFrame } from '../engine/layout.ts';
import { languages } from '../languages/index.ts';
import type { Carrier, CorpusRow, Language, Split, Surface } from '../row.ts';
import { familiesOf, heldOutCarriers } from '../split.ts';
import { composeChat } from './chat.ts';
import { createNovelty, shinglesOf } from './novelty.ts';
import { composeHonest, composePayload } from './payload.ts';
import { insertInto } from './placement.ts';
import { createScene, frameOf, type Scene } from './scene.ts';

type Draft = Omit<CorpusRow, 'id'>;

/** How often each surface is drawn, of 100. */
const surfaceShares: readonly (readonly [Surface, number])[] = [
  ['chat', 30],
  ['document', 28],
  ['retrieved', 18],
  ['tool_result', 24],
];
const triesMax = 12;

/**
 * `count` composed rows, the same for the same seed; a longer corpus begins with the shorter one. Of the
 * held-out split every carrier is held out, and two of three families; the others are known families in new
 * carriers.
 * @throws RangeError when `count` is not a non-negative integer.
 */
export function composeCorpus(order: { seed: number; count: number; split: Split }): CorpusRow[] {
  const { seed, count, split } = order;
  if (!Number.isInteger(count) || count < 0) throw new RangeError(`count must be a whole number: ${count}`);
  const novelty = createNovelty();
  const rows: CorpusRow[] = [];
  for (let index = 0; index < count; index++) {
    const draw = createDraw(rowSeed(seed, split === 'train' ? 1 : 2, index));
    const plan = planRow(draw, split);
    let draft = composeDraft(draw, plan);
    let shingles = shinglesOf(draft.text);
    for (let tries = 1; tries < triesMax && !novelty.admits(shingles); tries++) {
      draft = composeDraft(draw, plan);
      shingles = shinglesOf(draft.text);
    }
    novelty.add(shingles);
    rows.push({ id: `grammar-${split}-${mix(seed).toString(16)}-${index}`, ...draft });
  }
  return rows;
}

function weighted<T>(draw: Draw, choices: readonly (readonly [T, number])[]): T {
  let at = draw.next() * choices.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [choice, weight] of choices) {
    at -= weight;
    if (at < 0) return choice;
  }
  throw new RangeError('nothing to weigh');
}

function carriersOf(language: Language, split: Split, surface: Surface): Carrier[] {
  return language.carriers.filter(
    (carrier) =>
      heldOutCarriers.has(carrier.id) === (split === 'held-out') && carrier.surfaces.includes(surface),
  );
}

/** What a row is to be; it stays when a text is drawn anew, or what repeats itself would become rare. */
interface Plan {
  readonly label: CorpusRow['label'];
  readonly surface: Surface;
  readonly language: Language;
  readonly split: Split;
}

function planRow(draw: Draw, split: Split): Plan {
  const label = draw.chance(0.5) ? 'attack' : 'benign';
  const surface = weighted(draw, surfaceShares);
  const language = weighted(
    draw,
    languages
      .filter((one) => surface === 'chat' || carriersOf(one, split, surface).length > 0)
      .map((one) => [one, one.weight] as const),
  );
  return { label, surface, language, split };
}

function composeDraft(draw: Draw, { label, surface, language, split }: Plan): Draft {
  const scene = createScene(draw, language);
  if (surface === 'chat') return composeChat(label, split, scene);
  const carrier = draw.pick(carriersOf(language, split, surface));
  return label === 'attack'
    ? attackIn(carrier, surface, split, scene)
    : honestIn(carrier, surface, split, scene);
}

function attackIn(carrier: Carrier, surface: Surface, split: Split, scene: Scene): Draft {
  const { draw, language } = scene;
  const frame = frameOf(carrier, surface, scene);
  const family = draw.pick(familiesOf(language.payloads, split, draw));
  if (draw.chance(0.4)) {
    const honest = draw.pick(familiesOf(language.honest, split, draw));
    insertInto(frame, composeHonest(honest, language.honest, scene), draw);
  }
  for (const part of composePayload(family, language.payloads, scene)) insertInto(frame, part, draw);
  const { text, span } = unmark(renderFrame(frame, draw));
  if (span === undefined)
    throw new Error(`the payload of ${family} is lost in ${carrier.id} (${frame.layout})`);
  return {
    text,
    label: 'attack',
    surface,
    family,
    carrier: carrier.id,
    language: language.code,
    payloadSpan: span,
  };
}

function honestIn(carrier: Carrier, surface: Surface, split: Split, scene: Scene): Draft {
  const { draw, language } = scene;
  const frame = frameOf(carrier, surface, scene);
  let family = 'plain';
  if (draw.chance(0.8)) {
    family = draw.pick(familiesOf(language.honest, split, draw));
    const count = draw.chance(0.3) ? 2 : 1;
    for (let i = 0; i < count; i++) insertInto(frame, composeHonest(family, language.honest, scene), draw);
  }
  const { text } = unmark(renderFrame(frame, draw));
  return { text, label: 'benign', surface, family, carrier: carrier.id, language: language.code };
}
