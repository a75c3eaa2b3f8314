import { describe, expect, it } from 'vitest';
import { similarityOf } from './similarity.ts';

describe('the similarity of two texts', () => {
  it.each([
    ['', '', 1],
    ['approve', 'approve', 1],
    ['{"recommendation":"approve"}', 'Recommendation: approve!', 1],
    ['', 'something', 0],
    ['the claim is paid', 'nothing of the kind', 0],
    // the-claim-is and claim-is-paid, against the-claim-is and claim-is-refused: one of three
    ['the claim is paid', 'the claim is refused', 0.3333],
    ['Der Schaden wurde gemeldet', 'der schaden wurde gemeldet', 1],
  ])('of "%s" and "%s" is %f', (one, other, value) => {
    expect(similarityOf(one, other).value).toBe(value);
    expect(similarityOf(other, one).value).toBe(value);
  });
});
