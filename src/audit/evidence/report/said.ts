import { type Content, type Html, html } from '../html.ts';
import type { Attempt, Telling } from '../telling.ts';
import { facts, moment, mono, pretty, quote, section } from './pieces.ts';

/** What came back, what the filter left of it, and what was released. */
export function said(telling: Telling): Html {
  const { attempts } = telling;
  const answered = attempts.length === 0 ? html`<p>No model was asked.</p>` : attempts.map(oneAnswer);
  return section('said', 'What it said', [answered, filteredAnswer(telling), released(telling)]);
}

function oneAnswer(attempt: Attempt, i: number): Content {
  const {
    result,
    completion,
    facts: { endpoint },
  } = attempt;
  if (result === null || completion === null)
    return html`<h3>Attempt ${i + 1}</h3><p>Nothing is recorded yet.</p>`;
  return [
    html`<h3>Attempt ${i + 1}, ${endpoint.id}: ${statusText[result.status] ?? result.status}</h3>`,
    facts([
      ['Answer recorded', moment(completion.header.time)],
      ['Model, as the answer names it', mono(result.modelReturned || null)],
      ['Provider’s request id', mono(result.providerRequestId)],
      ['HTTP status', result.httpStatus === null ? null : String(result.httpStatus)],
      ['Transport fault', mono(result.fault)],
      ['Time upstream', `${Math.round(result.upstreamMs)} ms`],
      ['Tokens', result.usage && `${result.usage.inputTokens} in, ${result.usage.outputTokens} out`],
      ['SHA-256 of the raw bytes', mono(result.outputDigest)],
    ]),
    rawAnswer(attempt),
  ];
}

const statusText: Readonly<Record<string, string>> = {
  ok: 'answered',
  error: 'failed',
  timeout: 'no answer in time',
  unknown: 'unknown, the gateway stopped in between',
  not_sent: 'not sent',
};

function rawAnswer({ answer, raw, completion }: Attempt): Content {
  if (answer === null && raw === null) {
    return completion?.withheld == null ? null : html`<p>${completion.withheld}</p>`;
  }
  if (answer === null)
    return quote({ caption: 'The raw answer, which no gate could read', text: raw ?? '', kind: 'plain' });
  return [
    quote({ caption: 'The model’s own words, before any filter', text: pretty(answer.text), kind: 'data' }),
    answer.toolCalls.map((call) =>
      quote({ caption: ['Call of the tool ', mono(call.name)], text: pretty(call.arguments), kind: 'data' }),
    ),
    raw === null
      ? null
      : html`<p class="note">The whole body as it came, log-probabilities included, is in the payload file of this completion.</p>`,
  ];
}

function filteredAnswer({ outcomes }: Telling): Content {
  const found = outcomes.find(({ answer }) => answer !== null);
  if (!found || !isAnswer(found.answer)) return null;
  const text = typeof found.answer === 'string' ? found.answer : JSON.stringify(found.answer, null, 2);
  return [
    html`<h3>After the output filter</h3>`,
    quote({ caption: 'What the filter left', text, kind: 'plain' }),
  ];
}

/** A decision that went to a person unasked lists the places of its texts there, and no answer. */
function isAnswer(answer: unknown): boolean {
  return typeof answer !== 'object' || answer === null || !('texts' in answer);
}

function released({ outcomes }: Telling): Content {
  const found = outcomes.findLast((outcome) => outcome.facts.releasedDigest !== null);
  const head = html`<h3>Released to the caller</h3>`;
  if (!found) return [head, html`<p>Nothing of an answer was released.</p>`];
  const digest = facts([['SHA-256 of the released bytes', mono(found.facts.releasedDigest)]]);
  const body =
    found.released === null
      ? html`<p>${found.entry.withheld ?? ''}</p>`
      : quote({ caption: 'The body that was released', text: pretty(found.released), kind: 'plain' });
  return [head, digest, body];
}
