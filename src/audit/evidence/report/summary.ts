import type { StopVerdict } from '../../../decision/verdict.ts';
import { type Content, type Html, html } from '../html.ts';
import type { Telling } from '../telling.ts';
import { facts, moment, mono, section } from './pieces.ts';

export function summary(telling: Telling): Html {
  const { first, outcomes, variant, release } = telling;
  const last = outcomes.at(-1);
  const banded = outcomes.findLast(({ facts: { band } }) => band !== null) ?? last;
  return section('summary', 'Summary', [
    html`<div class="outcome"><p class="label">Outcome</p><p class="verdict">${outcomeTitle(telling)}</p><p>${story(telling)}</p></div>`,
    facts([
      ['Decision', mono(first.decisionId)],
      ['Decision type', first.decisionType],
      ['Asked', moment(first.time)],
      ['Sealed', last ? moment(last.entry.header.time) : 'not sealed yet'],
      ['Decided by', decidedBy(telling)],
      ['Confidence', confidence(banded?.facts.score ?? null)],
      ['Band and thresholds', bandText(telling)],
      ['Release', mono(release?.digest ?? null)],
      ['Jurisdiction and data class', [first.jurisdiction ?? 'none', ', ', first.dataClass ?? 'none']],
      ['Tenant and cell', [first.tenant, ', ', first.cell]],
      [
        'Variant',
        variant === 'full' ? 'full: everything that is recorded' : 'redacted: without data of others',
      ],
    ]),
  ]);
}

export function outcomeTitle({ outcomes, refusal, file }: Telling): string {
  const last = outcomes.at(-1);
  if (refusal) return `Refused: ${refusal.code}`;
  if (!last) return 'Still open';
  if (last.facts.status === 'in_review') return 'A person has yet to decide';
  if (last.facts.status === 'refused') return 'Refused by the gates';
  if (last.outcome !== null) return `Decided: ${last.outcome}`;
  const unreadable = file.entries.some(
    ({ header, plaintext }) => header.type === 'outcome' && plaintext === null,
  );
  return unreadable
    ? 'Decided; the words of the outcome can no longer be read'
    : 'Decided: the answer was released';
}

function decidedBy({ outcomes, refusal }: Telling): string {
  const by = outcomes.at(-1)?.facts.decidedBy;
  if (refusal) return 'a gate, before the request became a decision';
  if (by === 'person') return 'a person, after the gates asked for one';
  if (by === 'model') return 'the model’s answer, released by the gates';
  return by === 'gate' ? 'the gates' : 'nobody yet';
}

/** The course of the decision in three sentences. */
function story({ attempts, reviews, outcomes, verdicts }: Telling): Content {
  const stops = verdicts.filter((verdict): verdict is StopVerdict => verdict.kind !== 'pass');
  const asked =
    attempts.length === 0
      ? 'No model was asked. '
      : `The model was asked ${attempts.length === 1 ? 'once' : `${attempts.length} times`}, at ${[...new Set(attempts.map(({ facts: { endpoint } }) => endpoint.id))].join(', ')}. `;
  const gates =
    stops.length === 0
      ? 'Every gate passed it. '
      : stops.map(({ gate, kind, reasons }) =>
          kind === 'refuse'
            ? `The ${gate} gate refused (${reasons.join(', ')}). `
            : `The ${gate} gate asked for a person (${reasons.join(', ')}). `,
        );
  const review = reviews.at(-1);
  const person = review
    ? `A reviewer answered “${review.verdict ?? 'unreadable'}”${review.facts.override ? ', against what the model had recommended' : ''}. `
    : null;
  const end = outcomes.at(-1)?.facts.releasedDigest
    ? 'An answer was released to the caller.'
    : 'Nothing of an answer was released.';
  return [asked, gates, person, end];
}

export function confidence(score: { value: number; source: string } | null): Content {
  if (score === null) return 'none: no score was needed or usable';
  const source =
    score.source === 'logprobs' ? 'from the probabilities of the answer’s tokens' : 'as the answer states it';
  return html`${String(score.value)} (${source})`;
}

export function bandText({ outcomes }: Telling): Content {
  const found = outcomes.findLast(({ facts: { bandSet } }) => bandSet !== null)?.facts;
  if (!found?.bandSet) return null;
  const { id, basis, tLow, tHigh } = found.bandSet;
  const band = found.band === null ? 'no band was needed' : `${found.band} band`;
  return html`${band}; band set ${mono(id)} (${basis}): high from ${String(tHigh)}, low below ${String(tLow)}`;
}
