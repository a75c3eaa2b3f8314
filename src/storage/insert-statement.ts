import { encodeColumn } from './binary-array.ts';
import type { Statement } from './connections.ts';
import type { Insert, TableSpec, Unit } from './table.ts';

/**
 * Turns units into one statement: a single round trip, and a transaction of its own. There is one prepared
 * statement for each set of tables, whatever the number of rows, because a column travels as one array.
 */
export function createInsertStatements(): (units: readonly Unit[]) => Statement {
  const numbers = new Map<TableSpec, number>();
  const texts = new Map<string, { name: string; text: string }>();

  const numberOf = (table: TableSpec): number => {
    const known = numbers.get(table);
    if (known !== undefined) return known;
    numbers.set(table, numbers.size);
    return numbers.size - 1;
  };

  return (units) => {
    const groups = groupByTable(units);
    const tables = [...groups.keys()].sort((a, b) => numberOf(a) - numberOf(b));
    const key = tables.map(numberOf).join('-');
    let statement = texts.get(key);
    if (statement === undefined) {
      statement = { name: `commit-${key}`, text: statementText(tables) };
      texts.set(key, statement);
    }
    const values = tables.flatMap((table) =>
      table.columns.map(({ type }, column) => encodeColumn(type, groups.get(table) ?? [], column)),
    );
    return { ...statement, values };
  };
}

function groupByTable(units: readonly Unit[]): Map<TableSpec, Insert['row'][]> {
  const groups = new Map<TableSpec, Insert['row'][]>();
  for (const unit of units) {
    for (const { table, row } of unit.inserts) {
      const rows = groups.get(table);
      if (rows === undefined) groups.set(table, [row]);
      else rows.push(row);
    }
  }
  return groups;
}

function statementText(tables: readonly TableSpec[]): string {
  let parameter = 0;
  const inserts = tables.map((table) => {
    const columns = table.columns.map(({ name }) => name).join(', ');
    const arrays = table.columns.map(({ type }) => `$${(parameter += 1)}::${type}[]`).join(', ');
    const conflict = table.onConflict === 'keep' ? ' ON CONFLICT DO NOTHING' : '';
    return `INSERT INTO ${table.name} (${columns}) SELECT * FROM unnest(${arrays})${conflict}`;
  });
  if (inserts.length === 1) return inserts.join('');
  return `WITH ${inserts.map((insert, index) => `t${index} AS (${insert})`).join(', ')} SELECT`;
}
