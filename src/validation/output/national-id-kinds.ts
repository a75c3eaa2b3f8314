import { stdnum } from 'stdnum';
import {
  isCypriotTaxId,
  isGreekTaxId,
  isHungarianPersonalId,
  isHungarianTaj,
  isHungarianTaxId,
  isItin,
  isLuxembourgId,
  isMalteseId,
  isNhsNumber,
  isSingaporeId,
} from './check-digits.ts';

/** A number that a state gives a person. */
export interface Kind {
  readonly country: string;
  readonly id: string;
}

/** Those that stdnum does not know; each cites its source in check-digits.ts. */
const own: Readonly<Record<string, (value: string) => boolean>> = {
  'CY tic': isCypriotTaxId,
  'GB nhs': isNhsNumber,
  'GR afm': isGreekTaxId,
  'HU adoazonosito': isHungarianTaxId,
  'HU szemelyi': isHungarianPersonalId,
  'HU taj': isHungarianTaj,
  'LU matricule': isLuxembourgId,
  'MT id': isMalteseId,
  'SG nric': isSingaporeId,
  'US itin': isItin,
};

/** Whether the form and the check digits of a number are right. */
export function isValidId({ country, id }: Kind, value: string): boolean {
  const upper = value.toUpperCase();
  const check = own[`${country} ${id}`];
  if (check !== undefined) return check(upper.replace(/[^A-Z0-9]/g, ''));
  return stdnum[country]?.[id]?.validate(upper).isValid === true;
}

/**
 * Numbers whose own form, with its check digits, is hardly met by chance. `everyday` marks forms that other numbers
 * have, too: one of them in ten or twenty passes the check, so a word that names something else takes it out.
 */
export const distinctiveKinds: readonly (Kind & { readonly form: RegExp; readonly everyday?: true })[] = [
  {
    country: 'IT',
    id: 'codicefiscale',
    form: /(?<!\w)[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z](?!\w)/gi,
  },
  { country: 'FI', id: 'hetu', form: /(?<!\w)\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y](?!\w)/gi },
  {
    country: 'GB',
    id: 'nino',
    form: /(?<!\w)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)/g,
  },
  { country: 'GB', id: 'nino', form: /(?<!\w)[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z]\d{6}[a-d](?!\w)/g },
  { country: 'CH', id: 'ssn', form: /(?<![\w.])756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}(?!\w)/g },
  { country: 'US', id: 'ssn', everyday: true, form: /(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])/g },
  { country: 'US', id: 'itin', everyday: true, form: /(?<![\w-])9\d{2}-\d{2}-\d{4}(?![\w-])/g },
  { country: 'ES', id: 'dni', everyday: true, form: /(?<!\w)\d{8}-?[A-HJ-NP-TV-Z](?!\w)/gi },
  { country: 'ES', id: 'nie', form: /(?<!\w)[XYZ]-?\d{7}-?[A-HJ-NP-TV-Z](?!\w)/gi },
  {
    country: 'FR',
    id: 'nir',
    form: /(?<![\w.,])[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?!\w)/gi,
  },
  { country: 'DE', id: 'svnr', form: /(?<!\w)\d{2} ?\d{6} ?[A-Z] ?\d{3}(?!\w)/g },
  { country: 'PT', id: 'cc', form: /(?<!\w)\d{8} ?\d ?[A-Z][A-Z0-9]\d(?!\w)/gi },
  { country: 'BE', id: 'nn', form: /(?<![\w.])\d{2}\.\d{2}\.\d{2}-\d{3}[. ]\d{2}(?!\w)/g },
  { country: 'SE', id: 'personnummer', everyday: true, form: /(?<![\w-])(?:\d{2})?\d{6}[-+]\d{4}(?![\w-])/g },
  { country: 'LV', id: 'pvn', everyday: true, form: /(?<![\w-])\d{6}-\d{5}(?![\w-])/g },
  { country: 'CZ', id: 'rc', everyday: true, form: /(?<!\w)\d{6}\/\d{4}(?!\w)/g },
  { country: 'SK', id: 'rc', everyday: true, form: /(?<!\w)\d{6}\/\d{4}(?!\w)/g },
  { country: 'SG', id: 'nric', everyday: true, form: /(?<!\w)[STFGM]\d{7}[A-Z](?!\w)/gi },
  { country: 'HK', id: 'hkid', form: /(?<!\w)[A-Z]{1,2}\d{6}\([0-9A]\)(?!\w)/gi },
  { country: 'BR', id: 'cpf', form: /(?<![\w.])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\w-])/g },
];

