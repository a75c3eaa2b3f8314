import { describe, expect, it } from 'vitest';
import { checkCall } from './call-check.ts';
import type { Tool, Toolbox, ToolConfig } from './declaration.ts';
import { offerTools } from './offer.ts';
import { compileParameters } from './parameters.ts';

const parameters = {
  type: 'object',
  properties: { to: {}, note: { type: 'string' } },
  required: ['to'],
  additionalProperties: false,
} as const;

function tool(id: string, more: Partial<ToolConfig> = {}): Tool {
  const config: ToolConfig = {
    id,
    description: id,
    effect: 'write',
    parameters,
    arguments: { to: { taint: 'trusted-only', as: 'account' }, note: { taint: 'any' } },
    result: 'untrusted',
    runs: { kind: 'caller' },
    ...more,
  };
  return { config, matchesParameters: compileParameters(config.parameters), code: null };
}
const all = [
  tool('pay'),
  tool('look', {
    effect: 'read',
    runs: {
      kind: 'javascript',
      file: 'look.js',
      limits: { timeoutMs: 1, outputBytes: 1, memoryBytes: 1, stackBytes: 1 },
    },
  }),
  tool('book', {
    runs: { kind: 'http', endpoint: 'e', path: '/p', limits: { timeoutMs: 1, outputBytes: 1 } },
  }),
];
const toolbox: Toolbox = {
  policy: {
    allow: ['pay', 'look', 'book'],
    roundsMax: 1,
    untrusted: ['document', 'tool_result'],
    onViolation: 'refuse',
  },
  tools: new Map(all.map((one) => [one.config.id, one])),
};
const trusted = ['to 12345678'];
const offer = offerTools(toolbox, new Set(['chat']), new Set(['pay']));
const check = (name: string, args: unknown, given = offer) =>
  checkCall(
    { name, arguments: typeof args === 'string' ? args : JSON.stringify(args) },
    toolbox,
    given,
    trusted,
  );

describe('the offer', () => {
  it('is the allow-list, with tools of the application where the request brings them', () => {
    expect(offer).toEqual({ offered: ['pay', 'look', 'book'], withheld: [] });
    expect(offerTools(toolbox, new Set(['chat']), new Set()).offered).toEqual(['look', 'book']);
  });

  it('is narrowed to reading by text of an untrusted surface, and by no other', () => {
    for (const surface of ['document', 'tool_result'] as const)
      expect(offerTools(toolbox, new Set(['chat', surface]), new Set(['pay']))).toEqual({
        offered: ['look'],
        withheld: ['pay', 'book'],
      });
    expect(offerTools(toolbox, new Set(['retrieved']), new Set(['pay'])).withheld).toEqual([]);
  });

  it('is empty without a toolbox', () => {
    expect(offerTools(null, new Set(), new Set(['pay']))).toEqual({ offered: [], withheld: [] });
  });
});

describe('a call', () => {
  it('is admitted with its arguments written again: a doubled key hides nothing', () => {
    const admitted = check('pay', '{"to":"99999999","to":"12345678"}');
    expect(admitted).toMatchObject({ kind: 'admitted', arguments: '{"to":"12345678"}' });
    expect(check('pay', '{"to":"12345678","to":"99999999"}')).toMatchObject({
      reason: 'TOOL_ARGUMENT_TAINTED',
    });
  });

  it.each([
    ['text', '12345678'],
    ['number', 12345678],
    ['list', ['12345678', '1234-5678']],
    ['object', { account: '12345678', deep: [{ number: 12345678 }] }],
    ['nothing', null],
  ])('is admitted where all of it is vouched for: %s', (_name, to) => {
    expect(check('pay', { to }).kind).toBe('admitted');
  });

  it.each([
    ['a list with one stranger', ['12345678', '99999999']],
    ['a stranger deep inside', { account: '12345678', deep: [{ number: 99999999 }] }],
  ])('is stopped by %s', (_name, to) => {
    expect(check('pay', { to })).toEqual({
      kind: 'stopped',
      reason: 'TOOL_ARGUMENT_TAINTED',
      detail: 'pay: to',
    });
  });

  it('is stopped by its name, by what was withdrawn, and by its schema', () => {
    expect(check('shell', {})).toMatchObject({ reason: 'TOOL_NOT_ALLOWED' });
    expect(check('toString', {})).toMatchObject({ reason: 'TOOL_NOT_ALLOWED' });
    expect(check('__proto__', {})).toMatchObject({ reason: 'TOOL_NOT_ALLOWED' });
    expect(check('Pay', { to: '12345678' })).toMatchObject({ reason: 'TOOL_NOT_ALLOWED' });
    const narrowed = offerTools(toolbox, new Set(['document']), new Set(['pay']));
    expect(check('pay', { to: '12345678' }, narrowed)).toMatchObject({ reason: 'TOOL_WITHDRAWN' });
    for (const args of [
      '',
      'null',
      '[]',
      '"x"',
      '{',
      '{"note":"x"}',
      '{"to":1,"__proto__":{}}',
      '{"to":1,"x":1}',
    ])
      expect(check('pay', args)).toMatchObject({ reason: 'TOOL_ARGUMENTS_INVALID' });
  });

  it('is told without a word of what the model wrote', () => {
    const stopped = check('pay', { to: 'DE99 secret' });
    expect(JSON.stringify(stopped)).not.toContain('secret');
    expect(JSON.stringify(check('secret_tool', {}))).not.toContain('secret');
  });
});
