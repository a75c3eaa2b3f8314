import type { Verdict } from '../decision/verdict.ts';
import type { ModelResult } from './call-model.ts';
import { type Counterfactual, compareAnswers } from './counterfactual.ts';
import type { Passage, Seen, Variant } from './decide.ts';
import { judge, judgeContext } from './judge.ts';
import type { MaskedRequest } from './masking-spans.ts';
import { usualOutput } from './output-profile.ts';
import { sealJudgement, sealUncompared } from './seal.ts';
import type { Reply } from './submission.ts';

/**
 * Settles a suspicion by asking twice: the request as it is, then without its suspect spans, each with intents
 * of its own to endpoints that are lawful at that moment (I1, I3). One after the other: a decision has one live
 * intent at most, and after a call that has failed there is nothing left to compare.
 */
export async function askTwice(
  passage: Passage,
  seen: Seen,
  masked: MaskedRequest,
  call: (variant: Variant) => Promise<ModelResult>,
): Promise<Reply> {
  const { rooms, type } = passage;
  const { messages, rest, texts } = seen;
  const before: readonly Verdict[] = [passage.labelVerdict, seen.verdict];
  const asked = { spans: masked.spans, texts };
  const first = await call({ messages, rest });
  rooms.metrics.verdict(first.verdict, type.config.name);
  if (first.kind === 'refuse') {
    const counterfactual = compareAnswers(first.verdict, null, asked);
    count(passage, counterfactual);
    return sealUncompared(passage, { before, counterfactual, input: seen.input, failed: first });
  }
  // Both answers are held against what is usual where the first came from.
  const profile = usualOutput(passage, first.endpoint);
  const profiled = { ...passage, profile };
  const context = { ...judgeContext(texts, seen.input), profile };
  const asIs = judge(first.answer, type, rooms.outputFilter, context);
  const answered = [...before, first.verdict];
  if (asIs.status === 'refused') {
    for (const verdict of asIs.verdicts) rooms.metrics.verdict(verdict, type.config.name);
    return sealJudgement(profiled, {
      judgement: asIs,
      answer: first.answer,
      before: answered,
      result: first,
    });
  }
  const second = await call({
    messages: masked.messages,
    rest: masked.rest,
    variant: 'masked',
    firstIntent: first.firstIntent,
  });
  rooms.metrics.verdict(second.verdict, type.config.name);
  const other =
    second.kind === 'refuse' ? second.verdict : judge(second.answer, type, rooms.outputFilter, context);
  const counterfactual = compareAnswers(asIs, other, asked);
  count(passage, counterfactual);
  const chosen = counterfactual.result === 'unchanged' && second.kind === 'answer' ? second : first;
  return sealJudgement(profiled, {
    judgement: counterfactual.judgement,
    answer: chosen.answer,
    before: answered,
    counterfactual,
    result: { endpoint: chosen.endpoint, upstreamMs: first.upstreamMs + upstreamMsOf(second) },
  });
}

function count({ rooms, type }: Passage, { result, judgement }: Counterfactual): void {
  rooms.metrics.validation.compared(type.config.name, result);
  for (const verdict of judgement.verdicts) rooms.metrics.verdict(verdict, type.config.name);
}

function upstreamMsOf(result: ModelResult): number {
  return result.kind === 'answer' ? result.upstreamMs : 0;
}
