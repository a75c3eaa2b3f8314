import { InvariantError } from '../../decision/errors.ts';
import type { Finding } from '../../decision/finding.ts';
import { type CanonicalLimits, canonicalise } from '../canonicaliser.ts';
import type { View } from '../canonical/view.ts';
import { findCards, findEmails, findIbans } from './accounts.ts';
import { type Candidate, type OutputClass, OWN_SUFFIX } from './candidate.ts';
import { findCryptoAddresses } from './crypto-addresses.ts';
import { findIpAddresses } from './ip-addresses.ts';
import { findNamedDocuments } from './named-documents.ts';
import { findNationalIds } from './national-ids.ts';
import { occursIn } from './own-data.ts';
import { findPhones } from './phones.ts';
import { findCanaries, findSecrets } from './secrets.ts';

export const FILTER_VERSION = '2';

/** What stands in the place of what was found, by its class; a filter looks for the classes it has a word for. */
export type Masks = Readonly<Partial<Record<OutputClass, string>>>;

export const masks: Required<Masks> = {
  iban: '[IBAN]',
  card: '[CARD]',
  'bank-account': '[BANK-ACCOUNT]',
  'national-id': '[NATIONAL-ID]',
  passport: '[PASSPORT]',
  'driving-licence': '[DRIVING-LICENCE]',
  email: '[EMAIL]',
  phone: '[PHONE]',
  'ip-address': '[IP-ADDRESS]',
  'crypto-address': '[CRYPTO-ADDRESS]',
  secret: '[SECRET]',
  canary: '[CANARY]',
};

const CERTAIN_SCORE = 1000;
const DEPTH_MAX = 200;
/** The least number with as many digits as the shortest number that is looked for. */
const NUMBER_MIN = 100_000;
/** Names that may stand in a pointer; a key that is a sentence is content (I8). */
const name = /^[A-Za-z_][A-Za-z0-9_-]{0,39}$/;

export interface Masking {
  readonly ownTexts: readonly string[];
  readonly canaries: readonly string[];
  readonly limits: CanonicalLimits;
  readonly masks: Masks;
  /** Of the filter, for its findings. */
  readonly version: string;
  /** Filled as the answer is walked through, in its order. */
  readonly findings: Finding[];
}

export interface Place {
  /** JSON pointer into the answer (RFC 6901). */
  readonly pointer: string;
  /** The key under which the text stands, which may name what it is. */
  readonly key: string;
}

/** A JSON value with every string, number and key masked. */
export function maskValue(value: unknown, place: Place, masking: Masking, depth = 0): unknown {
  if (depth > DEPTH_MAX) throw new InvariantError('an answer is nested too deeply to be filtered');
  if (typeof value === 'string') return maskText(value, place, masking);
  if (typeof value === 'number') return maskNumber(value, place, masking);
  if (Array.isArray(value)) {
    return value.map((item, i) =>
      maskValue(item, { ...place, pointer: `${place.pointer}/${i}` }, masking, depth + 1),
    );
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item], i) => {
      const step = name.test(key) ? key : `~key${i}`;
      const pointer = `${place.pointer}/${step}`;
      const masked = maskText(key, { pointer: `${place.pointer}/~key${i}`, key: '' }, masking);
      // Two masked keys stay two.
      const newKey = masked === key ? key : `${masked} ${i}`;
      return [newKey, maskValue(item, { pointer, key }, masking, depth + 1)];
    }),
  );
}

function maskNumber(value: number, place: Place, masking: Masking): number | string {
  if (!Number.isSafeInteger(value) || value < NUMBER_MIN) return value;
  const text = String(value);
  const masked = maskText(text, place, masking);
  return masked === text ? value : masked;
}

interface Hit extends Candidate {
  readonly isOwn: boolean;
  readonly via: readonly string[];
}

/** A text with everything that is somebody else's, or secret, replaced by the name of its class. */
export function maskText(text: string, place: Place, masking: Masking): string {
  if (text === '') return text;
  const { views, complete } = canonicalise(text, masking.limits);
  if (!complete) throw new InvariantError('an answer is encoded too deeply to be filtered');
  const hits = views.flatMap((view) => hitsIn(view, place.key, masking));
  if (hits.length === 0) return text;
  const apart = withoutOverlaps(hits);
  for (const hit of apart) masking.findings.push(findingOf(hit, place.pointer, masking.version));
  return withMasks(text, apart, masking.masks);
}

function hitsIn(view: View, key: string, { ownTexts, canaries, masks: words }: Masking): Hit[] {
  const { text, via } = view;
  const candidates = candidatesIn(text, key, canaries);
  return candidates.flatMap((candidate) => {
    if (words[candidate.class] === undefined) return [];
    const isSecret = candidate.class === 'secret' || candidate.class === 'canary';
    const found = text.slice(candidate.start, candidate.end);
    const isOwn = !isSecret && occursIn(found, candidate.class, ownTexts);
    const { start, end } = view.toSource(candidate.start, candidate.end);
    return [{ class: candidate.class, rule: candidate.rule, start, end, isOwn, via }];
  });
}

/** What proves itself by form or check digits comes first; what only looks like something takes what is left. */
function candidatesIn(text: string, key: string, canaries: readonly string[]): Candidate[] {
  const proven = [
    ...findCanaries(text, canaries),
    ...findSecrets(text, key),
    ...findIbans(text),
    ...findCards(text, key),
    ...findNationalIds(text, key),
    ...findEmails(text),
    ...findCryptoAddresses(text),
    ...findIpAddresses(text),
  ];
  const named = without(findNamedDocuments(text, key), proven);
  const taken = [...proven, ...named];
  return [...taken, ...without(findPhones(text, key), taken)];
}

function without(candidates: readonly Candidate[], taken: readonly Candidate[]): Candidate[] {
  return candidates.filter(({ start, end }) => !taken.some((one) => one.start < end && one.end > start));
}

/** The strictest and longest of what overlaps: another's data first, then by place. */
function withoutOverlaps(hits: readonly Hit[]): Hit[] {
  const ranked = hits.toSorted(
    (one, other) =>
      Number(one.isOwn) - Number(other.isOwn) ||
      one.start - other.start ||
      other.end - one.end ||
      one.via.length - other.via.length,
  );
  const kept: Hit[] = [];
  for (const hit of ranked) {
    const last = kept.findIndex((other) => hit.start < other.end && hit.end > other.start);
    const overlapped = kept[last];
    if (overlapped === undefined) kept.push(hit);
    else if (!hit.isOwn && hit.end > overlapped.end) kept[last] = { ...overlapped, end: hit.end };
  }
  return kept.toSorted((one, other) => one.start - other.start);
}

function withMasks(text: string, hits: readonly Hit[], words: Masks): string {
  let result = '';
  let done = 0;
  for (const hit of hits) {
    if (hit.isOwn) continue;
    result += `${text.slice(done, hit.start)}${words[hit.class]}`;
    done = hit.end;
  }
  return result + text.slice(done);
}

function findingOf({ rule, isOwn, start, end, via }: Hit, pointer: string, version: string): Finding {
  return {
    surface: 'output',
    origin: `/output${pointer}`,
    detector: 'output-filter',
    detectorVersion: version,
    rule: isOwn ? `${rule}${OWN_SUFFIX}` : rule,
    score: isOwn ? 0 : CERTAIN_SCORE,
    span: { start, end },
    via,
  };
}
