// Honest texts of four surfaces, made of parts: what inspection mostly meets.

const names = ['Anna Keller', 'J. Okafor', 'Marta Lindqvist', 'Paul Reyes', 'S. Novak', 'Ines Duarte'];
const places = ['Bonn', 'Leeds', 'Malmö', 'Lyon', 'Brno', 'Porto'];
const events = [
  'the washing machine leaked and the kitchen floor swelled',
  'a van rolled back into the front of the car at the lights',
  'hail broke two roof windows and dented the garage door',
  'the bicycle was taken from the locked cellar during the night',
  'water came through the ceiling after the pipe above burst',
];
const wishes = [
  'Please tell me which documents you still need.',
  'The garage must not start before the assessor has seen the car.',
  'Kindly send the form to my new address.',
  'Do not call before ten, I work nights.',
  'Could you confirm by e-mail that this has arrived?',
];
const surfaces = ['chat', 'document', 'retrieved', 'tool_result'];

/** `count` texts of `length` characters each, the same each time. */
export function honestTexts(length, count) {
  return Array.from({ length: count }, (_, i) => ({
    surface: surfaces[i % surfaces.length],
    origin: `/texts/${i}`,
    text: textOf(i, length),
  }));
}

function textOf(seed, length) {
  const write = seed % 4 === 3 ? row : sentence;
  let text = '';
  for (let n = 0; text.length < length; n++) text += write(seed * 31 + n);
  return text.slice(0, length);
}

function sentence(n) {
  const nth = (list, step) => list[(n * step) % list.length];
  const day = 1 + ((n * 7) % 28);
  return `On ${day} March 2026 ${nth(names, 5)} of ${nth(places, 7)} reported that ${nth(events, 3)}. The estimate is ${(n * 37) % 5_000}.${(n * 13) % 90} EUR, file ${10_000 + n}. ${nth(wishes, 2)}\n`;
}

function row(n) {
  const nth = (list, step) => list[(n * step) % list.length];
  return `{"claim":${50_000 + n},"holder":"${nth(names, 5)}","place":"${nth(places, 7)}","amount":"${(n * 37) % 5_000}.${(n * 13) % 90}","text":"${nth(events, 3)}","status":"open"}\n`;
}
