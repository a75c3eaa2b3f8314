import type { Candidate } from './candidate.ts';
import { contextOf, namesAnother } from './context.ts';
import { distinctiveKinds, isValidId, type Kind, namedKinds, namedSomehow } from './national-id-kinds.ts';

/** Six digits or more, close together and without a comma: all that is looked for has them, and few amounts do. */
const digitCluster = /\d(?:[A-Z ./+()-]{0,2}\d){5,}/gi;
/** Letters, separators and the character beyond, on either side of a number's digits. */
const WINDOW_MARGIN_CHARACTERS = 12;
const digitGroups = /(?<![\w.,])[A-Z]{0,2}\d(?:[ ./-]?\d){4,13}[A-Z]{0,2}(?:\([0-9A]\))?(?!\w)/gi;
const digitRun = /(?<![\w.,])\d{5,13}[A-Z]{0,2}(?!\w)/gi;

const reach = { beforeCharacters: 60, afterCharacters: 24 } as const;

/**
 * National, tax and social insurance numbers of persons.
 *
 * @param key what names the text from outside, such as its key in a JSON object
 */
export function findNationalIds(text: string, key: string): Candidate[] {
  return [...text.matchAll(digitCluster)].flatMap(({ 0: match, index }) => {
    const start = Math.max(0, index - WINDOW_MARGIN_CHARACTERS);
    const window = { start, end: index + match.length + WINDOW_MARGIN_CHARACTERS };
    // What a word names goes before what only its form suggests.
    return findNamed(text, window, key).concat(findDistinctive(text, window));
  });
}

interface Window {
  readonly start: number;
  readonly end: number;
}

function matchesIn(text: string, { start, end }: Window, form: RegExp) {
  return [...text.slice(start, end).matchAll(form)].map((found) => ({
    match: found[0],
    index: start + found.index,
  }));
}

function findDistinctive(text: string, window: Window): Candidate[] {
  return distinctiveKinds.flatMap(({ form, everyday, ...kind }) =>
    matchesIn(text, window, form)
      .filter(({ match }) => isValidId(kind, match))
      .filter(({ index }) => everyday !== true || !namesAnother(text, index))
      .map(({ match, index }) => candidate(kind, index, match.length)),
  );
}

function findNamed(text: string, window: Window, key: string): Candidate[] {
  const matches = [...matchesIn(text, window, digitGroups), ...matchesIn(text, window, digitRun)];
  return matches.flatMap(({ match, index }) => {
    const { outer, before, after } = contextOf(text, { start: index, end: index + match.length }, key, reach);
    const around = `${outer} ${before} ${after}`;
    const kinds = namedSomehow.test(around)
      ? namedKinds
      : namedKinds.filter(({ names }) => names.test(around));
    const kind = kinds.find((one) => isValidId(one, match));
    return kind ? [candidate(kind, index, match.length)] : [];
  });
}

function candidate({ country, id }: Kind, start: number, length: number): Candidate {
  return {
    class: 'national-id',
    rule: `national-id-${country.toLowerCase()}-${id}`,
    start,
    end: start + length,
  };
}
