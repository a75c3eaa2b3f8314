import { stdnum } from 'stdnum';
import { folded } from '../canonical/folding.ts';
import type { Candidate } from './candidate.ts';

interface Kind {
  readonly country: string;
  readonly id: string;
}

/** Numbers whose own form, with its check digits, is hardly met by chance. */
const distinctive: readonly (Kind & { readonly form: RegExp })[] = [
  {
    country: 'IT',
    id: 'codicefiscale',
    form: /(?<!\w)[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z](?!\w)/gi,
  },
  { country: 'FI', id: 'hetu', form: /(?<!\w)\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y](?!\w)/g },
  {
    country: 'GB',
    id: 'nino',
    form: /(?<!\w)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)/g,
  },
  { country: 'GB', id: 'nino', form: /(?<!\w)[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z]\d{6}[a-d](?!\w)/g },
  { country: 'CH', id: 'ssn', form: /(?<![\w.])756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}(?!\w)/g },
  { country: 'US', id: 'ssn', form: /(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])/g },
  { country: 'ES', id: 'dni', form: /(?<!\w)\d{8}-?[A-HJ-NP-TV-Z](?!\w)/g },
  { country: 'ES', id: 'nie', form: /(?<!\w)[XYZ]-?\d{7}-?[A-HJ-NP-TV-Z](?!\w)/g },
  {
    country: 'FR',
    id: 'nir',
    form: /(?<![\w.,])[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?!\w)/g,
  },
  { country: 'DE', id: 'svnr', form: /(?<!\w)\d{2} ?\d{6} ?[A-Z] ?\d{3}(?!\w)/g },
  { country: 'PT', id: 'cc', form: /(?<!\w)\d{8} ?\d ?[A-Z][A-Z0-9]\d(?!\w)/g },
  { country: 'BE', id: 'nn', form: /(?<![\w.])\d{2}\.\d{2}\.\d{2}-\d{3}[. ]\d{2}(?!\w)/g },
  { country: 'SE', id: 'personnummer', form: /(?<![\w-])(?:\d{2})?\d{6}[-+]\d{4}(?![\w-])/g },
  { country: 'LV', id: 'pvn', form: /(?<![\w-])\d{6}-\d{5}(?![\w-])/g },
  { country: 'CZ', id: 'rc', form: /(?<!\w)\d{6}\/\d{4}(?!\w)/g },
  { country: 'SK', id: 'rc', form: /(?<!\w)\d{6}\/\d{4}(?!\w)/g },
];

/** Plain digits, of which one in ten or so has right check digits by chance: a word must name them. */
const named: readonly (Kind & { readonly names: RegExp })[] = [
  { country: 'US', id: 'ssn', names: /\bssn|social[ _-]?security|\bitin\b|taxpayer/ },
  { country: 'GB', id: 'utr', names: /\butr\b|unique taxpayer/ },
  { country: 'PL', id: 'pesel', names: /pesel/ },
  { country: 'NL', id: 'bsn', names: /\bbsn|burgerservice|sofinummer/ },
  { country: 'DE', id: 'idnr', names: /steuer|idnr|identifikationsnummer/ },
  { country: 'HR', id: 'oib', names: /\boib\b/ },
  { country: 'BG', id: 'egn', names: /\begn\b|егн/ },
  { country: 'BG', id: 'pnf', names: /\bpnf\b|лнч/ },
  { country: 'GR', id: 'amka', names: /amka|αμκα/ },
  { country: 'EE', id: 'ik', names: /isikukood/ },
  { country: 'LT', id: 'asmens', names: /asmens/ },
  { country: 'LV', id: 'pvn', names: /personas kods/ },
  { country: 'NO', id: 'fodselsnummer', names: /fodselsn|\bfnr\b|personnummer/ },
  { country: 'RO', id: 'cnp', names: /\bcnp\b/ },
  { country: 'SI', id: 'emso', names: /emso/ },
  { country: 'PT', id: 'nif', names: /\bnif\b|contribuinte/ },
  { country: 'AT', id: 'vnr', names: /sozialversicherung|\bsv[ -]?nr|\bvnr\b|versicherungsnummer/ },
  { country: 'AT', id: 'tin', names: /steuernummer|abgabenkonto/ },
  { country: 'FR', id: 'nif', names: /numero fiscal|\bspi\b|\bnif\b/ },
  { country: 'IE', id: 'pps', names: /\bpps/ },
  { country: 'BE', id: 'nn', names: /rijksregister|registre national|\binsz|\bniss/ },
  { country: 'DK', id: 'cpr', names: /\bcpr|personnummer/ },
  { country: 'SE', id: 'personnummer', names: /personnummer/ },
  { country: 'CZ', id: 'rc', names: /rodne/ },
  { country: 'SK', id: 'rc', names: /rodne/ },
];

/** Words that name a national id of some country. */
const namedSomehow =
  /national[ _-]?(?:id\b|identi|insurance|number|no\b)|identity[ _-]?(?:number|no\b|code)|\btax[ _-]?(?:id\b|number|payer|identi)|\btin\b|personal[ _-]?(?:id\b|code|number|identi)|\bid[ _-]?number/;

const someDigits = /\d(?:[A-Z ./+-]?\d){5}/i;
const digitGroups = /(?<![\w.,])\d(?:[ ./-]?\d){6,13}[A-Z]{0,2}(?!\w)/g;
const digitRun = /(?<![\w.,])\d{7,13}[A-Z]{0,2}(?!\w)/g;

const CONTEXT_BEFORE_CHARACTERS = 60;
const CONTEXT_AFTER_CHARACTERS = 24;

/**
 * National, tax and social insurance numbers of persons.
 *
 * @param context what names the text from outside, such as its key in a JSON object
 */
export function findNationalIds(text: string, context: string): Candidate[] {
  if (!someDigits.test(text)) return [];
  return [...findDistinctive(text), ...findNamed(text, context)];
}

function findDistinctive(text: string): Candidate[] {
  return distinctive.flatMap(({ form, ...kind }) =>
    [...text.matchAll(form)]
      .filter(({ 0: match }) => isValid(kind, match))
      .map(({ 0: match, index }) => candidate(kind, index, match.length)),
  );
}

function findNamed(text: string, context: string): Candidate[] {
  const outer = separated(context);
  const matches = [...text.matchAll(digitGroups), ...text.matchAll(digitRun)];
  return matches.flatMap(({ 0: match, index }) => {
    const before = text.slice(Math.max(0, index - CONTEXT_BEFORE_CHARACTERS), index);
    const after = text.slice(index + match.length, index + match.length + CONTEXT_AFTER_CHARACTERS);
    const around = `${outer} ${separated(before)} ${separated(after)}`;
    const kinds = namedSomehow.test(around) ? named : named.filter(({ names }) => names.test(around));
    const kind = kinds.find((one) => isValid(one, match));
    return kind ? [candidate(kind, index, match.length)] : [];
  });
}

/** `nationalId` and `national_id` read as two words. */
function separated(text: string): string {
  return folded(text.replace(/([a-z])([A-Z])/g, '$1 $2').replaceAll('_', ' '));
}

function isValid({ country, id }: Kind, value: string): boolean {
  return stdnum[country]?.[id]?.validate(value.toUpperCase()).isValid === true;
}

function candidate({ country, id }: Kind, start: number, length: number): Candidate {
  return {
    class: 'national-id',
    rule: `national-id-${country.toLowerCase()}-${id}`,
    start,
    end: start + length,
  };
}
