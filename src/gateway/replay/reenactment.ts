import { CountersignError } from '../../decision/errors.ts';
import type { Label } from '../../decision/label.ts';
import type { InspectedInput } from '../../decision/passage.ts';
import type { SurfaceText } from '../../decision/surface.ts';
import { type Verdict, pass } from '../../decision/verdict.ts';
import { closedSurface, compose, type Composition } from '../compose.ts';
import { requestLabel, resolveDecisionType } from '../label-request.ts';
import type { Submission } from '../submission.ts';
import type { RecordedDecision } from './recorded-decision.ts';
import { resubmit } from './resubmit.ts';
import type { RestoredGates } from './restored-gates.ts';
import type { Trace } from './trace.ts';

/** A recorded request on its way through the gates of its day again. */
export interface Reenactment {
  readonly recorded: RecordedDecision;
  readonly gates: RestoredGates;
  readonly trace: Trace;
  readonly submission: Submission;
  readonly label: Label;
  /** Null where the input never passed validation. */
  readonly inspected: InspectedInput | null;
  readonly verdict: Verdict;
  readonly texts: readonly SurfaceText[];
  readonly composition: Composition;
}

/**
 * Does again what comes before a model is asked: label, surfaces, validation, prompt.
 * @throws CountersignError VALIDATION_FAILED when a document could not be read again within its limits
 */
export async function reenact(
  recorded: RecordedDecision,
  gates: RestoredGates,
  trace: Trace,
): Promise<Reenactment> {
  const { first, input } = recorded;
  const caller = recorded.attempts[0]?.intent.facts.caller ?? '';
  const submission = resubmit(input.request, caller, first.decisionType);
  const label = labelAgain(recorded, gates, submission, trace);
  const request = { submission, type: gates.type, marker: input.request.marker };
  const closed = closedSurface(submission, gates.type);
  const { verdict, inspected, texts } = closed
    ? { verdict: closed, inspected: null, texts: submission.texts }
    : await inspectAgain(recorded, gates, submission, trace);
  trace.facts('validation', verdictPlace(recorded), recordedVerdict(recorded), verdict);
  const composition = compose(request, texts);
  compareInput(recorded, composition, trace);
  return { recorded, gates, trace, submission, label, inspected, verdict, texts, composition };
}

/** The label from what was claimed and granted; where the record does not say that, from its header. */
function labelAgain(
  { first, input, attempts }: RecordedDecision,
  gates: RestoredGates,
  submission: Submission,
  trace: Trace,
): Label {
  const { jurisdiction, dataClass, cell, decisionType } = first;
  const recorded = { cell, dataClass, decisionType, jurisdiction };
  const sources = attempts[0]?.intent.facts.label ?? { dataClass: 'decision-type', jurisdiction: 'grant' };
  const asRecorded: Label = {
    jurisdiction: jurisdiction ?? '',
    countries: gates.countriesOf(jurisdiction ?? ''),
    dataClass: dataClass ?? '',
    cell,
    jurisdictionSource: sources.jurisdiction,
    dataClassSource: sources.dataClass,
  };
  if (!input.request.label) {
    trace.notRepeated('label', 'what the label was made of is not recorded in schema 1');
    return asRecorded;
  }
  const made = makeLabel(gates, submission);
  if (made instanceof Error) {
    trace.facts('label', '/entries/0/header', recorded, made.code);
    return asRecorded;
  }
  const { label } = made;
  const again = {
    ...recorded,
    cell: label.cell,
    dataClass: label.dataClass,
    jurisdiction: label.jurisdiction,
  };
  trace.facts('label', '/entries/0/header', recorded, { ...again, decisionType: made.decisionType });
  const terms = gates.retentionOf(label.jurisdiction);
  trace.facts('retention', '/entries/0/header/retention', first.retention, terms);
  return label;
}

function makeLabel(
  gates: RestoredGates,
  submission: Submission,
): { label: Label; decisionType: string } | CountersignError {
  const { name } = gates.type.config;
  try {
    const type = resolveDecisionType(new Map([[name, gates.type]]), submission.caller, submission.claims);
    const made = requestLabel(gates.labeller, submission, type);
    if (made.kind === 'pass') return { label: made.label, decisionType: type.config.name };
    return new CountersignError('LABEL_CONFLICT');
  } catch (error) {
    if (error instanceof CountersignError) return error;
    throw error;
  }
}

/** Everything of the request that the record keeps, as the translation and the release make it again. */
function compareInput({ input }: RecordedDecision, { input: again }: Composition, trace: Trace): void {
  const { request, at } = input;
  const text = (value: unknown) => (value === undefined ? null : JSON.stringify(value));
  for (const field of ['route', 'documents', 'context', 'promptText'] as const) {
    trace.content('surfaces', `${at}/${field}`, text(request[field]), text(again[field]));
  }
}

/** The verdict on the input: the second of the decision, after that on its label. */
function recordedVerdict({ attempts, outcome }: RecordedDecision): Verdict | undefined {
  return (attempts[0]?.intent.facts ?? outcome.facts).verdicts[1];
}

function verdictPlace({ attempts, outcome }: RecordedDecision): string {
  return `${(attempts[0]?.intent ?? outcome).at}/header/facts/verdicts/1`;
}

const readerFault = /^(?:timeout|memory|crash) at /;

/** The machine, not the input, had the last word: a document's reader was killed, or the gate broke. */
function isOfTheMachine(verdict: Verdict | undefined): boolean {
  if (verdict?.kind !== 'refuse') return false;
  const [reason] = verdict.reasons;
  return (
    reason === 'VALIDATION_FAILED' ||
    (reason === 'DOCUMENT_UNREADABLE' && readerFault.test(verdict.detail ?? ''))
  );
}

async function inspectAgain(
  recorded: RecordedDecision,
  gates: RestoredGates,
  submission: Submission,
  trace: Trace,
): Promise<{ verdict: Verdict; inspected: InspectedInput | null; texts: readonly SurfaceText[] }> {
  const before = recordedVerdict(recorded);
  if (before && isOfTheMachine(before)) {
    trace.notRepeated('validation', 'the machine of that day had the last word, as recorded');
    return { verdict: before, inspected: null, texts: submission.texts };
  }
  const { texts, documents } = submission;
  const inspection = await gates.validation.inspect({ texts, documents });
  if (isOfTheMachine(inspection.verdict)) throw new CountersignError('VALIDATION_FAILED');
  return inspection;
}

/** The verdicts that an intent carries. */
export function verdictsBefore({ verdict }: Reenactment): readonly Verdict[] {
  return [pass('label'), verdict];
}
