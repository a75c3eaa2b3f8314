import { describe, expect, it } from 'vitest';
import { generateApplications } from '../../simulator/applications.ts';
import { KeyedHash } from './keyed-hash.ts';
import { heated, heatAt, rungAt } from './ladder.ts';
import { Monitors, type Observation } from './monitors.ts';
import { probingSettings } from './settings.ts';
import { likeness, nearKeys, sketchOf } from './sketch.ts';

const hash = new KeyedHash(Buffer.from('a key of a cell'));
const otherHash = new KeyedHash(Buffer.from('the key of another cell'));
const startMs = Date.parse('2026-11-22T10:00:00Z');
const settings = probingSettings({ mode: 'enforce', warmupInputs: 400 });
const base = {
  reference: 'app-1-000001',
  purpose: 'car',
  amount: 12_000,
  termMonths: 36,
  annualIncome: 41_000,
  monthlyDebtPayments: 380,
  employmentMonths: 50,
};
const keysOf = (input: unknown) => nearKeys(sketchOf(input, hash), hash, () => false);
const shared = (one: unknown, other: unknown) => {
  const keys = new Set(keysOf(one).fields);
  return keysOf(other).fields.filter((key) => keys.has(key)).length;
};

function sent(input: unknown, more: Partial<Observation> & { outcome?: string } = {}): Observation {
  const { outcome = 'approve', ...rest } = more;
  return {
    tenant: 'acme',
    decisionType: 'credit',
    caller: 'key-1',
    subject: null,
    sketch: sketchOf(input, hash),
    result: { outcome, unwelcome: outcome !== 'approve' },
    refused: false,
    throttled: false,
    atMs: startMs,
    ...rest,
  };
}

describe('a sketch', () => {
  it('meets inputs that differ in one field, or a little in all, and no others', () => {
    expect(shared(base, { ...base, amount: 30_000 })).toBeGreaterThan(0);
    const nudged = { ...base, amount: 12_060, annualIncome: 41_150, monthlyDebtPayments: 381 };
    expect(shared(base, nudged)).toBeGreaterThan(0);
    expect(shared(base, { ...base, amount: 30_000, annualIncome: 90_000 })).toBe(0);
  });

  it('does not see references: a repeated case under another one is the same', () => {
    expect(keysOf({ ...base, reference: 'app-7-993311' }).exact).toBe(keysOf(base).exact);
    expect(keysOf({ ...base, amount: 12_001 }).exact).not.toBe(keysOf(base).exact);
  });

  it('is another under another key', () => {
    const [one] = sketchOf(base, hash).fields;
    expect(sketchOf(base, otherHash).fields.map(({ place }) => place)).not.toContain(one?.place);
  });

  it('finds a text told in other words alike, and another text not', () => {
    const text =
      'Our bicycle was stolen from the cellar last night and the lock had been cut through cleanly';
    const words = (value: string) => sketchOf([value], hash).words as Uint32Array;
    expect(likeness(words(text), words(text.replace('cleanly', 'neatly')))).toBeGreaterThan(0.6);
    const other = 'A storm tore tiles off the roof so that rain came into two bedrooms of the house';
    expect(likeness(words(text), words(other))).toBeLessThan(0.4);
  });
});

describe('the ladder', () => {
  const at = { nowMs: startMs, halfLifeMs: 60_000 };
  const sign = { strength: 3, monitor: 'near-duplicates', size: 80 } as const;

  it('is climbed one rung at a time, however strong a sign is', () => {
    const first = heated(null, sign, at);
    const second = heated(first, sign, at);
    const third = heated(second, sign, at);
    expect([first, second, third].map((heat) => rungAt(heat, startMs, 60_000))).toEqual([
      'coarse',
      'throttle',
      'review',
    ]);
  });

  it('is come down by good conduct', () => {
    const heat = { level: 3.5, atMs: startMs, monitor: 'near-duplicates', size: 80 } as const;
    expect(heatAt(heat, startMs + 60_000, 60_000)).toBeCloseTo(1.75);
    expect(rungAt(heat, startMs + 60_000, 60_000)).toBe('coarse');
    expect(rungAt(heat, startMs + 120_000, 60_000)).toBe('none');
  });

  it('is not climbed on no sign', () => {
    expect(heated(null, { ...sign, strength: 0.9 }, at)).toBeNull();
  });
});

