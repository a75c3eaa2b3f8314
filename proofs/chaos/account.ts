import { readFileSync } from 'node:fs';
import type { ReceivedRequest } from '../../src/simulator/request-log.ts';
import type { Asked } from './load.ts';
import type { Records } from './records.ts';
import { type Purpose, isLawfulAt } from './world.ts';

/** What one simulator received, by its own log. */
export interface SimulatorAccount {
  readonly name: string;
  readonly received: number;
  /** Requests by jurisdiction of their record. */
  readonly byJurisdiction: Readonly<Record<string, number>>;
  readonly byPurpose: Readonly<Record<string, number>>;
  /** Requests of a label that is not lawful here, by the record or by the mark in their own text: must be 0. */
  readonly unlawful: readonly string[];
  /** Calls and notices that the store knows nothing of: must be 0. */
  readonly withoutRecord: readonly string[];
}

export function accountOf(name: string, logFile: string, records: Records): SimulatorAccount {
  const lines = readFileSync(logFile, 'utf8').split('\n').filter(Boolean);
  const byJurisdiction: Record<string, number> = {};
  const byPurpose: Record<string, number> = {};
  const unlawful: string[] = [];
  const withoutRecord: string[] = [];
  for (const line of lines) {
    const received = JSON.parse(line) as ReceivedRequest;
    const purpose = purposeOf(received);
    const marks = received.marks ?? [];
    const decisionId = received.decisionId ?? decisionIn(marks);
    const record = records.decisions.get(decisionId ?? '');
    const call = records.calls.get(received.callId ?? '');
    byPurpose[purpose] = (byPurpose[purpose] ?? 0) + 1;
    if (!record || (purpose !== 'webhook' && call?.purpose !== purpose)) {
      withoutRecord.push(`${received.route} ${decisionId}`);
      continue;
    }
    byJurisdiction[record.jurisdiction] = (byJurisdiction[record.jurisdiction] ?? 0) + 1;
    const faults = [
      ...(isLawfulAt(name, record, purpose)
        ? []
        : [`recorded as ${record.jurisdiction} ${record.dataClass}`]),
      ...(call === undefined || call.endpoint === name ? [] : [`meant for ${call.endpoint}`]),
      ...markFaults(name, purpose, marks, { jurisdiction: record.jurisdiction, complete: received.complete }),
    ];
    if (faults.length > 0) unlawful.push(`${received.route} ${decisionId}: ${faults.join('; ')}`);
  }
  return { name, received: lines.length, byJurisdiction, byPurpose, unlawful, withoutRecord };
}

function purposeOf({ route }: ReceivedRequest): Purpose {
  if (route === 'POST /v1/embeddings') return 'embedding';
  return route === 'POST /v1/webhook' ? 'webhook' : 'inference';
}

function decisionIn(marks: readonly string[]): string | null {
  return marks.flatMap((mark) => /^"decisionId":"(.+)"$/.exec(mark)?.[1] ?? [])[0] ?? null;
}

/** The text itself says whose it is, whatever became of it on the way. */
function markFaults(
  name: string,
  purpose: Purpose,
  marks: readonly string[],
  recorded: { jurisdiction: string; complete: boolean },
): string[] {
  const subjects = marks.flatMap((mark) => {
    const [, jurisdiction, dataClass] = /^subject-of-(..)-(.+)$/.exec(mark) ?? [];
    return jurisdiction && dataClass ? [{ jurisdiction, dataClass }] : [];
  });
  // A notice says nothing about its subject (I8), so that it may go where the subject's data may not.
  if (purpose === 'webhook') return subjects.length > 0 ? ['a notice with data of its subject'] : [];
  if (subjects.length === 0 && recorded.complete) return ['no mark in the text'];
  return subjects
    .filter(
      (subject) => subject.jurisdiction !== recorded.jurisdiction || !isLawfulAt(name, subject, purpose),
    )
    .map(({ jurisdiction, dataClass }) => `marked ${jurisdiction} ${dataClass}`);
}

/** Codes whose refusal stands in a record of its own, with the same reason. */
const recorded =
  /^(LABEL_(MISSING|CONFLICT|UNGRANTED)|NO_LAWFUL_ENDPOINT|LAWFUL_ENDPOINTS_FAILED|INPUT_REFUSED|IN_REVIEW)$/;
/** Refusals that a busy gateway may give; they say why, and there is nothing more to say. */
const unrecorded = /^(IDEMPOTENCY_(MISMATCH|IN_PROGRESS)|OVERLOADED|STORE_UNAVAILABLE|ANSWER_WITHHELD)$/;

/** Refusals that do not say why, or of which the record says something else: must be empty. */
export function unexplained(asked: readonly Asked[], records: Records): string[] {
  return asked
    .filter(({ status }) => status >= 300)
    .flatMap(({ path, status, code, decisionId, misses }) => {
      const told = `${path} ${status} ${code} ${decisionId}`;
      if (code === null || !(recorded.test(code) || unrecorded.test(code))) return [told];
      if (code === 'NO_LAWFUL_ENDPOINT' && misses === 0) return [`${told}: no nearest miss`];
      if (!recorded.test(code)) return [];
      const reasons = records.decisions.get(decisionId ?? '')?.reasons ?? [];
      const isTold = code === 'IN_REVIEW' ? reasons.includes('outcome') : reasons.includes(code);
      return isTold ? [] : [`${told}: the record says ${reasons.join(', ')}`];
    });
}
