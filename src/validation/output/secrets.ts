import type { Candidate } from './candidate.ts';
import { namesAnother, separated } from './context.ts';

/** Secrets that say themselves what they are: what they are called, what they cannot do without, their form. */
const kinds: readonly (readonly [rule: string, sign: string, pattern: RegExp])[] = [
  [
    'secret-private-key',
    'PRIVATE KEY',
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[^-]{0,20000}-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?/g,
  ],
  ['secret-jwt', 'eyJ', /(?<![\w-])eyJ[\w-]{8,4000}\.eyJ[\w-]{4,8000}\.[\w-]{16,2000}/g],
  ['secret-provider-key', 'sk-', /(?<![\w-])sk-[\w-]{20,400}/g],
  ['secret-provider-key', 'hf_', /(?<![\w-])hf_[A-Za-z0-9]{30,60}/g],
  ['secret-cloud-key', 'A', /(?<![A-Z0-9])(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}(?![A-Z0-9])/g],
  ['secret-cloud-key', 'AIza', /(?<![\w-])AIza[\w-]{35}(?![\w-])/g],
  ['secret-cloud-key', 'ya29.', /(?<![\w-])ya29\.[\w-]{20,400}/g],
  ['secret-cloud-key', 'GOCSPX-', /(?<![\w-])GOCSPX-[\w-]{20,60}/g],
  ['secret-cloud-key', 'AccountKey=', /AccountKey=[A-Za-z0-9+/]{80,100}={0,2}/g],
  ['secret-payment-key', '_', /(?<![A-Za-z0-9])(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,250}/g],
  ['secret-payment-key', 'whsec_', /(?<![A-Za-z0-9])whsec_[A-Za-z0-9+/=]{24,120}/g],
  ['secret-payment-key', 'sq0', /(?<![\w-])sq0(?:atp|csp)-[\w-]{22,60}/g],
  ['secret-token', 'gh', /(?<![\w-])gh[pousr]_[A-Za-z0-9]{36,255}/g],
  ['secret-token', 'github_pat_', /(?<![\w-])github_pat_[A-Za-z0-9_]{40,255}/g],
  ['secret-token', 'glpat-', /(?<![\w-])glpat-[\w-]{20,60}/g],
  ['secret-token', 'xox', /(?<![\w-])xox[abeprs]-[\w-]{10,250}/g],
  ['secret-token', 'xapp-', /(?<![\w-])xapp-[\w-]{20,250}/g],
  ['secret-token', 'hooks.slack.com', /hooks\.slack\.com\/services\/[A-Z0-9/]{16,60}[A-Za-z0-9]{12,60}/g],
  ['secret-token', 'npm_', /(?<![\w-])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/g],
  ['secret-token', 'pypi-', /(?<![\w-])pypi-[\w-]{40,400}/g],
  ['secret-token', 'SG.', /(?<![\w-])SG\.[\w-]{16,32}\.[\w-]{32,64}/g],
  ['secret-token', 'dop_v1_', /(?<![\w-])dop_v1_[a-f0-9]{64}/g],
  ['secret-token', 'shp', /(?<![\w-])shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}/g],
  ['secret-token', 'hvs.', /(?<![\w-])hvs\.[\w-]{24,200}/g],
  // The gateway's own API keys.
  ['secret-gateway-key', 'cs_', /(?<![A-Za-z0-9])cs_[\w-]{20,200}/g],
  [
    'secret-url-password',
    '://',
    /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/]{1,80}:[^\s:@/]{3,200}@[\w.-]{3,200}/gi,
  ],
];

export function findSecrets(text: string, key: string): Candidate[] {
  const telling = kinds.flatMap(([rule, sign, pattern]) =>
    text.includes(sign)
      ? [...text.matchAll(pattern)].map(({ 0: match, index: start }) => ({
          class: 'secret' as const,
          rule,
          start,
          end: start + match.length,
        }))
      : [],
  );
  return [...telling, ...findNamedSecrets(text, key)];
}

const secretName =
  /(?:passwor[dt]|passwd|\bpwd|passphrase|secret(?: access)?(?: key)?|api[ _-]?key|access[ _-]?key|private[ _-]?key|account[ _-]?key|auth[ _-]?token|access[ _-]?token|refresh[ _-]?token|bearer|credentials?|client[ _-]?secret|kennwort|passwort|mot de passe|contrasena|wachtwoord)["'’]?\s*(?:[:=]|\bis\b|\bist\b|->|=>)?\s*["'`‘“]?$/;
const keyName =
  /passwor[dt]|passwd|\bpwd\b|passphrase|secret|api ?-?key|access ?-?key|private ?-?key|auth ?-?token|access ?-?token|refresh ?-?token|credential/;
const someName =
  /passw|\bpwd\b|passphrase|secret|key|token|bearer|credential|kennwort|mot de passe|contrase|wachtwoord/i;
const value = /(?<![\w/+.-])[A-Za-z0-9_\-+/.~!@#$%^&*]{8,200}={0,2}/g;
const NAME_BEFORE_CHARACTERS = 40;
const PASSWORD_BITS_MIN = 2.5;
const NAMELESS = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

/** What a word calls a secret, and looks made by a machine or a password rule rather than written. */
function findNamedSecrets(text: string, key: string): Candidate[] {
  const isKey = keyName.test(separated(key));
  if (!isKey && !someName.test(text)) return [];
  return [...text.matchAll(value)].flatMap(({ 0: match, index: start }) => {
    const characters = match.replace(/[.,!]+$/, '');
    if (!isRandom(characters) || NAMELESS.test(characters)) return [];
    const before = separated(text.slice(Math.max(0, start - NAME_BEFORE_CHARACTERS), start));
    const isNamed = secretName.test(before) || (isKey && before === '');
    if (!isNamed || namesAnother(text, start)) return [];
    return [{ class: 'secret', rule: 'secret-named', start, end: start + characters.length }];
  });
}

/** Letters and digits or signs in one, with hardly a character twice. */
function isRandom(characters: string): boolean {
  if (characters.length < 8 || !/[A-Za-z]/.test(characters) || !/[\d!@#$%^&*+/=]/.test(characters))
    return false;
  const counts = new Map<string, number>();
  for (const character of characters) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) {
    const share = count / characters.length;
    bits -= share * Math.log2(share);
  }
  return bits >= PASSWORD_BITS_MIN;
}

/** Shorter markers would turn up by chance. */
const CANARY_CHARACTERS_MIN = 8;

/** Canaries in any case: a model that is asked to disguise them may change it. */
export function findCanaries(text: string, canaries: readonly string[]): Candidate[] {
  if (canaries.length === 0) return [];
  // Unit for unit, so that offsets hold.
  const lower = text.replaceAll('İ', 'I').toLowerCase();
  const found: Candidate[] = [];
  for (const canary of canaries) {
    if (canary.length < CANARY_CHARACTERS_MIN) continue;
    for (let start = lower.indexOf(canary.toLowerCase()); start !== -1; ) {
      const end = start + canary.length;
      found.push({ class: 'canary', rule: 'canary', start, end });
      start = lower.indexOf(canary.toLowerCase(), end);
    }
  }
  return found;
}
