import { expect, it } from 'vitest';
import { type EgressResult, Exchange } from './exchange.ts';

function setUp() {
  const results: EgressResult[] = [];
  const aborts: string[] = [];
  const exchange = new Exchange({ responseBytesMax: 100, lastWord: () => null }, (result) =>
    results.push(result),
  );
  const controller = { abort: (reason: Error) => aborts.push(reason.message) };
  return { exchange, controller, results, aborts };
}

it('stops a client that starts to write the same request again', () => {
  const { exchange, controller, results, aborts } = setUp();
  exchange.onRequestStart(controller);
  exchange.onRequestStart(controller);
  expect(aborts).toEqual(['RESEND']);
  expect(results).toMatchObject([{ kind: 'fault', fault: 'RESEND', sent: true }]);
});

it('keeps a request that timed out in the queue from being sent later', () => {
  const { exchange, controller, results, aborts } = setUp();
  exchange.stop('TIMEOUT');
  exchange.onRequestStart(controller);
  expect(aborts).toHaveLength(1);
  expect(results).toMatchObject([{ kind: 'fault', fault: 'TIMEOUT', sent: false }]);
});

it('settles once, with what came first', () => {
  const { exchange, controller, results } = setUp();
  exchange.onRequestStart(controller);
  exchange.onResponseStart(controller, 100, {});
  exchange.onResponseStart(controller, 200, {});
  exchange.onResponseData(controller, Buffer.from('ok'));
  exchange.onResponseEnd();
  exchange.onResponseError(controller, new Error('late'));
  exchange.stop('TIMEOUT');
  expect(results).toMatchObject([{ kind: 'answer', httpStatus: 200, body: Buffer.from('ok') }]);
});

it('names a fault without a code, and repeats no message', () => {
  const { exchange, controller, results } = setUp();
  exchange.onRequestStart(controller);
  exchange.onResponseError(controller, Object.assign(new Error('Jane Doe'), { code: 'jane doe' }));
  expect(results).toMatchObject([{ kind: 'fault', fault: 'UNKNOWN' }]);
  expect(JSON.stringify(results)).not.toContain('ane');
});
