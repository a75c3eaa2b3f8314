import { describe, expect, it } from 'vitest';
import { isDrawn } from './review-draw.ts';
import { type ReviewPolicy, dueAfterMs, quorumOf, reviewProblems } from './review-policy.ts';
import { tally } from './review-quorum.ts';

const answers = (...verdicts: string[]) =>
  verdicts.map((verdict, i) => ({ verdict, reasonCodes: [`R${i}`, 'ALL'] }));
const policy: ReviewPolicy = { leaseSeconds: 900, dueHours: 48 };

describe('a tally', () => {
  it.each([
    ['nobody has answered', [], { agree: 1, answers: 1 }, 'open'],
    ['one of one', ['a'], { agree: 1, answers: 1 }, 'reached'],
    ['one of two', ['a'], { agree: 2, answers: 2 }, 'open'],
    ['two of two', ['a', 'a'], { agree: 2, answers: 2 }, 'reached'],
    ['two that differ', ['a', 'b'], { agree: 2, answers: 2 }, 'split'],
    ['two of three, early', ['a', 'a'], { agree: 2, answers: 3 }, 'reached'],
    ['one against one of three', ['a', 'b'], { agree: 2, answers: 3 }, 'open'],
    ['three of three verdicts', ['a', 'b', 'c'], { agree: 2, answers: 3 }, 'split'],
    ['a third after a split', ['a', 'b', 'b'], { agree: 2, answers: 2 }, 'reached'],
  ] as const)('%s', (_case, verdicts, quorum, kind) => {
    expect(tally(answers(...verdicts), quorum).kind).toBe(kind);
  });

  it('names at most four reasons of those who agree, the most given first', () => {
    const given = [
      { verdict: 'decline', reasonCodes: ['A', 'B', 'C'] },
      { verdict: 'approve', reasonCodes: ['X'] },
      { verdict: 'decline', reasonCodes: ['D', 'C', 'E'] },
    ];
    expect(tally(given, { agree: 2, answers: 3 })).toEqual({
      kind: 'reached',
      verdict: 'decline',
      reasonCodes: ['C', 'A', 'B', 'D'],
    });
  });
});

describe('a policy', () => {
  it('asks for two where four eyes or an overlap do', () => {
    expect(quorumOf(policy, false)).toEqual({ agree: 1, answers: 1 });
    expect(quorumOf(policy, true)).toEqual({ agree: 2, answers: 2 });
    expect(quorumOf({ ...policy, fourEyes: true }, false)).toEqual({ agree: 2, answers: 2 });
    expect(quorumOf({ ...policy, answers: 3, agree: 2 }, true)).toEqual({ agree: 2, answers: 3 });
  });

  it('counts minutes where they are given', () => {
    expect(dueAfterMs(policy)).toBe(48 * 3_600_000);
    expect(dueAfterMs({ ...policy, slaMinutes: 30 })).toBe(1_800_000);
  });

  it('contradicts itself in ways that are told', () => {
    expect(reviewProblems(policy, ['A'])).toEqual([]);
    expect(reviewProblems({ ...policy, answers: 4, agree: 2 }, [])).toMatchObject([
      { path: ['review', 'agree'] },
    ]);
    expect(reviewProblems({ ...policy, agree: 2 }, [])).toMatchObject([{ path: ['review', 'agree'] }]);
    expect(reviewProblems({ ...policy, reasons: ['A', 'B'] }, ['A'])).toMatchObject([
      { path: ['review', 'reasons'] },
    ]);
  });
});

describe('a draw', () => {
  it('takes the ids whose hash lies in the share, all of them at 1 and none at 0', () => {
    const macOf = (id: string) => Buffer.from(id.padEnd(64, '0'), 'hex');
    expect(isDrawn('00', 0, macOf)).toBe(false);
    expect(isDrawn('ff', 1, macOf)).toBe(true);
    expect(isDrawn('7f', 0.5, macOf)).toBe(true);
    expect(isDrawn('80', 0.5, macOf)).toBe(false);
  });
});
