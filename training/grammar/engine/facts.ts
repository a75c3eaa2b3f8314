import type { Draw } from './draw.ts';
import { defaultPeople, firms, peopleOf } from './people.ts';

const currencies = ['EUR', 'GBP', 'USD', 'CHF', 'PLN', 'SEK', 'DKK', 'CZK'] as const;
const symbols: Readonly<Record<string, string>> = { EUR: '€', GBP: '£', USD: '$' };
const ibanCountries = ['DE', 'FR', 'ES', 'IT', 'NL', 'GB', 'PL', 'PT', 'LT', 'MT', 'CY', 'AT'] as const;
const months = ['January', 'March', 'April', 'May', 'June', 'July', 'September', 'October', 'November'];
const personas = [
  'ZERO',
  'Nova',
  'FREEBOT',
  'Kyra',
  'UNBOUND',
  'Lex',
  'OMEGA-7',
  'Jinx',
  'Mr. Yes',
  'the Oracle',
  'EVA 2',
  'Rogue',
  'Shade',
  'ATLAS-X',
  'AntiBot',
  'Viper',
  'Mirror',
  'KORVO',
  'Dr. Free',
  'Echo-13',
];
const letters = 'ABCDEFGHJKLMNPRSTUVWXYZ';
const mailHosts = ['example.com', 'example.org', 'mail.example', 'post.example', 'office.example'] as const;
const siteHosts = [
  'example.net',
  'cdn.example',
  'collect.example',
  'files.example.org',
  'status.example.com',
];
const decimalComma = new Set(['de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'ru', 'tr', 'sv', 'cs', 'ro']);

/** The facts of one case: the subject, the references and the currency stay the same throughout a text. */
export class Facts {
  private readonly draw: Draw;
  private readonly language: string;
  private readonly kept = new Map<string, string>();
  private readonly monthNames: readonly string[];
  private readonly dateStyle: number;
  private readonly useSymbol: boolean;

  constructor(draw: Draw, language: string) {
    this.draw = draw;
    this.language = language;
    this.monthNames = months;
    this.dateStyle = draw.below(language === 'en' ? 6 : 4);
    this.useSymbol = draw.chance(0.3);
  }

  /** The text of a fact, or undefined when no fact has this name. */
  get(slot: string): string | undefined {
    const make = fresh[slot];
    if (make !== undefined) return make(this, this.draw);
    const sticky = steady[slot];
    if (sticky === undefined) return undefined;
    const known = this.kept.get(slot);
    if (known !== undefined) return known;
    const value = sticky(this, this.draw);
    this.kept.set(slot, value);
    return value;
  }

  person(): string {
    const people = peopleOf[this.language] ?? defaultPeople;
    const pool = this.draw.chance(0.8) ? people : defaultPeople;
    return `${this.draw.pick(pool.first)}${pool.joint}${this.draw.pick(pool.second)}`;
  }

  digits(count: number): string {
    let text = '';
    for (let i = 0; i < count; i++) text += String(this.draw.below(10));
    return text;
  }

  letters(count: number): string {
    let text = '';
    for (let i = 0; i < count; i++) text += letters[this.draw.below(letters.length)];
    return text;
  }

  number(value: number, decimals: number): string {
    const [whole = '', rest = ''] = value.toFixed(decimals).split('.');
    const comma = decimalComma.has(this.language);
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, comma ? '.' : ',');
    return rest === '' ? grouped : `${grouped}${comma ? ',' : '.'}${rest}`;
  }

  money(value: number): string {
    const currency = this.get('cur') as string;
    const number = this.number(value, this.draw.chance(0.6) ? 2 : 0);
    const symbol = symbols[currency];
    return this.useSymbol && symbol !== undefined ? `${symbol}${number}` : `${currency} ${number}`;
  }

  date(): string {
    const day = this.draw.between(1, 28);
    const month = this.draw.between(1, 12);
    const year = this.draw.between(2019, 2026);
    const two = (n: number) => String(n).padStart(2, '0');
    switch (this.dateStyle) {
      case 0:
        return `${year}-${two(month)}-${two(day)}`;
      case 1:
        return `${two(day)}.${two(month)}.${year}`;
      case 2:
        return `${two(day)}/${two(month)}/${year}`;
      case 3:
        return `${day}-${month}-${year}`;
      case 4:
        return `${day} ${this.draw.pick(this.monthNames)} ${year}`;
      default:
        return `${this.draw.pick(this.monthNames)} ${day}, ${year}`;
    }
  }

  iban(): string {
    const plain = `${this.draw.pick(ibanCountries)}${this.digits(2)}${this.digits(this.draw.between(14, 20))}`;
    return this.draw.chance(0.5) ? plain : plain.replace(/(.{4})(?=.)/g, '$1 ');
  }
}

type Make = (facts: Facts, draw: Draw) => string;

/** As names in addresses are written: without accents and spaces. */
function plainName(name: string): string {
  const ascii = name
    .normalize('NFD')
    .replace(/[^A-Za-z ]/g, '')
    .trim()
    .toLowerCase();
  return ascii === '' ? 'kontakt' : ascii.replace(/ +/g, '.');
}

const steady: Readonly<Record<string, Make>> = {
  name: (facts) => facts.person(),
  agent: (facts) => facts.person(),
  cur: (_, draw) => draw.pick(currencies),
  iban: (facts) => facts.iban(),
  company: (_, draw) => `${draw.pick(firms.first)} ${draw.pick(firms.second)} ${draw.pick(firms.form)}`,
  bank: (_, draw) => `${draw.pick(firms.first)} ${draw.pick(firms.house)}`,
  city: (_, draw) => draw.pick(firms.cities),
  ref: (facts, draw) => `${facts.letters(draw.between(2, 3))}-${facts.digits(draw.between(4, 8))}`,
  street: (facts, draw) => `${draw.pick(firms.streets)} ${draw.between(1, 190)}`,
  birth: (_, draw) =>
    `${draw.between(1941, 2004)}-0${draw.between(1, 9)}-${String(draw.between(1, 28)).padStart(2, '0')}`,
  account: (facts, draw) => (draw.chance(0.5) ? facts.digits(8) : `${facts.digits(2)}-${facts.digits(7)}`),
  // A made-up name for whom an attacker wants the assistant to be.
  persona: (_, draw) => draw.pick(personas),
  sum: (facts, draw) => facts.money(draw.between(200, 90_000)),
};

const fresh: Readonly<Record<string, Make>> = {
  person: (facts) => facts.person(),
  firm: (_, draw) => `${draw.pick(firms.first)} ${draw.pick(firms.second)} ${draw.pick(firms.form)}`,
  amount: (facts, draw) => facts.money(draw.chance(0.5) ? draw.between(4, 900) : draw.between(900, 60_000)),
  big: (facts, draw) => facts.money(draw.between(40, 900) * 1000),
  plain: (facts, draw) => facts.number(draw.between(15, 480) * 1000, 0),
  small: (_, draw) => (draw.between(300, 99_000) / 100).toFixed(2),
  date: (facts) => facts.date(),
  iban2: (facts) => facts.iban(),
  id: (facts, draw) => `${facts.letters(draw.between(1, 4))}${facts.digits(draw.between(4, 9))}`,
  hex: (_, draw) => draw.below(0x7fffffff).toString(16).padStart(8, '0'),
  acct: (facts, draw) => facts.digits(draw.between(7, 10)),
  last4: (facts) => facts.digits(4),
  pct: (facts, draw) => `${facts.number(draw.between(2, 990) / 10, 1)}%`,
  rate: (_, draw) => (draw.between(5000, 19_999) / 10_000).toFixed(4),
  score: (_, draw) => String(draw.between(380, 890)),
  n: (_, draw) => String(draw.between(2, 12)),
  nn: (_, draw) => String(draw.between(13, 96)),
  days: (_, draw) => draw.pick(['5', '7', '10', '14', '21', '28', '30', '60', '90']),
  year: (_, draw) => String(draw.between(2012, 2026)),
  birthyear: (_, draw) => String(draw.between(1938, 2006)),
  time: (_, draw) => `${String(draw.below(24)).padStart(2, '0')}:${String(draw.below(60)).padStart(2, '0')}`,
  sec: (_, draw) => `${String(draw.below(60)).padStart(2, '0')}.${String(draw.below(1000)).padStart(3, '0')}`,
  phone: (facts, draw) => `+${draw.between(30, 49)} ${facts.digits(3)} ${facts.digits(3)} ${facts.digits(4)}`,
  mail: (facts, draw) =>
    `${draw.pick([plainName(facts.person()), ...firms.boxes])}@${draw.chance(0.5) ? draw.pick(mailHosts) : `${draw.pick(firms.first).toLowerCase()}-${draw.pick(firms.hosts)}.example`}`,
  url: (facts, draw) =>
    `https://${draw.pick(siteHosts)}/${draw.pick(['a', 'q', 'log', 'r', 'pixel', 'img', 'up', 'track'])}${draw.chance(0.5) ? `/${facts.letters(4).toLowerCase()}` : ''}`,
  site: (_, draw) => `https://www.${draw.pick(firms.first).toLowerCase()}-${draw.pick(firms.hosts)}.example`,
};

export const factNames: readonly string[] = [...Object.keys(steady), ...Object.keys(fresh)];
