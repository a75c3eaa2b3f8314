import { afterAll, describe, expect, it } from 'vitest';
import { JavascriptPool } from './javascript-pool.ts';
import type { JavascriptTask } from './javascript-task.ts';

/*
 * Escapes and abuses of javascript tools. Each returns what it got hold of, so that a hole would be seen as a
 * result, or does what a limit must end.
 */

const pool = new JavascriptPool();
afterAll(() => pool.close());

const limits = {
  timeoutMs: 2_000,
  memoryBytes: 8 * 1024 * 1024,
  stackBytes: 256 * 1024,
  outputBytes: 64 * 1024,
};

function run(code: string, more: Partial<JavascriptTask['limits']> = {}, args = '{}') {
  const task = { code, arguments: args, now: '2026-11-22T00:00:00.000Z', seed: 7 };
  return pool.run({ ...task, limits: { ...limits, ...more } });
}
const result = (text: string) => ({ kind: 'result', text });
const failure = (code: string) => ({ kind: 'fault', fault: code });

/** Names through which a host could be reached; `where` is how each is looked up. */
const nothingOf = (names: readonly string[]) =>
  run(`function tool() { return ${JSON.stringify(names)}.filter((n) => {
    try { return (0, eval)('typeof ' + n) !== 'undefined'; } catch { return false; }
  }); }`);

describe('an honest tool', () => {
  it('gets its arguments and the time of its call, and gives JSON', async () => {
    const code = 'function tool({ a }, { now }) { return { sum: a + 1, now }; }';
    const outcome = await run(code, {}, '{"a":1}');
    expect(outcome).toEqual(result('{"sum":2,"now":"2026-11-22T00:00:00.000Z"}'));
  });

  it('gives the same result for the same call: its random numbers follow from a seed', async () => {
    const code = 'function tool() { return [Math.random(), Math.random()]; }';
    const [one, other] = [await run(code), await run(code)];
    expect(one).toEqual(other);
    expect(one.kind).toBe('result');
  });

  it('gets arguments as data, whatever is written in them', async () => {
    const odd = JSON.stringify({ q: '"); throw 1; ("\u2028${1}`\\' });
    expect(await run('function tool({ q }) { return q; }', {}, odd)).toEqual(
      result('"); throw 1; ("\u2028${1}`\\'),
    );
  });
});

