import { InvalidArgumentError } from 'commander';
import { caseReference } from '../../audit/access.ts';
import { findFirstEntry } from '../../audit/retention/repository.ts';
import { type LoadedConfig, loadConfig } from '../../config/load.ts';
import type { EntryHeader } from '../../decision/entry.ts';
import { type DecisionId, parseDecisionId } from '../../decision/ids.ts';
import { attachCells } from '../../gateway/open-cells.ts';
import type { Cell } from '../../gateway/rooms.ts';
import { CheckFailed } from '../exit.ts';
import { quietLog } from '../log.ts';

/** Who acts at the machine itself, as entries name them. */
export const operator = `cli/${process.getuid?.() ?? 'unknown'}`;

/** Opens the cells for one command, beside a running gateway or without one. */
export async function withCells<Result>(
  configFile: string,
  work: (cells: readonly Cell[], config: LoadedConfig) => Promise<Result>,
): Promise<Result> {
  const config = loadConfig(configFile);
  const open = await attachCells(config, quietLog);
  try {
    return await work([...open.cells.values()], config);
  } finally {
    await open.close();
  }
}

/** The hosted cells, or the named one. @throws CheckFailed when it is not hosted here */
export function chosenCells(cells: readonly Cell[], wanted: string | undefined): readonly Cell[] {
  const chosen = cells.filter((cell) => wanted === undefined || cell.id === wanted);
  return chosen.length > 0 ? chosen : fail(`no hosted cell is called ${wanted}`);
}

/** The cell of a decision, its first header and its key. @throws CheckFailed when no hosted cell has it */
export async function decisionIn(
  cells: readonly Cell[],
  decisionId: DecisionId,
): Promise<{ readonly cell: Cell; readonly first: EntryHeader; readonly keyId: string | null }> {
  for (const cell of cells) {
    const found = await findFirstEntry(cell.store, decisionId);
    if (found) return { cell, first: found.header, keyId: found.keyId };
  }
  return fail(`no hosted cell has a decision ${decisionId}`);
}

export function fail(message: string): never {
  console.error(message);
  throw new CheckFailed();
}

export function decisionArgument(text: string): DecisionId {
  const id = parseDecisionId(text);
  if (id === null) throw new InvalidArgumentError('An id is a UUIDv7: 32 hexadecimal digits with hyphens.');
  return id;
}

export function caseArgument(text: string): string {
  if (!caseReference.test(text)) throw new InvalidArgumentError('A case is a reference without spaces.');
  return text;
}

/** Parses one of a closed list of codes. */
export function codeArgument<Code extends string>(codes: readonly Code[]): (text: string) => Code {
  return (text) => {
    const code = codes.find((known) => known === text);
    if (code === undefined) throw new InvalidArgumentError(`It is one of ${codes.join(', ')}.`);
    return code;
  };
}
