import { describe, expect, it } from 'vitest';
import { InvariantError } from '../decision/errors.ts';
import { createLattice } from './lattice.ts';

const diamond = createLattice([
  { id: 'public', parents: [] },
  { id: 'payment', parents: ['public'] },
  { id: 'health', parents: ['public'] },
  { id: 'both', parents: ['payment', 'health'] },
]);

describe('lattice', () => {
  it('orders a class above all of its ancestors and beside the others', () => {
    expect(diamond.atMost('public', 'both')).toBe(true);
    expect(diamond.atMost('both', 'both')).toBe(true);
    expect(diamond.atMost('both', 'health')).toBe(false);
    expect(diamond.atMost('payment', 'health')).toBe(false);
  });

  it('has no order for a class it does not know', () => {
    expect(diamond.atMost('unknown', 'both')).toBe(false);
    expect(diamond.atMost('unknown', 'unknown')).toBe(false);
  });

  it('joins two classes in the least class above both', () => {
    expect(diamond.join('public', 'health')).toBe('health');
    expect(diamond.join('payment', 'health')).toBe('both');
    expect(diamond.join('both', 'both')).toBe('both');
  });

  it('fails closed where there is no join, or two compete', () => {
    const forked = createLattice([
      { id: 'a', parents: [] },
      { id: 'b', parents: [] },
    ]);
    expect(() => forked.join('a', 'b')).toThrow(InvariantError);
    expect(() => forked.join('a', 'unknown')).toThrow(InvariantError);
    const competing = createLattice([
      { id: 'a', parents: [] },
      { id: 'b', parents: [] },
      { id: 'x', parents: ['a', 'b'] },
      { id: 'y', parents: ['a', 'b'] },
    ]);
    expect(() => competing.join('a', 'b')).toThrow(InvariantError);
  });

  it('ends on a circle', () => {
    const circle = createLattice([
      { id: 'a', parents: ['b'] },
      { id: 'b', parents: ['a'] },
    ]);
    expect(circle.atMost('a', 'b')).toBe(true);
  });
});
