import type { DecisionType } from '../config/decision-type.ts';
import { pass, type StopVerdict, type Verdict, stop } from '../decision/verdict.ts';
import type { ChatAnswer } from '../models/openai/chat.ts';
import { anomalyVerdict } from '../validation/output/anomaly/anomaly-verdict.ts';
import { type OutputFeatures, outputFeatures } from '../validation/output/anomaly/features.ts';
import type { ProfileBounds } from '../validation/output/anomaly/profile.ts';
import type { Passage } from './decide.ts';
import type { Judgement } from './judge.ts';

/** An answer as held against those before it. */
export interface ProfiledAnswer {
  readonly features: OutputFeatures;
  /** What was usual; null while the profile warms up. */
  readonly bounds: ProfileBounds | null;
  readonly verdict: Verdict;
}

/** Pure. Null for a decision type that keeps no profile. @param parsed the answer as JSON; null where it is none */
export function profileAnswer(
  { text, toolCalls }: ChatAnswer,
  parsed: unknown,
  { config }: DecisionType,
  bounds: ProfileBounds | null,
): ProfiledAnswer | null {
  const settings = config.outputProfile;
  if (settings === undefined) return null;
  const features = outputFeatures({ text, parsed, toolCalls: toolCalls.length });
  const verdict = bounds === null ? pass('output') : anomalyVerdict(features, bounds, settings.action);
  return { features, bounds, verdict };
}

/** Both verdicts of the gate as one: the stricter, with the reasons of whichever is as strict. */
export function withProfile(verdict: Verdict, profiled: ProfiledAnswer | null): Verdict {
  const other = profiled?.verdict;
  if (other === undefined) return verdict;
  const findings = [...verdict.findings, ...other.findings];
  const stops = [verdict, other].filter((one): one is StopVerdict => one.kind !== 'pass');
  const [first] = stops.filter(({ kind }) => kind === 'refuse').concat(stops);
  if (first === undefined) return { ...verdict, findings };
  const [reason, ...more] = stops.filter(({ kind }) => kind === first.kind).flatMap(({ reasons }) => reasons);
  if (reason === undefined) return stop('refuse', 'output', 'OUTPUT_FILTER_FAILED');
  const detail = stops.find(({ kind, detail: text }) => kind === first.kind && text !== undefined)?.detail;
  return { ...first, ...(detail === undefined ? {} : { detail }), findings, reasons: [reason, ...more] };
}

/** What is usual by now for an answer from this endpoint. */
export function usualOutput({ rooms, cell, type }: Passage, endpoint: string): ProfileBounds | null {
  return rooms.outputProfiles.boundsOf(cell.id, profileKey(type, endpoint), type.config.outputProfile);
}

/** Takes a sealed answer into its profile, unless something was found in it: what is odd must not become usual. */
export function learnOutput({ rooms, cell, type }: Passage, judgement: Judgement, endpoint: string): void {
  const { profiled = null, verdicts } = judgement;
  if (profiled === null || profiled.verdict.findings.length > 0) return;
  if (verdicts.some(({ kind, gate }) => gate === 'output' && kind !== 'pass')) return;
  rooms.outputProfiles.observe(cell.id, profileKey(type, endpoint), profiled.features);
}

function profileKey({ config }: DecisionType, endpoint: string) {
  return { decisionType: config.name, typeVersion: config.version, endpoint };
}

/** The numbers that the verdict rests on, for the record; empty where none were used. */
export function profilePayload({ profile }: Pick<Passage, 'profile'>) {
  return profile === undefined || profile === null ? {} : { outputProfile: profile };
}
