import { CountersignError } from '../../decision/errors.ts';
import type { Label } from '../../decision/label.ts';
import type { InspectedInput } from '../../decision/passage.ts';
import type { SurfaceText } from '../../decision/surface.ts';
import { type Verdict, pass } from '../../decision/verdict.ts';
import { type Classified, classifyRequest } from '../classify-request.ts';
import { closedSurface, compose, type Composition } from '../compose.ts';
import { requestLabel, resolveDecisionType } from '../label-request.ts';
import { type MaskedRequest, withoutSuspectSpans } from '../masking-spans.ts';
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
  /** Raised to what was found in the request. */
  readonly label: Label;
  readonly labelVerdict: Verdict;
  /** Null where the input never passed validation. */
  readonly inspected: InspectedInput | null;
  readonly verdict: Verdict;
  readonly texts: readonly SurfaceText[];
  readonly composition: Composition;
  /** The request without its suspect spans; null where the decision was to be asked once, or not at all. */
  readonly masked: MaskedRequest | null;
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
  const declared = labelAgain(recorded, gates, submission);
  const { marker, canary = null } = input.request;
  const request = { submission, type: gates.type, seals: { marker, canary } };
  const closed = closedSurface(submission, gates.type);
  const underMode = (stopped: Verdict) => gates.validation.underMode(stopped, gates.type.config.name);
  const { verdict, inspected, texts } = closed
    ? { verdict: underMode(closed), inspected: null, texts: submission.texts }
    : await inspectAgain(recorded, gates, submission, trace);
  const { label, verdict: labelVerdict } = classifyAgain(declared.label, {
    gates,
    submission,
    verdict,
    texts,
  });
  compareLabel(recorded, gates, { ...declared, label, labelVerdict }, trace);
  trace.facts('validation', verdictPlace(recorded), recordedVerdict(recorded), verdict);
  const composition = compose(request, texts);
  compareInput(recorded, composition, trace);
  const passed = { label, labelVerdict, inspected, verdict, texts };
  const masked = withoutSuspectSpans(request, texts, verdict, gates.validation.policy);
  return { recorded, gates, trace, submission, ...passed, composition, masked };
}

interface LabelAgain {
  readonly label: Label;
  /** The type that the claims and grants lead to, or why they lead to no label; null in schema 1. */
  readonly made: { readonly decisionType: string } | { readonly code: string } | null;
}

/** The label from what was claimed and granted; where the record does not say that, from its header. */
function labelAgain(
  { first, input, attempts }: RecordedDecision,
  gates: RestoredGates,
  submission: Submission,
): LabelAgain {
  const { jurisdiction, others, dataClass, cell } = first;
  const sources = attempts[0]?.intent.facts.label ?? { dataClass: 'decision-type', jurisdiction: 'grant' };
  const asRecorded: Label = {
    jurisdiction: jurisdiction ?? '',
    countries: gates.countriesOf(jurisdiction ?? ''),
    dataClass: dataClass ?? '',
    cell,
    ...(others === undefined ? {} : { others }),
    jurisdictionSource: sources.jurisdiction,
    dataClassSource: sources.dataClass,
  };
  if (!input.request.label) return { label: asRecorded, made: null };
  const made = makeLabel(gates, submission);
  if (made instanceof Error) return { label: asRecorded, made: { code: made.code } };
  return { label: made.label, made: { decisionType: made.decisionType } };
}

/** What was refused unread was never classified. */
function classifyAgain(
  label: Label,
  seen: { gates: RestoredGates; submission: Submission; verdict: Verdict; texts: readonly SurfaceText[] },
): Classified {
  if (seen.verdict.kind === 'refuse') return { label, verdict: pass('label') };
  return classifyRequest(seen.gates, label, seen.submission, seen.texts);
}

function compareLabel(
  recorded: RecordedDecision,
  gates: RestoredGates,
  { label, made, labelVerdict }: LabelAgain & { readonly labelVerdict: Verdict },
  trace: Trace,
): void {
  const { first, attempts, outcome } = recorded;
  const { jurisdiction, others = [], dataClass, cell, decisionType } = first;
  const before = { cell, dataClass, decisionType, jurisdiction, others };
  if (made === null) {
    trace.notRepeated('label', 'what the label was made of is not recorded in schema 1');
    return;
  }
  if ('code' in made) {
    trace.facts('label', '/entries/0/header', before, made.code);
    return;
  }
  trace.facts('label', '/entries/0/header', before, {
    cell: label.cell,
    dataClass: label.dataClass,
    decisionType: made.decisionType,
    jurisdiction: label.jurisdiction,
    others: label.others ?? [],
  });
  const verdicts = (attempts[0]?.intent.facts ?? outcome.facts).verdicts;
  const place = `${(attempts[0]?.intent ?? outcome).at}/header/facts/verdicts/0`;
  trace.facts('label', place, verdicts[0], labelVerdict);
  const terms = gates.retentionOf(label.jurisdiction);
  trace.facts('retention', '/entries/0/header/retention', first.retention, terms);
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

const readerFault = /^(?:viewing-)?(?:timeout|memory|crash) at /;

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
  const inspection = await gates.validation.inspect({
    texts,
    documents,
    operatorScores: recorded.input.request.operatorScores,
    decisionType: gates.type.config.name,
    compareRendering: gates.type.config.documents?.compareRendering,
  });
  if (isOfTheMachine(inspection.verdict)) throw new CountersignError('VALIDATION_FAILED');
  return inspection;
}

/** The verdicts that an intent carries. */
export function verdictsBefore({ labelVerdict, verdict }: Reenactment): readonly Verdict[] {
  return [labelVerdict, verdict];
}
