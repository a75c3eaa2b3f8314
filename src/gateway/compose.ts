import { randomBytes } from 'node:crypto';
import { type RecordedInput, recordBytes } from '../audit/payload-content.ts';
import type { DecisionType } from '../config/decision-type.ts';
import type { SurfaceText } from '../decision/surface.ts';
import { type StopVerdict, stop } from '../decision/verdict.ts';
import { type PromptSeals, assemblePrompt, systemText } from '../release/prompt.ts';
import { newCanary } from '../validation/canary.ts';
import { delimitToolMessages } from './tool-messages.ts';
import { withoutTools } from './tool-round.ts';
import type { Submission } from './submission.ts';

/** What a request becomes before any endpoint is chosen. */
export interface Composition {
  /** What the record keeps of how the messages came about. */
  readonly input: RecordedInput;
  /** The conversation, or the texts to embed. */
  readonly messages: readonly unknown[];
  readonly rest: Readonly<Record<string, unknown>>;
}

/** A type opens the surfaces it was tested for; text anywhere else is refused unread. */
export function closedSurface(submission: Submission, type: DecisionType): StopVerdict | null {
  const used = new Set(submission.texts.map((part) => part.surface));
  if (submission.documents.length > 0) used.add('document');
  const detail = [...used].filter((surface) => !type.config.surfaces.includes(surface)).join(', ');
  return detail === '' ? null : stop('refuse', 'validation', 'SURFACE_CLOSED', { detail });
}

/** Unguessable, so new for each decision. What would change messages that are sent as they came is null. */
export function newSeals({ content }: Submission, { config }: DecisionType): PromptSeals {
  const marker = () => randomBytes(12).toString('base64url');
  if (content.kind === 'texts') return { marker: null, canary: null };
  if (content.kind === 'case') return { marker: marker(), canary: newCanary() };
  const hasPrompt = config.prompt !== 'none';
  const delimits = config.delimit === undefined ? hasPrompt : config.delimit === 'toolResults';
  return { marker: delimits ? marker() : null, canary: hasPrompt || delimits ? newCanary() : null };
}

/** What `compose` needs of a request. */
export interface ComposedRequest {
  readonly submission: Submission;
  readonly type: DecisionType;
  readonly seals: PromptSeals;
}

/**
 * The messages for the model. Pure: the same request, type, texts and seals give the same bytes, years
 * later too (I7).
 * @param texts as inspected, those found in documents included
 */
export function compose(request: ComposedRequest, texts: readonly SurfaceText[]): Composition {
  const { submission, type, seals } = request;
  const { content } = submission;
  const input = recordedInput(submission, type, seals);
  // No instruction of ours stands beside texts that are only turned into vectors.
  if (content.kind === 'texts') return { input, messages: content.texts, rest: content.rest };
  if (content.kind === 'messages') {
    const system = systemText(type.promptText ?? '', seals);
    const messages = delimitToolMessages(content.messages, seals.marker);
    return {
      input,
      messages: system === '' ? messages : [{ role: 'system', content: system }, ...messages],
      rest: withoutTools(content.rest),
    };
  }
  const messages = assemblePrompt({
    promptText: type.promptText ?? '',
    marker: seals.marker ?? '',
    canary: seals.canary,
    caseInput: content.input,
    context: submission.context,
    toolResults: content.toolResults,
    documents: texts.filter((part) => part.surface === 'document' && part.hidden !== true),
  });
  return { input, messages, rest: {} };
}

function recordedInput(
  submission: Submission,
  type: DecisionType,
  { marker, canary }: PromptSeals,
): RecordedInput {
  return {
    label: labelInput(submission),
    route: submission.route,
    body: submission.bodyText,
    documents: submission.documents.map(({ origin, mediaType, bytes }) => ({
      origin,
      mediaType,
      bytes: recordBytes(bytes),
    })),
    context: submission.context,
    promptText: type.promptText,
    marker,
    ...(canary === null ? {} : { canary }),
  };
}

/** What the label was made of, so that a replay can make it again. */
function labelInput({ claims, caller }: Submission): NonNullable<RecordedInput['label']> {
  const { jurisdiction, dataClass, decisionType, subject, references } = claims;
  const { jurisdictions, dataClasses, decisionTypes } = caller.grants;
  return {
    claims: {
      jurisdiction,
      dataClass,
      decisionType,
      subject,
      ...(references.length === 0 ? {} : { references }),
    },
    grants: {
      jurisdictions,
      dataClasses,
      decisionTypes,
      ...(caller.source === 'token' ? { source: 'token' } : {}),
    },
  };
}
