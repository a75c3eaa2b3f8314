/** How an argument is compared with what trusted sources say. */
export const identifierKinds = ['account', 'email', 'host', 'url', 'phone', 'amount', 'name'] as const;
export type IdentifierKind = (typeof identifierKinds)[number];

/**
 * Whether an argument stands in a trusted text, however either is written: spaces, hyphens, case, full-width
 * letters and invisible characters do not tell two identifiers apart. It is the argument that must be plain,
 * though: a tool gets it as it is, and what merely looks like a known account may be another one to the tool.
 */
export function standsIn(value: string | number, kind: IdentifierKind, trusted: readonly string[]): boolean {
  const text = String(value);
  if (kind === 'amount') return trusted.some((source) => hasAmount(source, value));
  // Letters of other scripts are honest in names only.
  if (kind !== 'name' && !/^[\x20-\x7e]+$/.test(text)) return false;
  const matches = matchers[kind](text.trim());
  return matches !== null && trusted.some((source) => matches(plain(source)));
}

/** Soft hyphen, zero-width and bidi characters, tags; and marks that only choose how a character looks. */
const invisible = /\p{Default_Ignorable_Code_Point}/gu;

function plain(text: string): string {
  return text.normalize('NFKC').replace(invisible, '').toLowerCase();
}

const matchers: Readonly<
  Record<Exclude<IdentifierKind, 'amount'>, (text: string) => ((source: string) => boolean) | null>
> = {
  account: accountMatcher,
  email: emailMatcher,
  host: (text) => linkMatcher(text, 'host'),
  url: (text) => linkMatcher(text, 'url'),
  phone: phoneMatcher,
  name: nameMatcher,
};

/** Between two characters of an account number people write a space, hyphen, dot or slash, and no more. */
const separator = String.raw`[ \u00a0.\-/\u2010-\u2015]?`;

/** Characters joined by possible separators, with nothing of the same kind before or after. */
function accountMatcher(text: string): ((source: string) => boolean) | null {
  const characters = plain(text).replace(/[\s.\-/]/g, '');
  if (!/^[a-z0-9]{4,64}$/.test(characters)) return null;
  const pattern = new RegExp(
    `(?<![\\p{L}\\p{N}])${characters.split('').join(separator)}(?![\\p{L}\\p{N}])`,
    'u',
  );
  return (source) => pattern.test(source);
}

function emailMatcher(text: string): ((source: string) => boolean) | null {
  const address = plain(text);
  if (!/^[a-z0-9._%+'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(address)) return null;
  const pattern = new RegExp(
    `(?<![\\p{L}\\p{N}._%+'-])${escaped(address)}(?![\\p{L}\\p{N}_-]|\\.[\\p{L}\\p{N}])`,
    'u',
  );
  return (source) => pattern.test(source);
}

const links = /(?:https?:\/\/)?(?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]{2,}(?::\d{1,5})?(?:\/[^\s"'<>\\]*)?/gu;

/** Hosts are compared as whatever opens them resolves them, so `https://known.example@other.example` is the other. */
function linkMatcher(text: string, kind: 'host' | 'url'): ((source: string) => boolean) | null {
  const wanted = parseLink(text);
  if (wanted === null || wanted.username !== '' || wanted.password !== '') return null;
  return (source) =>
    [...source.matchAll(links)].some((match) => {
      // What an address of a mailbox names is no place to send a request to.
      if (source[match.index - 1] === '@') return false;
      const known = parseLink(match[0].replace(/[.,;:!?)]+$/, ''));
      if (known === null) return false;
      return kind === 'host'
        ? known.host === wanted.host
        : known.href.toLowerCase() === wanted.href.toLowerCase();
    });
}

function parseLink(text: string): URL | null {
  const url = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  return URL.canParse(url) ? new URL(url) : null;
}

const phones = /(?:\+|00)?\(?\d(?:[ \u00a0.\-/()]{0,2}\d){6,15}/g;

function phoneMatcher(text: string): ((source: string) => boolean) | null {
  const wanted = phoneDigits(text);
  if (wanted === null) return null;
  return (source) =>
    [...source.matchAll(phones)].some((match) => {
      const known = phoneDigits(match[0]);
      return known !== null && isSamePhone(known, wanted);
    });
}

interface Phone {
  readonly digits: string;
  /** With its country code. */
  readonly isWhole: boolean;
}

function phoneDigits(text: string): Phone | null {
  const kept = plain(text)
    .replace(/\(0\)/g, '')
    .replace(/[\s.\-/()]/g, '');
  const match = /^(\+|00)?(\d{7,15})$/.exec(kept);
  if (!match?.[2]) return null;
  return { digits: match[2].replace(/^0+/, ''), isWhole: match[1] !== undefined };
}

/** A national number is the end of an international one; a country code has at most three digits. */
function isSamePhone(one: Phone, other: Phone): boolean {
  if (one.isWhole === other.isWhole) return one.digits === other.digits;
  const [whole, national] = one.isWhole ? [one.digits, other.digits] : [other.digits, one.digits];
  return whole.endsWith(national) && whole.length - national.length <= 3;
}

const numbers = /(?<![\p{L}\p{N}.,])\d[\d.,'\u00a0\u202f ]*/gu;

/** Numbers as they are written in JSON, in English, German, French and Swiss texts. */
function hasAmount(source: string, value: string | number): boolean {
  const wanted =
    typeof value === 'number'
      ? [value]
      : readings(
          plain(value)
            .replace(/[^\d.,' ]/g, '')
            .trim(),
        );
  const [amount] = wanted;
  if (amount === undefined || wanted.length !== 1 || !Number.isFinite(amount)) return false;
  return [...plain(source).matchAll(numbers)].some((match) => readings(match[0]).includes(amount));
}

/** The amounts that a text may mean: `1.234` is one thing in Berlin and another in Dublin. */
function readings(text: string): number[] {
  const trimmed = text.trim().replace(/[.,']+$/, '');
  const found = new Set<number>();
  for (const [thousands, decimal] of [
    [',', '.'],
    ['.', ','],
    ["'", '.'],
    [' ', ','],
    [' ', '.'],
  ] as const) {
    const t = escaped(thousands);
    const d = escaped(decimal);
    const form = new RegExp(`^(?:\\d+|\\d{1,3}(?:${t}\\d{3})+)(?:${d}\\d+)?$`);
    if (form.test(trimmed)) found.add(Number(trimmed.replaceAll(thousands, '').replace(decimal, '.')));
  }
  return [...found];
}

function nameMatcher(text: string): ((source: string) => boolean) | null {
  const words = spaced(plain(text));
  if (!/[\p{L}\p{N}]/u.test(words)) return null;
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${escaped(words)}(?![\\p{L}\\p{N}])`, 'u');
  return (source) => pattern.test(spaced(source));
}

function spaced(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
