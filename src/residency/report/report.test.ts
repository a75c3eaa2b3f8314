import { describe, expect, it } from 'vitest';
import {
  endpointFixture,
  july2026Ms,
  mechanismFixture,
  policyFixture,
  ruleFixture,
} from '../policy-fixture.ts';
import { doraColumns, doraCsv, doraRows } from './dora.ts';
import { expiriesOf } from './expiries.ts';
import { lawfulMatrix } from './matrix.ts';

const dayMs = 86_400_000;

describe('the matrix', () => {
  const us = endpointFixture({
    id: 'us-1',
    url: 'https://us.example.com/v1',
    operator: { legalEntity: 'Example Inc', controlledFrom: ['US'] },
    processing: ['US'],
    storage: ['US'],
    support: ['US'],
    telemetry: ['US'],
  });
  const policy = policyFixture({
    endpoints: [endpointFixture(), us],
    mechanisms: [
      mechanismFixture(),
      mechanismFixture({ id: 'eu-us-scc', kind: 'scc', to: ['US'], dataClasses: ['personal'] }),
    ],
    transferRules: [
      ruleFixture(),
      ruleFixture({ id: 'few', dataClass: 'personal', allow: ['scc'], maxSubjectsPerYear: 9 }),
    ],
  });
  const rows = lawfulMatrix(policy, july2026Ms);
  const row = (jurisdiction: string, dataClass: string) =>
    rows.find((one) => one.jurisdiction === jurisdiction && one.dataClass === dataClass);

  it('answers for every jurisdiction, class and purpose that some endpoint offers', () => {
    expect(rows).toHaveLength(2 * 3 * 1);
  });

  it('says on what each endpoint rests, and what ends first', () => {
    expect(row('EU', 'personal')?.endpoints).toEqual([
      {
        id: 'eu-1',
        basis: [{ country: 'DE', mechanism: 'eu-domestic' }],
        counted: [],
        until: '2028-01-01T00:00:00.000Z',
      },
      {
        id: 'us-1',
        basis: [{ country: 'US', mechanism: 'eu-us-scc' }],
        counted: ['few'],
        until: '2028-01-01T00:00:00.000Z',
      },
    ]);
    expect(row('EU', 'special')?.endpoints.map(({ id }) => id)).toEqual(['eu-1']);
  });

  it('says what is in the way where nothing is lawful', () => {
    expect(row('US', 'public')).toMatchObject({
      endpoints: [],
      nearestMisses: [
        { endpoint: 'eu-1', why: 'NO_MECHANISM DE' },
        { endpoint: 'us-1', why: 'NO_MECHANISM US' },
      ],
    });
  });
});

describe('expiries', () => {
  const until = Date.UTC(2028, 0, 1);
  const policy = policyFixture({
    mechanisms: [mechanismFixture({ validUntil: '2028-01-01', fallback: 'next' })],
  });
  const at = (nowMs: number) => expiriesOf(policy, nowMs).map(({ daysLeft, warning }) => [daysLeft, warning]);

  it.each([
    [until - 91 * dayMs, 91, null],
    [until - 90 * dayMs, 90, 90],
    [until - 30 * dayMs - 1, 30, 90],
    [until - 30 * dayMs, 30, 30],
    [until - 7 * dayMs, 7, 7],
    [until - 1, 0, 7],
    [until, 0, 0],
    [until + 1, -1, 0],
  ])('at %i', (nowMs, daysLeft, warning) => {
    expect(at(nowMs)).toEqual([
      [daysLeft, warning],
      [daysLeft, warning],
    ]);
  });

  it('name what ends, and what takes over', () => {
    expect(expiriesOf(policy, july2026Ms).map(({ object, fallback }) => [object, fallback])).toEqual([
      ['contract:eu-1', null],
      ['mechanism:eu-domestic', 'next'],
    ]);
  });
});

describe('rows for the register of information', () => {
  const endpoint = endpointFixture({
    operator: { legalEntity: 'Example, "the" GmbH', lei: '529900T8BM49AURSDO55', controlledFrom: ['DE'] },
    processing: ['DE', 'FR'],
    storage: ['DE'],
    support: ['FR', 'IE'],
    contract: {
      ...endpointFixture().contract,
      ref: '=1+1',
      subprocessors: [{ legalEntity: 'Cloud SE', service: 'hosting', countries: ['FR'] }],
    },
  });

  it('are one for each combination of countries', () => {
    const rows = doraRows({ endpoints: [endpoint] });
    const places = rows.map((row) => [8, 10, 11].map((column) => row[column]).join(' '));
    expect(places).toEqual(['DE DE DE', 'DE DE FR', 'FR DE DE', 'FR DE FR', 'IE DE DE', 'IE DE FR']);
    expect(rows.every((row) => row.length === doraColumns.length)).toBe(true);
    expect(doraColumns[8]).toContain('0130');
    expect(doraColumns[10]).toContain('0150');
    expect(doraColumns[11]).toContain('0160');
  });

  it('are CSV that a spreadsheet reads as text', () => {
    const [head, first] = doraCsv({ endpoints: [endpoint] }).split('\r\n');
    expect(head).toMatch(/^endpoint,B_02\.02\.0010 contract reference,/);
    expect(first).toBe(
      `eu-1,'=1+1,"Example, ""the"" GmbH",529900T8BM49AURSDO55,model inference,2026-01-01,2028-01-01,90,DE,Yes,DE,DE,Cloud SE (hosting: FR)`,
    );
  });
});
