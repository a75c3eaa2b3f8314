import { readBytes } from '../audit/payload-content.ts';
import type { DecisionStory } from '../audit/story.ts';
import type { LoadedConfig } from '../config/load.ts';
import { canonicalJson, digestOf } from '../decision/canonical.ts';
import { pass } from '../decision/verdict.ts';
import { judge } from '../gateway/judge.ts';
import { decidedBody } from '../gateway/replies.ts';
import { decisionsRoute } from '../gateway/routes/decisions.ts';
import type { Submission } from '../gateway/submission.ts';
import { chatRequest, readChatAnswer } from '../models/openai/chat.ts';
import { assemblePrompt } from '../release/prompt.ts';
import { createValidationGate } from '../validation/gate.ts';
import { createOutputFilter } from '../validation/output-filter.ts';
import { recorded } from './recorded.ts';
import { StageError } from './stage-error.ts';

/** What the record gives when everything deterministic is done again, beside what it says was done. */
export interface Reproduction {
  readonly request: string;
  readonly recordedRequest: string;
  readonly requestDigest: string;
  /** The surfaces, inspected again, have the digest that the intent names. */
  readonly surfacesMatch: boolean;
  readonly outputMatches: boolean;
  /** Canonical JSON of all verdicts, in order. */
  readonly verdicts: string;
  readonly recordedVerdicts: string;
  readonly released: string;
}

/**
 * Does again, from the record of a decision without documents: the inspection of its input, the request to
 * the model, and what the gates made of the raw answer (I7). The model itself is not asked.
 */
export async function reproduce(story: DecisionStory, config: LoadedConfig): Promise<Reproduction> {
  const intent = recorded(story, 'intent');
  const completion = recorded(story, 'completion');
  const outcome = recorded(story, 'outcome');
  const { request } = intent.payload;
  const type = config.decisionTypes.get(intent.header.decisionType ?? '');
  const raw = completion.payload && readBytes(completion.payload.raw);
  const answer = raw && readChatAnswer(raw);
  if (!request || !type || !raw || !answer)
    throw new StageError('the record lacks the request or the raw output');
  const submission = submitAgain(request.body);
  const inspection = await inspectAgain(submission);
  const judgement = judge(answer, type, createOutputFilter(), {
    ownTexts: inspection.texts.map(({ text }) => text),
    canaries: [],
  });
  const verdicts = [pass('label'), inspection.verdict, pass('residency'), ...judgement.verdicts];
  const { model, requestDigest } = intent.facts;
  const rebuilt = chatRequest({
    model: model.id,
    messages: assemblePrompt({
      promptText: request.promptText ?? '',
      marker: request.marker ?? '',
      caseInput: submission.content.kind === 'case' ? submission.content.input : null,
      context: request.context,
      toolResults: [],
      documents: [],
    }),
    // The header keeps them sorted; their order on the wire is that of the release.
    parameters: type.config.parameters,
    rest: {},
    logprobs: type.config.score.source === 'logprobs',
  });
  return {
    request: rebuilt.toString('utf8'),
    recordedRequest: intent.payload.upstream,
    requestDigest,
    surfacesMatch: inspection.inspected?.surfacesDigest === intent.facts.surfacesDigest,
    outputMatches: digestOf(raw) === completion.facts.outputDigest,
    verdicts: canonicalJson(verdicts),
    recordedVerdicts: canonicalJson(outcome.facts.verdicts),
    released: decidedBody(story.decisionId, type.config.name, judgement),
  };
}

/** The caller's body through the same translation as on the day. Who called plays no part in it. */
function submitAgain(bodyText: string): Submission {
  return decisionsRoute.toSubmission({
    caller: {
      keyId: '',
      name: '',
      tenant: '',
      grants: { jurisdictions: [], decisionTypes: [], dataClasses: [], roles: [] },
    },
    claims: { jurisdiction: null, dataClass: null, decisionType: null, subject: null, idempotencyKey: null },
    body: JSON.parse(bodyText),
    bodyText,
    files: [],
  });
}

async function inspectAgain(submission: Submission) {
  const gate = createValidationGate();
  try {
    return await gate.inspect({ texts: submission.texts, documents: submission.documents });
  } finally {
    await gate.close();
  }
}
