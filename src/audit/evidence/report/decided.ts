import { type Content, type Html, html } from '../html.ts';
import { reasonTexts } from '../release.ts';
import type { Outcome, Review, Telling } from '../telling.ts';
import { facts, moment, mono, quote, section, withBreaks } from './pieces.ts';
import { bandText, confidence } from './summary.ts';

/** Who decided, and on what grounds: the model within its band, a person, or a gate. */
export function decided(telling: Telling): Html {
  const { outcomes, reviews, refusal, variant } = telling;
  const nobody = refusal
    ? html`<p>The request was refused with ${mono(refusal.code)} before it became a decision; caller ${keyName(refusal.caller, variant, 'the calling system')}.</p>`
    : html`<p>Nobody yet: the decision is open.</p>`;
  return section('decided', 'Who decided', [
    outcomes.length === 0 ? nobody : null,
    outcomes.map((outcome) => [
      reviews
        .filter(
          (review) => review.facts.task === outcome.facts.reviewTask && outcome.facts.decidedBy === 'person',
        )
        .map((review) => person(review, telling)),
      sealed(outcome, telling),
    ]),
  ]);
}

function sealed({ facts: outcome, entry, outcome: words }: Outcome, telling: Telling): Content {
  const by = { model: 'the model’s answer', person: 'a person', gate: 'a gate' }[outcome.decidedBy];
  return [
    html`<h3>${sealedTitles[outcome.status] ?? outcome.status}, ${moment(entry.header.time)}</h3>`,
    facts([
      ['By', by],
      [outcome.status === 'in_review' ? 'Recommended by the model' : 'Outcome', words],
      ['Confidence', outcome.score === null ? null : confidence(outcome.score)],
      ['Band', outcome.score === null ? null : bandText(telling)],
      ['Review task', mono(outcome.reviewTask)],
    ]),
  ];
}

const sealedTitles: Readonly<Record<string, string>> = {
  decided: 'Decided',
  in_review: 'Sent to a person',
  refused: 'Refused',
};

function person({ facts: review, entry, verdict, note }: Review, telling: Telling): Content {
  const texts = reasonTexts(telling.release);
  const codes = review.reasonCodes.map((code) => [mono(code), ' ', texts.get(code) ?? '']);
  return [
    html`<h3>A reviewer answered, ${moment(entry.header.time)}</h3>`,
    facts([
      ['Reviewer', keyName(review.reviewer, telling.variant, 'reviewer')],
      ['Answer', verdict],
      ['Reasons', withBreaks(codes)],
      ['Against the recommendation', review.override ? 'yes' : 'no'],
      ['Time with the case open', `${Math.round(review.openMs / 1000)} s`],
    ]),
    note === null ? null : quote({ caption: 'The reviewer’s note', text: note, kind: 'plain' }),
  ];
}

/** Keys stand for systems and people of the operator; a redacted report calls them by their role. */
function keyName(id: string, variant: Telling['variant'], role: string): Content {
  return variant === 'redacted' ? role : ['key ', mono(id)];
}
