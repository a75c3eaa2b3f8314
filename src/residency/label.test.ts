import { describe, expect, it } from 'vitest';
import { InvariantError } from '../decision/errors.ts';
import { createLabeller, type LabelRequest, type LabelVerdict } from './label.ts';
import { policyFixture } from './policy-fixture.ts';

const { jurisdictions, dataClasses } = policyFixture();
const labeller = createLabeller({
  jurisdictions: [...jurisdictions, { id: 'UK', countries: ['GB'] }],
  dataClasses,
  cells: [
    { id: 'eu', jurisdictions: ['EU', 'UK'], hosted: true, address: 'https://eu.gateway.example' },
    { id: 'us', jurisdictions: ['US'], hosted: false, address: 'https://us.gateway.example' },
  ],
  decisionTypes: new Map([['credit', { dataClass: 'personal' }]]),
});

interface Case {
  jurisdictions?: string[];
  dataClasses?: string[];
  jurisdiction?: string | string[];
  dataClass?: string | string[];
  references?: LabelRequest['references'];
}
function label(given: Case): LabelVerdict {
  const request: LabelRequest = {
    grants: { jurisdictions: given.jurisdictions ?? ['EU'], dataClasses: given.dataClasses ?? ['special'] },
    headers: { jurisdiction: given.jurisdiction, dataClass: given.dataClass },
    decisionType: 'credit',
    ...(given.references === undefined ? {} : { references: given.references }),
  };
  return labeller.label(request);
}
function reasonOf(verdict: LabelVerdict): string {
  return verdict.kind === 'refuse' ? verdict.verdict.reasons[0] : 'passed';
}

describe('label', () => {
  it('takes jurisdiction from the grant and class from the decision type', () => {
    expect(label({})).toEqual({
      kind: 'pass',
      label: {
        jurisdiction: 'EU',
        countries: ['DE', 'FR'],
        dataClass: 'personal',
        cell: 'eu',
        jurisdictionSource: 'grant',
        dataClassSource: 'decision-type',
      },
    });
  });

  it('lets a header choose among the granted jurisdictions and raise the class', () => {
    const verdict = label({ jurisdictions: ['UK', 'EU'], jurisdiction: 'EU', dataClass: 'special' });
    expect(verdict).toMatchObject({
      label: {
        jurisdiction: 'EU',
        dataClass: 'special',
        jurisdictionSource: 'header',
        dataClassSource: 'header',
      },
    });
  });

  it.each<[string, Case, string]>([
    ['no jurisdiction granted', { jurisdictions: [] }, 'LABEL_MISSING'],
    ['several granted and none chosen', { jurisdictions: ['EU', 'UK'] }, 'LABEL_MISSING'],
    ['a header without any grant', { jurisdictions: [], jurisdiction: 'EU' }, 'LABEL_UNGRANTED'],
    ['a jurisdiction that was not granted', { jurisdictions: ['EU'], jurisdiction: 'US' }, 'LABEL_UNGRANTED'],
    ['an unknown jurisdiction', { jurisdiction: 'eu' }, 'LABEL_CONFLICT'],
    ['an empty jurisdiction', { jurisdiction: '' }, 'LABEL_CONFLICT'],
    [
      'two jurisdictions in one header',
      { jurisdictions: ['EU', 'UK'], jurisdiction: 'EU, UK' },
      'LABEL_CONFLICT',
    ],
    ['the header twice', { jurisdiction: ['EU', 'EU'] }, 'LABEL_CONFLICT'],
    ['a granted jurisdiction that is not configured', { jurisdictions: ['CH'] }, 'LABEL_CONFLICT'],
    ['a class below the decision type', { dataClass: 'public' }, 'LABEL_CONFLICT'],
    ['an unknown class', { dataClass: 'secret' }, 'LABEL_CONFLICT'],
    ['two classes', { dataClass: ['personal', 'special'] }, 'LABEL_CONFLICT'],
    ['a class above the grant', { dataClasses: ['personal'], dataClass: 'special' }, 'LABEL_UNGRANTED'],
    ['a decision type above the grant', { dataClasses: ['public'] }, 'LABEL_UNGRANTED'],
  ])('refuses %s', (_name, given, reason) => {
    const verdict = label(given);
    expect(reasonOf(verdict)).toBe(reason);
    expect(verdict).toMatchObject({
      kind: 'refuse',
      verdict: { kind: 'refuse', gate: 'label' },
      cellAddress: null,
    });
  });

  it('counts a jurisdiction granted twice as one', () => {
    expect(label({ jurisdictions: ['EU', 'EU'] }).kind).toBe('pass');
  });

  it('sends a label of another cell to its address', () => {
    expect(label({ jurisdictions: ['US'] })).toMatchObject({
      kind: 'refuse',
      verdict: { reasons: ['CELL_ELSEWHERE'] },
      cellAddress: 'https://us.gateway.example',
    });
  });

  it('repeats nothing that a header held', () => {
    const verdict = label({ jurisdiction: 'Jane Doe', dataClass: 'Jane Doe' });
    expect(JSON.stringify(verdict)).not.toContain('Jane');
  });

  it('does not guess the class of an unknown decision type', () => {
    const grants = { jurisdictions: ['EU'], dataClasses: ['special'] };
    const headers = { jurisdiction: undefined, dataClass: undefined };
    expect(() => labeller.label({ grants, headers, decisionType: 'loan' })).toThrow(InvariantError);
  });
});

