import { generateApplications } from '../simulator/applications.ts';
import { scoreCredit } from '../simulator/scorecard.ts';
import type { ApiReply } from './client.ts';
import { StageError } from './stage-error.ts';
import type { Stage } from './stage.ts';

type Application = ReturnType<typeof generateApplications>[number]['application'];

/** Well inside the bands of examples/decision-types/credit-application, so that the scenes stay what they are. */
const probabilities = { high: [0.95, 1], middle: [0.5, 0.8], low: [0, 0.25] } as const;

/** A synthetic application that the scorecard puts into a band. */
export function applicationIn(band: keyof typeof probabilities): Application {
  const [from, to] = probabilities[band];
  const found = generateApplications({ seed: 11, count: 400 }).find(({ application }) => {
    const { probabilityGood } = scoreCredit(application);
    return probabilityGood > from && probabilityGood < to;
  });
  if (!found) throw new StageError(`none of the synthetic applications lies in the ${band} band`);
  return found.application;
}

/** Asks for a credit decision. @param jurisdiction null leaves the label out */
export function askForCredit(
  stage: Stage,
  application: Application,
  jurisdiction: string | null,
): Promise<ApiReply> {
  return stage.api.post('/v1/decisions', {
    key: stage.keys.caller,
    headers: {
      'countersign-subject': application.reference,
      ...(jurisdiction === null ? {} : { 'countersign-jurisdiction': jurisdiction }),
    },
    body: { decisionType: 'credit-application', input: application },
  });
}

/** Asks for the triage of an insurance claim in the EU. */
export function askForTriage(
  stage: Stage,
  input: { reference: string; account: string },
  pdf?: Buffer,
): Promise<ApiReply> {
  const documents =
    pdf === undefined
      ? {}
      : { documents: [{ mediaType: 'application/pdf', base64: pdf.toString('base64') }] };
  return stage.api.post('/v1/decisions', {
    key: stage.keys.caller,
    headers: { 'countersign-subject': input.reference, 'countersign-jurisdiction': 'EU' },
    body: { decisionType: 'claims-triage', input, ...documents },
  });
}

/** The id of the decision that an answer is about. @throws StageError when it names none */
export function decisionIdOf(reply: ApiReply): string {
  const id = reply.headers.get('countersign-decision-id');
  if (id === null)
    throw new StageError(`the answer ${reply.status} ${String(reply.body['code'])} names no decision`);
  return id;
}

/** "200 decided", "403 NO_LAWFUL_ENDPOINT": an answer in two words. */
export function brief(reply: ApiReply): string {
  return `${reply.status} ${String(reply.body['code'] ?? reply.body['status'])}`;
}