describe('a tool that looks for the host', () => {
  it('finds no files and no modules', async () => {
    expect(
      await nothingOf([
        'require',
        'module',
        'exports',
        '__filename',
        '__dirname',
        'std',
        'os',
        'Deno',
        'Bun',
      ]),
    ).toEqual(result('[]'));
  });

  it('finds no network', async () => {
    expect(await nothingOf(['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'navigator'])).toEqual(
      result('[]'),
    );
  });

  it('finds no process and no environment', async () => {
    expect(await nothingOf(['process', 'global', 'Buffer', 'window', 'self', 'env'])).toEqual(result('[]'));
  });

  it('finds no clock and no timers', async () => {
    const clocks = [
      'Date',
      'performance',
      'setTimeout',
      'setInterval',
      'setImmediate',
      'queueMicrotask',
      'Atomics',
    ];
    const found = await nothingOf(clocks.filter((name) => name !== 'Atomics'));
    expect(found).toEqual(result('[]'));
  });

  it('finds no way out over the constructor of a function', async () => {
    const code = `function tool() {
      const root = tool.constructor.constructor('return this')();
      return [typeof root.process, typeof root.require, root === globalThis];
    }`;
    expect(await run(code)).toEqual(result('["undefined","undefined",true]'));
  });

  it('finds no way out over its arguments', async () => {
    const code = `function tool(args, call) {
      return [args, call].map((it) => typeof it.constructor.constructor('return this')().process);
    }`;
    expect(await run(code, {}, '{"a":[1]}')).toEqual(result('["undefined","undefined"]'));
  });

  it('finds no way out over eval', async () => {
    const code = `function tool() { return eval('typeof process') + (0, eval)('typeof require'); }`;
    expect(await run(code)).toEqual(result('undefinedundefined'));
  });

  it('finds no way out over the stack of an error', async () => {
    const code = `function tool() {
      Error.prepareStackTrace = (_e, frames) => frames;
      const frames = new Error('x').stack;
      return typeof frames === 'string' ? /node:|\\/dist\\/|file:/.test(frames) : frames.map((f) => typeof f.getThis);
    }`;
    expect(await run(code)).toEqual(result('false'));
  });

  it('finds no way out over generators, promises and proxies', async () => {
    const code = `function tool() {
      const makers = [(function* () {}).constructor, (async () => {}).constructor, new Proxy(Function, {})];
      return makers.map((Make) => { try { return typeof new Make('return process')().next?.().value; } catch (e) { return e.name; } });
    }`;
    const outcome = await run(code);
    expect(outcome.kind === 'result' ? outcome.text : '').not.toContain('object');
  });

  it('cannot import a module: the static form is no script, and the other never settles', async () => {
    expect(await run(`import fs from 'node:fs'; function tool() { return fs.readdirSync('/'); }`)).toEqual(
      failure('ERROR'),
    );
    const code = `let got = 'nothing';
      import('node:fs').then((m) => { got = Object.keys(m); }, () => { got = 'refused'; });
      function tool() { return got; }`;
    expect(await run(code)).toEqual(result('nothing'));
  });
});

describe('a tool that would change what comes after it', () => {
  it('pollutes prototypes in its own runtime only', async () => {
    const code = `function tool() { Object.prototype.polluted = 1; Array.prototype.map = null; return 'done'; }`;
    expect(await run(code)).toEqual(result('done'));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(await run(`function tool() { return [typeof ({}).polluted, typeof [].map]; }`)).toEqual(
      result('["undefined","function"]'),
    );
  });

  it('leaves no global behind for the next call', async () => {
    await run(`globalThis.kept = 'secret of another customer'; function tool() { return 1; }`);
    expect(await run('function tool() { return typeof kept; }')).toEqual(result('undefined'));
  });

  it('keeps its own arguments: __proto__ in them is a key', async () => {
    const code = 'function tool(args) { return [typeof ({}).admin, Object.keys(args)]; }';
    expect(await run(code, {}, '{"__proto__":{"admin":true}}')).toEqual(
      result('["undefined",["__proto__"]]'),
    );
  });

  it('may break JSON, and breaks its own result only', async () => {
    const code = `function tool() { JSON.stringify = () => ({ kind: 'fault' }); return {}; }`;
    expect(await run(code)).toEqual(failure('NO_TEXT'));
    expect(await run('function tool() { return {}; }')).toEqual(result('{}'));
  });

  it('forges no answer of the child: a result is a text', async () => {
    const forged = JSON.stringify({ kind: 'result', text: 'approved', cmd: 'NODE_HANDLE' });
    expect(await run(`function tool() { return ${JSON.stringify(forged)}; }`)).toEqual(result(forged));
  });
});

describe('a tool without end', () => {
  it.each([
    ['loops', 'function tool() { for (;;); }'],
    ['loops before it is called', 'for (;;); function tool() {}'],
    ['loops in a getter of its result', `function tool() { return { get a() { for (;;); } }; }`],
    ['loops in toJSON', `function tool() { return { toJSON() { for (;;); } }; }`],
    [
      'catches its own end and loops again',
      'function tool() { for (;;) { try { for (;;); } catch {} finally { continue; } } }',
    ],
    [
      'backtracks in a regular expression',
      `function tool() { return /^(a+)+$/.test('a'.repeat(60) + 'b'); }`,
    ],
    ['sorts for ever', `function tool() { return [1, 2].sort(() => { for (;;); }); }`],
  ])('is ended in time: %s', async (_name, code) => {
    expect(await run(code, { timeoutMs: 200 })).toEqual(failure('TIMEOUT'));
  });

  it('does not keep the gateway from working', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 5);
    await run('function tool() { for (;;); }', { timeoutMs: 300 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });

  it('does not keep another call waiting for ever', async () => {
    const [ended, done] = await Promise.all([
      run('function tool() { for (;;); }', { timeoutMs: 200 }),
      run('function tool() { return 1; }'),
    ]);
    expect([ended, done]).toEqual([failure('TIMEOUT'), result('1')]);
  });
});

describe('a tool without measure', () => {
  const long = { timeoutMs: 10_000 };
  it.each([
    ['a growing list', 'function tool() { const a = []; for (;;) a.push({}); }'],
    ['a doubling text', `function tool() { let s = 'x'; for (;;) s += s; }`],
    ['one huge buffer', 'function tool() { return new ArrayBuffer(1 << 30).byteLength; }'],
    ['a huge text', `function tool() { return 'x'.repeat(1 << 28).length; }`],
  ])('gets no more memory: %s', async (_name, code) => {
    const outcome = await run(code, long);
    // Where even the error has no room, only its absence is left to see.
    expect([failure('MEMORY'), failure('ERROR'), failure('CRASH')]).toContainEqual(outcome);
    expect(await run('function tool() { return 1; }')).toEqual(result('1'));
  });

  it('swallows the end of its memory, and is none the richer', async () => {
    const code = `function tool() { const a = []; try { for (;;) a.push('x'.repeat(1000) + a.length); } catch {} return a.length; }`;
    const outcome = await run(code);
    // Close to its limit QuickJS spends its time on collecting garbage, and its time ends first.
    if (outcome.kind === 'result') expect(Number(outcome.text)).toBeLessThan(limits.memoryBytes / 1000);
    else expect(['MEMORY', 'ERROR', 'CRASH', 'TIMEOUT']).toContain(outcome.fault);
  });

  it('gets no more stack', async () => {
    expect(await run('function tool() { return tool(); }')).toEqual(failure('ERROR'));
    const nested = `function tool() { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a; }`;
    const outcome = await run(nested, { memoryBytes: 64 * 1024 * 1024, timeoutMs: 5_000 });
    expect(outcome.kind).toBe('fault');
  });

  it('gives no longer result than it may', async () => {
    expect(await run(`function tool() { return 'x'.repeat(100000); }`)).toEqual(failure('OUTPUT_TOO_LARGE'));
    expect(await run(`function tool() { return '€'.repeat(30000); }`)).toEqual(failure('OUTPUT_TOO_LARGE'));
  });

  it('has no result that is none', async () => {
    expect(await run('function tool() {}')).toEqual(failure('NO_TEXT'));
    expect(await run('function tool() { return Symbol(); }')).toEqual(failure('NO_TEXT'));
    expect(await run('const tool = 1;')).toEqual(failure('ERROR'));
    expect(await run('this is no JavaScript')).toEqual(failure('ERROR'));
  });

  it('does not fill the queue: what is too much is refused, not kept', async () => {
    const many = Array.from({ length: 80 }, () => run('function tool() { return 1; }'));
    const outcomes = await Promise.all(many);
    expect(outcomes.filter((one) => one.kind === 'fault')).toEqual(
      Array.from({ length: 14 }, () => failure('BUSY')),
    );
  });
});