/** Plain digits, of which one in ten or so has right check digits by chance: a word must name them. */
export const namedKinds: readonly (Kind & { readonly names: RegExp })[] = [
  { country: 'US', id: 'ssn', names: /\bssn|social[ _-]?sec|taxpayer/ },
  { country: 'US', id: 'itin', names: /\bitin\b|individual taxpayer/ },
  { country: 'US', id: 'ein', names: /\bein\b|employer id/ },
  { country: 'GB', id: 'utr', names: /\butr\b|unique tax/ },
  { country: 'GB', id: 'nhs', names: /\bnhs\b/ },
  { country: 'PL', id: 'pesel', names: /pesel/ },
  { country: 'PL', id: 'nip', names: /\bnip\b/ },
  { country: 'NL', id: 'bsn', names: /\bbsn|burgerservice|sofinummer/ },
  { country: 'DE', id: 'idnr', names: /steuer|idnr|identifikationsnummer/ },
  { country: 'HR', id: 'oib', names: /\boib\b/ },
  { country: 'BG', id: 'egn', names: /\begn\b|егн/ },
  { country: 'BG', id: 'pnf', names: /\bpnf\b|лнч/ },
  { country: 'GR', id: 'amka', names: /amka|αμκα/ },
  { country: 'GR', id: 'afm', names: /\bafm\b|αφμ/ },
  { country: 'EE', id: 'ik', names: /isikukood/ },
  { country: 'LT', id: 'asmens', names: /asmens/ },
  { country: 'LV', id: 'pvn', names: /personas kod/ },
  { country: 'NO', id: 'fodselsnummer', names: /fodselsn|\bfnr\b|personnummer/ },
  { country: 'RO', id: 'cnp', names: /\bcnp\b/ },
  { country: 'SI', id: 'emso', names: /emso/ },
  { country: 'SI', id: 'ddv', names: /davcna/ },
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
  { country: 'ES', id: 'dni', names: /\bdni\b|\bnif\b/ },
  { country: 'HU', id: 'adoazonosito', names: /adoazonosit|adoszam/ },
  { country: 'HU', id: 'szemelyi', names: /szemelyi/ },
  { country: 'HU', id: 'taj', names: /\btaj\b/ },
  { country: 'LU', id: 'matricule', names: /matricule|sozialversicherung|\bcns\b/ },
  { country: 'MT', id: 'id', names: /identity card|\bid card|karta tal|malt/ },
  { country: 'CY', id: 'tic', names: /\btic\b|φορολογικ|α\.?φ\.?τ|cypr/ },
  { country: 'CH', id: 'ssn', names: /\bahv|\bavs\b|sozialversicherung/ },
  { country: 'SG', id: 'nric', names: /nric|\bfin\b/ },
  { country: 'HK', id: 'hkid', names: /hkid|hong kong id/ },
  { country: 'CA', id: 'sin', names: /\bsin (?:no|number|#)|social insurance|assurance sociale/ },
  { country: 'AU', id: 'tfn', names: /\btfn\b|tax file/ },
  { country: 'BR', id: 'cpf', names: /\bcpf\b/ },
  { country: 'IN', id: 'aadhaar', names: /aadhaar/ },
  { country: 'IS', id: 'kennitala', names: /kennitala/ },
];

/** Words that name a national id of some country. */
export const namedSomehow =
  /national[ _-]?(?:id\b|identi|insurance|number|no\b)|identity[ _-]?(?:number|no\b|code)|\btax[ _-]?(?:id\b|number|payer|identi)|\btin\b|personal[ _-]?(?:id\b|code|number|identi)|\bid[ _-]?number/;
