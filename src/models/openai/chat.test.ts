import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chatRequest, readChatAnswer, writeChatAnswer } from './chat.ts';

const completion = (message: unknown, more: object = {}, choice: object = {}) =>
  Buffer.from(
    JSON.stringify({
      id: 'x',
      created: 7,
      model: 'm-1',
      choices: [{ index: 0, message, finish_reason: 'stop', ...choice }],
      usage: { prompt_tokens: 3, completion_tokens: 4 },
      ...more,
    }),
  );

describe('a chat request', () => {
  it('lets the decision type’s parameters win, and never streams', () => {
    const body = chatRequest({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      parameters: { temperature: 0 },
      rest: { temperature: 2, stream: true, model: 'other' },
      logprobs: true,
    });
    expect(JSON.parse(body.toString())).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      temperature: 0,
      logprobs: true,
      stream: false,
    });
  });
});

describe('a chat answer', () => {
  it('is read into what the gates look at', () => {
    const answer = readChatAnswer(completion({ role: 'assistant', content: 'yes' }));
    expect(answer).toMatchObject({ text: 'yes', model: 'm-1', usage: { inputTokens: 3, outputTokens: 4 } });
  });

  it('is none with two choices: the second would be an answer that no gate has seen', () => {
    const choices = [{ message: { content: 'good' } }, { message: { content: 'unseen' } }];
    expect(readChatAnswer(completion(null, { choices }))).toBeNull();
  });

  it('is never a reason to throw, whatever bytes came', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void readChatAnswer(Buffer.from(bytes))));
    fc.assert(
      fc.property(fc.jsonValue(), (value) => void readChatAnswer(Buffer.from(JSON.stringify(value)))),
    );
    fc.assert(fc.property(fc.jsonValue(), (value) => void readChatAnswer(completion(value))));
  });

  it('keeps a vendor’s words out of fields that go into plain headers', () => {
    const answer = readChatAnswer(
      completion({ content: 'x' }, { model: 'Jane Doe, IBAN DE89' }, { finish_reason: 'Jane' }),
    );
    expect(answer).toMatchObject({ model: '', finishReason: 'stop' });
  });

  it('is released with known fields only', () => {
    const bytes = completion(
      { content: 'ok', reasoning_content: 'hidden', audio: { data: '…' } },
      { system_fingerprint: 'f' },
    );
    const answer = readChatAnswer(bytes);
    if (!answer) throw new Error('no answer');
    const written = JSON.stringify(writeChatAnswer('id-1', answer, { text: 'ok', toolCalls: [] }));
    expect(written).not.toMatch(/hidden|audio|fingerprint/);
    expect(JSON.parse(written)).toMatchObject({ id: 'id-1', choices: [{ message: { content: 'ok' } }] });
  });
});
