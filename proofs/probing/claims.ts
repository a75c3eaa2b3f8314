import type { Random } from '../../src/simulator/random.ts';

/*
 * Claims of households, each told in a few sentences, and ways to tell the same again in other words. Nobody in them
 * exists.
 */

type Texts = readonly [string, ...string[]];

const things: Texts = [
  'television',
  'bicycle',
  'laptop',
  'washing machine',
  'carpet',
  'sofa',
  'camera',
  'oven',
  'guitar',
  'necklace',
  'bookcase',
  'heat pump',
  'window',
  'fence',
  'fridge',
  'pram',
  'telescope',
  'dishwasher',
];
const places: Texts = [
  'in the cellar',
  'in the hallway',
  'at the station',
  'in the garden',
  'in the kitchen',
  'in the shed',
  'on the balcony',
  'in the car',
  'at school',
  'in the attic',
  'in the bathroom',
  'at the office',
];
const causes: Texts = [
  'burst pipe',
  'theft',
  'lightning',
  'storm',
  'fire next door',
  'fall from a shelf',
  'hail',
  'flooded stairs',
  'a broken lock',
  'a visitor tripping',
  'a power surge',
  'a leaking radiator',
  'moths',
  'a dog',
];
const details: Texts = [
  'The caretaker came in the evening and shut off the water',
  'Our neighbour noticed it first and rang us',
  'We were away over the weekend and found it on return',
  'The children were at home and nobody was hurt',
  'The fire brigade was called and left after an hour',
  'It had been bought only last spring',
  'The floor below it is stained as well',
  'A locksmith has changed the cylinder since',
  'The plug and the wall behind it are black',
  'We have moved the rest to a dry room',
  'The dealer says that it cannot be mended',
  'The landlord has been told and has his own insurer',
  'It belonged to my late aunt',
  'The frame is bent and the wheel is gone',
  'The glass lay all over the lawn',
  'The wood has swollen and the doors no longer close',
];
const evidence: Texts = [
  'I enclose the invoice',
  'I have photos of everything',
  'The police report is attached',
  'A repair quote is attached',
  'I have no receipt any more',
  'There were no witnesses',
  'I paid cash at the time',
  'The receipt was lost',
];
const endings: Texts = [
  'Please let me know what else you need',
  'I hope to hear from you soon',
  'You can reach me in the afternoon',
  'Kindly transfer the sum to the account you know',
  'Many thanks for your help',
  'My spouse can answer questions as well',
];

export function drawClaim(random: Random): readonly string[] {
  const amount = 100 + Math.floor(random.next() ** 2 * 6_000);
  const day = 1 + Math.floor(random.next() * 27);
  const month = 1 + Math.floor(random.next() * 9);
  const date = (d: number) => `2026-0${month}-${String(d).padStart(2, '0')}`;
  return [
    `On ${date(day)} our ${random.pick(things)} ${random.pick(places)} was damaged by ${random.pick(causes)}`,
    random.pick(details),
    random.pick(details),
    random.pick(details),
    `The damage comes to EUR ${amount}`,
    random.pick(evidence),
    random.pick(evidence),
    random.pick(endings),
  ];
}

export function tell(sentences: readonly string[]): string {
  return `${sentences.join('. ')}.`;
}

const swaps: readonly (readonly [RegExp, Texts])[] = [
  [/\bdamaged\b/g, ['ruined', 'destroyed', 'damaged', 'spoilt', 'wrecked']],
  [/\bcomes to\b/g, ['amounts to', 'comes to', 'adds up to', 'is put at', 'was estimated at']],
  [/\bI enclose\b/g, ['Enclosed is', 'I attach', 'You will find', 'I enclose']],
  [/\bour\b/g, ['our', 'the', 'my', 'our own']],
  [/\bPlease let me know\b/g, ['Please tell me', 'Do let me know', 'Kindly say']],
  [/\bfound\b/g, ['discovered', 'noticed', 'found', 'saw']],
  [/\bnobody was hurt\b/g, ['no one was injured', 'nobody was hurt', 'all are well']],
  [
    /\bno receipt any more\b/g,
    ['no receipt any more', 'thrown away all papers', 'misplaced every paper', 'not kept the paper'],
  ],
  [/\bpaid cash\b/g, ['settled it by hand', 'paid cash', 'paid on the spot', 'handed over banknotes']],
  [/\bno witnesses\b/g, ['no onlookers', 'no people about', 'no witnesses', 'nobody to see it']],
];
const additions: Texts = [
  'This is all quite upsetting',
  'We have been customers for long',
  'Everything happened fast',
  'I am certain about the sum',
  'A photo can be sent',
  'An invoice is on its way',
  'The repair quote will follow',
];

/** The same claim in other words: some words exchanged, sentences moved, one added or the sum cut. */
export function retell(sentences: readonly string[], random: Random): readonly string[] {
  let told = sentences.map((sentence) =>
    swaps.reduce(
      (text, [pattern, words]) => (random.next() < 0.6 ? text.replace(pattern, random.pick(words)) : text),
      sentence,
    ),
  );
  const from = Math.floor(random.next() * told.length);
  const moved = told[from] ?? '';
  told = told.filter((_, i) => i !== from);
  told.splice(Math.floor(random.next() * told.length), 0, moved);
  if (random.next() < 0.5) told.push(random.pick(additions));
  const cut = random.between(0.6, 1);
  return told.map((text) =>
    text.replace(/EUR (\d+)/, (_, sum: string) => `EUR ${Math.floor(Number(sum) * cut)}`),
  );
}
