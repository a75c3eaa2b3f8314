import type { ColumnType } from './binary-array.ts';

/** A table as group commit writes to it: constants of the code, never input. */
export interface TableSpec {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  /** `keep`: a row that violates a unique constraint is left out silently, for content-addressed rows. */
  readonly onConflict?: 'keep';
}

export interface Insert {
  readonly table: TableSpec;
  /** One value per column, in their order. */
  readonly row: readonly unknown[];
}

/** Rows that become durable together or not at all. */
export interface Unit {
  readonly inserts: readonly Insert[];
}
