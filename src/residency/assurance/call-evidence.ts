import type { CallEvidence, EvidenceCheck } from '../../decision/entry.ts';
import type { EgressResult } from '../exchange.ts';
import type { Endpoint } from '../policy.ts';
import { checkAssertion, vendorWord } from './assertion.ts';

interface Answer {
  readonly httpStatus: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Faults of the socket's checks; nothing has left then. */
const socketFaults: ReadonlyMap<string, 'spki' | 'address'> = new Map([
  ['PIN_MISMATCH', 'spki'],
  ['ADDRESS_OUTSIDE', 'address'],
]);

/**
 * Weighs one call. Each grade presupposes the one below: a word of the vendor's is worth nothing on a channel
 * whose other end was not authenticated. `vendor-logged` is never earned here; it comes from the vendor's own log.
 */
export function weighCall(endpoint: Pick<Endpoint, 'url' | 'assurance'>, result: EgressResult): CallEvidence {
  return weigh(endpoint, networkChecks(endpoint, result), result.kind === 'answer' ? result : null);
}

function weigh(
  { assurance }: Pick<Endpoint, 'assurance'>,
  network: readonly EvidenceCheck[],
  answer: Answer | null,
): CallEvidence {
  const assertion = assurance?.assertion;
  const said = assertion && answer ? vendorWord(assertion, answer) : null;
  const isSuccess = answer !== null && answer.httpStatus >= 200 && answer.httpStatus < 300;
  // An error need not say where it was made; one that does is held to it.
  const checked =
    assertion && said && (isSuccess || said.found !== undefined) ? [checkAssertion(assertion, said)] : [];
  const checks = [...network, ...checked];
  return { checks, grade: gradeOf(network, checked) };
}

function networkChecks(
  { url, assurance }: Pick<Endpoint, 'url' | 'assurance'>,
  result: EgressResult,
): EvidenceCheck[] {
  const differing = result.kind === 'fault' ? socketFaults.get(result.fault) : undefined;
  if (differing !== undefined) return [{ check: differing, result: 'differs' }];
  // What was sent went through a socket that had passed every check; nothing is known of one that was not used.
  if (result.kind === 'fault' && !result.sent) return [];
  const checks: EvidenceCheck[] = [];
  if (url.startsWith('https:')) checks.push({ check: 'tls-name', result: 'agrees' });
  if (assurance?.spkiSha256) checks.push({ check: 'spki', result: 'agrees' });
  if (assurance?.addressRanges) checks.push({ check: 'address', result: 'agrees' });
  return checks;
}

function gradeOf(network: readonly EvidenceCheck[], said: readonly EvidenceCheck[]): CallEvidence['grade'] {
  if (!network.some(({ check }) => check === 'tls-name')) return 'contract';
  const [only] = said;
  return only?.result === 'agrees' ? 'vendor-asserted' : 'network';
}

/** The checks whose results contradict what was declared. */
export function mismatchesOf({ checks }: CallEvidence): readonly EvidenceCheck[] {
  return checks.filter(({ result }) => result !== 'agrees' && result !== 'absent');
}

/**
 * The same from a record (I7): what was seen at the socket and in a header is taken from it, what the body says is
 * read again, and everything is weighed again by the policy of that day.
 */
export function weighAgain(
  endpoint: Pick<Endpoint, 'url' | 'assurance'>,
  recorded: CallEvidence,
  answer: { readonly httpStatus: number; readonly body: Buffer },
): CallEvidence {
  const region = recorded.checks.find(({ check }) => check === 'x-ms-region');
  // What was no name was not kept; an empty text is none either.
  const header = region?.found ?? (region?.result === 'unreadable' ? '' : undefined);
  const network = recorded.checks.filter((check) => !('found' in check));
  return weigh(endpoint, network, {
    ...answer,
    headers: header === undefined ? {} : { 'x-ms-region': header },
  });
}