describe('raise', () => {
  const verdict = label({});
  if (verdict.kind !== 'pass') throw new Error('the fixture has no label');
  const personal = verdict.label;

  it('raises to a detected class and says where it came from', () => {
    expect(labeller.raise(personal, 'special')).toEqual({
      ...personal,
      dataClass: 'special',
      dataClassSource: 'detected',
    });
  });

  it('never lowers', () => {
    expect(labeller.raise(personal, 'public')).toBe(personal);
  });

  it('fails closed on a class that the policy lacks', () => {
    expect(() => labeller.raise(personal, 'secret')).toThrow(InvariantError);
  });
});

describe('subject references', () => {
  const all = ['EU', 'UK', 'US'];
  const about = (jurisdiction: string, dataClass: string | null = null) => ({ jurisdiction, dataClass });

  it('settle the jurisdiction, and the least class of it', () => {
    const verdict = label({ jurisdictions: all, references: [about('UK', 'special')] });
    expect(verdict).toMatchObject({
      label: {
        jurisdiction: 'UK',
        dataClass: 'special',
        jurisdictionSource: 'reference',
        dataClassSource: 'reference',
      },
    });
    expect(verdict.kind === 'pass' && 'others' in verdict.label).toBe(false);
  });

  it('of several subjects name every jurisdiction once, in configured order', () => {
    const references = [about('UK'), about('EU'), about('UK')];
    expect(label({ jurisdictions: all, references })).toMatchObject({
      label: { jurisdiction: 'EU', others: ['UK'], dataClassSource: 'decision-type' },
    });
  });

  it('may be repeated by a header, raised by it, and not contradicted', () => {
    const references = [about('UK')];
    const same = label({ jurisdictions: all, references, jurisdiction: 'UK', dataClass: 'special' });
    expect(same).toMatchObject({ label: { jurisdictionSource: 'reference', dataClassSource: 'header' } });
    const conflicts: Case[] = [
      { jurisdiction: 'EU' },
      { references: [about('UK'), about('EU')], jurisdiction: 'EU' },
      { references: [about('XX')] },
      { references: [about('UK', 'ghost')] },
      { references: [about('UK', 'special')], dataClass: 'personal' },
      { references: [about('UK'), about('US')] },
    ];
    for (const given of conflicts)
      expect(reasonOf(label({ jurisdictions: all, references, ...given }))).toBe('LABEL_CONFLICT');
  });

  it('open nothing that was not granted', () => {
    expect(reasonOf(label({ jurisdictions: ['EU'], references: [about('UK')] }))).toBe('LABEL_UNGRANTED');
    expect(reasonOf(label({ jurisdictions: ['EU'], references: [about('EU'), about('UK')] }))).toBe(
      'LABEL_UNGRANTED',
    );
    const references = [about('EU', 'special')];
    expect(reasonOf(label({ dataClasses: ['personal'], references }))).toBe('LABEL_UNGRANTED');
  });

  it('of a cell that is elsewhere lead there', () => {
    expect(label({ jurisdictions: all, references: [about('US')] })).toMatchObject({
      verdict: { reasons: ['CELL_ELSEWHERE'] },
      cellAddress: 'https://us.gateway.example',
    });
  });
});
