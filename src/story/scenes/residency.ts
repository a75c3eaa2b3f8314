import { applicationIn, askForCredit, brief, decisionIdOf } from '../cases.ts';
import { endpointId } from '../playable-config.ts';
import { recorded } from '../recorded.ts';
import type { Act, Scene } from '../scene.ts';
import type { SimulatorProcess } from '../simulator-process.ts';

export const lawfulEndpoint: Scene = {
  name: 'An EU case goes to the EU endpoint',
  expected: 'EU case only in the EU endpoint’s own log; a US case only in the US endpoint’s',
  async play(stage): Promise<Act> {
    const european = await askForCredit(stage, applicationIn('high'), 'EU');
    const american = await askForCredit(stage, applicationIn('high'), 'US');
    const [euId, usId] = [decisionIdOf(european), decisionIdOf(american)];
    return {
      decisionId: euId,
      facts: [
        wentTo('EU', european.headers.get('countersign-endpoint'), endpointId('eu')),
        logs('EU case', euId, stage.eu, stage.us),
        wentTo('US', american.headers.get('countersign-endpoint'), endpointId('us')),
        logs('US case', usId, stage.us, stage.eu),
      ],
    };
  },
};

export const endpointDown: Scene = {
  name: 'With the EU endpoint down, an EU case is refused',
  expected: 'refused LAWFUL_ENDPOINTS_FAILED; nothing new in the US endpoint’s log',
  async play(stage): Promise<Act> {
    const usBefore = stage.us.received().length;
    await stage.eu.behave({ mode: 'refuse' });
    try {
      const reply = await askForCredit(stage, applicationIn('high'), 'EU');
      const decisionId = decisionIdOf(reply);
      const usLines = stage.us.received().length - usBefore;
      const story = await stage.api.record(decisionId, stage.keys.auditor);
      const tried = story.entries.flatMap(({ header }) =>
        header.facts.kind === 'intent' ? [header.facts.endpoint.id] : [],
      );
      const triedOnlyEu = tried.length > 0 && tried.every((id) => id === endpointId('eu'));
      return {
        decisionId,
        facts: [
          {
            text: brief(reply),
            holds: reply.status === 503 && reply.body['code'] === 'LAWFUL_ENDPOINTS_FAILED',
          },
          { text: `tried ${[...new Set(tried)].join(', ')} (${tried.length} times)`, holds: triedOnlyEu },
          { text: `new lines in the US log: ${usLines}`, holds: usLines === 0 },
        ],
      };
    } finally {
      await stage.eu.recover();
    }
  },
};

const refusalsMetric = 'countersign_label_refusals_total';

export const unlabelled: Scene = {
  name: 'A request without a jurisdiction is refused and alerted',
  expected: 'refused LABEL_MISSING; the alert’s metric rises by one; a refusal entry without payload',
  async play(stage): Promise<Act> {
    const before = await stage.api.counter(refusalsMetric);
    const reply = await askForCredit(stage, applicationIn('high'), null);
    const rise = (await stage.api.counter(refusalsMetric)) - before;
    const decisionId = decisionIdOf(reply);
    const entry = recorded(await stage.api.record(decisionId, stage.keys.auditor), 'refusal');
    const sent = stage.eu.receivedFor(decisionId).length + stage.us.receivedFor(decisionId).length;
    return {
      decisionId,
      facts: [
        { text: brief(reply), holds: reply.status === 400 && reply.body['code'] === 'LABEL_MISSING' },
        { text: `${refusalsMetric} +${rise}`, holds: rise === 1 },
        {
          text: `entry ${entry.facts.code} ${entry.payload === null ? 'without' : 'with'} payload`,
          holds: entry.facts.code === 'LABEL_MISSING' && entry.payload === null,
        },
        { text: `calls to endpoints: ${sent}`, holds: sent === 0 },
      ],
    };
  },
};

function wentTo(label: string, endpoint: string | null, expected: string) {
  return { text: `${label} answered by ${endpoint ?? 'nobody'}`, holds: endpoint === expected };
}

function logs(what: string, decisionId: string, right: SimulatorProcess, wrong: SimulatorProcess) {
  const [there, elsewhere] = [right.receivedFor(decisionId).length, wrong.receivedFor(decisionId).length];
  const text = `${what} in the logs: ${right.region.toUpperCase()} ${there}, ${wrong.region.toUpperCase()} ${elsewhere}`;
  return { text, holds: there === 1 && elsewhere === 0 };
}
