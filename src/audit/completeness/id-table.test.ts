import { v7 as uuidV7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { Column, IdTable } from './id-table.ts';

describe('IdTable', () => {
  it('numbers ids in the order of their first appearance, as a Map does, through many growths', () => {
    const table = new IdTable();
    const expected = new Map<string, number>();
    for (let n = 0; n < 20_000; n++) {
      const id = uuidV7();
      expected.set(id, n);
      expect(table.findUuid(id)).toBe(-1);
      expect(table.rowOfUuid(id)).toBe(n);
    }
    for (const [id, row] of expected) {
      expect(table.rowOfUuid(id)).toBe(row);
      expect(table.findUuid(id)).toBe(row);
      expect(table.uuidAt(row)).toBe(id);
    }
    expect(table.size).toBe(20_000);
  });

  it('keeps ids apart that agree in everything but one byte, also where the index looks', () => {
    const table = new IdTable();
    const ids = Array.from({ length: 16 }, (_, at) => {
      const bytes = Buffer.alloc(16, 7);
      bytes[at] = 8;
      return bytes;
    });
    expect(ids.map((id) => table.rowOf(id))).toEqual(ids.map((_, row) => row));
    expect(ids.map((id) => table.rowOf(id))).toEqual(ids.map((_, row) => row));
  });
});

describe('Column', () => {
  it('is zero where nothing was set, and keeps what was through its growth', () => {
    const column = new Column('uint16');
    column.set(3, 7);
    column.set(9_000, 65_535);
    expect([column.at(0), column.at(3), column.at(9_000), column.at(100_000)]).toEqual([0, 7, 65_535, 0]);
  });
});
