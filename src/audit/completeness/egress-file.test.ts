import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type EgressLine, readEgressFile } from './egress-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-counter-'));
afterAll(() => rmSync(folder, { recursive: true }));

const callId = (n: number) => `01939a5e-0000-7000-8000-${String(n).padStart(12, '0')}`;
const out = (n: number) =>
  JSON.stringify({ at: '', callId: callId(n), cell: 'eu', endpoint: 'eu-1', event: 'out', model: 'm' });
const back = (n: number) =>
  JSON.stringify({ at: '', callId: callId(n), event: 'in', providerRequestId: `req_${n}`, httpStatus: 200 });

async function read(text: string, fromByte = 0) {
  const path = join(folder, 'day.ndjson');
  writeFileSync(path, text);
  const lines: EgressLine[] = [];
  const reading = await readEgressFile(path, fromByte, (line) => lines.push(line));
  return { path, lines, reading };
}

describe('readEgressFile', () => {
  it('reads every line of a long file, and digests exactly what it read', async () => {
    const count = 3_000;
    const text = Array.from({ length: count }, (_, n) => `${out(n)}\n${back(n)}\n`).join('');
    const { lines, reading } = await read(text);
    expect(lines).toHaveLength(2 * count);
    expect(lines.at(-1)).toEqual({
      event: 'in',
      callId: callId(count - 1),
      providerRequestId: `req_${count - 1}`,
    });
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    expect(reading).toEqual({ bytes: text.length, digest, damagedLines: 0, isCut: false });
  });

  it('leaves a line without its end for the next reading, which goes on from there', async () => {
    const { path, lines, reading } = await read(`${out(1)}\n${out(2).slice(0, 40)}`);
    expect(lines).toHaveLength(1);
    expect(reading).toMatchObject({ bytes: out(1).length + 1, damagedLines: 0, isCut: true });
    appendFileSync(path, `${out(2).slice(40)}\n`);
    const later: EgressLine[] = [];
    expect(await readEgressFile(path, reading.bytes, (line) => later.push(line))).toMatchObject({
      isCut: false,
    });
    expect(later).toMatchObject([{ callId: callId(2) }]);
  });

  it('counts what is no line, and still reads the line that grew out of one cut short', async () => {
    const { lines, reading } = await read(
      `${out(1).slice(0, 30)}${out(2)}\nnonsense\n{"at":"","callId":"x","event":"out"}\n${back(2)}\n`,
    );
    expect(lines.map((line) => [line.event, line.callId])).toEqual([
      ['out', callId(2)],
      ['in', callId(2)],
    ]);
    expect(reading.damagedLines).toBe(3);
  });

  it('holds no endless line in memory', async () => {
    const { lines, reading } = await read(`${'x'.repeat(1_000_000)}\n${out(1)}\n`);
    expect(lines).toHaveLength(1);
    expect(reading.damagedLines).toBeGreaterThan(0);
    expect(reading.bytes).toBe(1_000_001 + out(1).length + 1);
  });

  it('takes no file for no lines', async () => {
    const reading = await readEgressFile(join(folder, 'none.ndjson'), 0, () => expect.unreachable());
    expect(reading).toEqual({ bytes: 0, digest: null, damagedLines: 0, isCut: false });
  });
});
