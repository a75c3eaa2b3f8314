import type { Candidate } from './candidate.ts';

const kinds: readonly (readonly [rule: string, sign: string, pattern: RegExp])[] = [
  [
    'secret-private-key',
    'PRIVATE KEY',
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[^-]{0,20000}-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?/g,
  ],
  ['secret-jwt', 'eyJ', /(?<![\w-])eyJ[\w-]{8,4000}\.eyJ[\w-]{4,8000}\.[\w-]{16,2000}/g],
  ['secret-provider-key', 'sk-', /(?<![\w-])sk-[\w-]{20,400}/g],
  ['secret-cloud-key', 'A', /(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])/g],
  ['secret-cloud-key', 'AIza', /(?<![\w-])AIza[\w-]{35}(?![\w-])/g],
  ['secret-token', 'gh', /(?<![\w-])gh[pousr]_[A-Za-z0-9]{36,255}/g],
  ['secret-token', 'xox', /(?<![\w-])xox[abeprs]-[\w-]{10,250}/g],
  // The gateway's own API keys.
  ['secret-gateway-key', 'cs_', /(?<![A-Za-z0-9])cs_[\w-]{20,200}/g],
];

export function findSecrets(text: string): Candidate[] {
  return kinds.flatMap(([rule, sign, pattern]) =>
    text.includes(sign)
      ? [...text.matchAll(pattern)].map(({ 0: match, index: start }) => ({
          class: 'secret' as const,
          rule,
          start,
          end: start + match.length,
        }))
      : [],
  );
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