describe('the monitors', () => {
  const amounts = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ ...base, amount: 5_000 + 400 * i }));
  const flip = (i: number) => (i % 2 === 0 ? 'approve' : 'decline');

  it('see a walk with flips, from one caller or from ten, and hold it against the walk and who took part', () => {
    for (const accounts of [1, 10]) {
      const monitors = new Monitors(settings, hash);
      const steps = amounts(120).flatMap((input, i) =>
        monitors.observe(sent(input, { caller: `key-${i % accounts}`, outcome: flip(i) })),
      );
      expect(steps.filter(({ of }) => of === 'cluster').map(({ rung }) => rung)).toEqual([
        'coarse',
        'throttle',
        'review',
      ]);
      const stranger = sent({ ...base, amount: 9_999 }, { caller: 'key-new' });
      expect(monitors.standing(stranger, startMs)).toMatchObject({ rung: 'review', of: 'cluster' });
      const own = sent({ ...base, annualIncome: 9_000, amount: 90, termMonths: 6 }, { caller: 'key-0' });
      expect(monitors.standing(own, startMs).rung).not.toBe('none');
    }
  });

  it('leave alone: a repeated case, a walk without flips that is welcome, and a few what-ifs', () => {
    const monitors = new Monitors(settings, hash);
    const repeated = Array.from({ length: 300 }, () => sent(base, { caller: 'load' }));
    const steady = amounts(100).map((input) => sent({ ...input, purpose: 'boat' }, { caller: 'steady' }));
    const whatIf = amounts(12).map((input, i) =>
      sent({ ...input, termMonths: 72 }, { caller: 'what-if', outcome: flip(i) }),
    );
    expect([...repeated, ...steady, ...whatIf].flatMap((one) => monitors.observe(one))).toEqual([]);
  });

  it('see uniform cases after a warm-up by the tenant itself, and no usual ones', () => {
    const monitors = new Monitors(settings, hash);
    const usual = generateApplications({ seed: 5, count: 900 }).map(({ application }) => application);
    const honest = usual.flatMap((input, i) => monitors.observe(sent(input, { caller: `branch-${i % 6}` })));
    expect(honest).toEqual([]);
    const uniform = Array.from({ length: 60 }, (_, i) => ({
      ...usual[0],
      amount: 500 + ((i * 7_919) % 90_000),
      annualIncome: 5_000 + ((i * 104_729) % 150_000),
      monthlyDebtPayments: (i * 611) % 4_000,
      employmentMonths: (i * 97) % 400,
      creditHistoryMonths: (i * 131) % 480,
      utilisationPercent: (i * 37) % 110,
      missedPayments24Months: i % 6,
      enquiries6Months: (i * 5) % 7,
    }));
    const steps = uniform.flatMap((input) => monitors.observe(sent(input, { caller: 'thief' })));
    expect(steps.map(({ caller, rung }) => `${caller} ${rung}`)).toContain('thief throttle');
  });

  it('lead no further than the first rung on refusals alone', () => {
    const monitors = new Monitors(settings, hash);
    const steps = Array.from({ length: 60 }, (_, i) =>
      sent([i], { refused: true, outcome: 'refused' }),
    ).flatMap((one) => monitors.observe(one));
    expect(steps.map(({ monitor, rung }) => `${monitor} ${rung}`)).toEqual(['refusals coarse']);
  });

  describe('of a throttled caller', () => {
    const gone = { outcome: null, unwelcome: false };
    /** A caller that has just come to the second rung, by a walk. */
    function throttled() {
      const monitors = new Monitors(settings, hash);
      for (const [i, input] of amounts(300).entries()) {
        monitors.observe(sent(input, { outcome: flip(i) }));
        if (monitors.standing(sent(base), startMs).rung === 'throttle') return monitors;
      }
      throw new Error('never throttled');
    }
    const far = (i: number) => ({
      ...base,
      annualIncome: 9_000 + 4_000 * i,
      amount: 90 + 997 * i,
      termMonths: 6,
    });
    const tries = (
      monitors: Monitors,
      count: number,
      of: (i: number) => unknown,
      atMs: (i: number) => number,
    ) => {
      for (let i = 0; i < count; i += 1)
        monitors.observe(sent(of(i), { result: gone, throttled: true, atMs: atMs(i) }));
    };

    it('do not forget who goes on, and lead to the last rung', () => {
      const monitors = throttled();
      const atMs = (i: number) => startMs + (i + 1) * 30 * 60_000;
      tries(monitors, 7, far, atMs);
      expect(monitors.standing(sent(far(90)), atMs(6))).toMatchObject({ rung: 'throttle', of: 'caller' });
      tries(
        monitors,
        1,
        () => far(91),
        () => atMs(7),
      );
      expect(monitors.standing(sent(far(90)), atMs(7)).rung).toBe('throttle');
      tries(
        monitors,
        12,
        (i) => far(30 + i),
        (i) => atMs(8) + i,
      );
      expect(monitors.standing(sent(far(90)), atMs(8)).rung).toBe('review');
    });

    it('forget who only tries the same again, or waits', () => {
      const monitors = throttled();
      const atMs = (i: number) => startMs + (i + 1) * 30 * 60_000;
      tries(monitors, 8, () => far(1), atMs);
      expect(monitors.standing(sent(far(90)), atMs(7)).rung).toBe('coarse');
      expect(throttled().standing(sent(far(90)), atMs(7)).rung).toBe('coarse');
    });
  });

  it('keep tenants apart', () => {
    const monitors = new Monitors(settings, hash);
    amounts(120).forEach((input, i) => monitors.observe(sent(input, { outcome: flip(i) })));
    expect(monitors.standing(sent(base, { tenant: 'other' }), startMs).rung).toBe('none');
  });
});
