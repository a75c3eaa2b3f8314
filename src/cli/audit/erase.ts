import { Command } from 'commander';
import {
  type Erasure,
  type ErasureReason,
  erasureReasons,
  requestErasure,
} from '../../audit/retention/erasure.ts';
import { findKeyOwner } from '../../audit/retention/repository.ts';
import type { DecisionId } from '../../decision/ids.ts';
import { erasurePorts } from '../../gateway/erasing.ts';
import type { Cell } from '../../gateway/rooms.ts';
import { CheckFailed } from '../exit.ts';
import { configOption, jsonOption, printJson } from '../options.ts';
import {
  caseArgument,
  chosenCells,
  codeArgument,
  decisionArgument,
  decisionIn,
  fail,
  operator,
  withCells,
} from './operator.ts';

interface EraseOptions {
  config: string;
  json?: boolean;
  tenant: string;
  cell?: string;
  subject?: string;
  decision?: DecisionId;
  reason: ErasureReason;
  case?: string;
}

interface Target {
  readonly cell: Cell;
  readonly keyId: string;
  readonly decisionId: DecisionId | null;
}

export function eraseCommand(): Command {
  return new Command('erase')
    .description('Erase a subject, or a decision that named none, as soon as laws and holds allow.')
    .addOption(configOption())
    .addOption(jsonOption())
    .requiredOption('--tenant <tenant>', 'whose records')
    .option('--subject <subject>', 'the subject to erase')
    .option('--decision <id>', 'the decision to erase', decisionArgument)
    .option('--cell <id>', 'this cell only; every hosted cell when left out')
    .requiredOption('--reason <code>', `why: ${erasureReasons.join(', ')}`, codeArgument(erasureReasons))
    .option('--case <reference>', 'reference of the case; no names', caseArgument)
    .addHelpText(
      'after',
      '\nExit code 1: a legal hold is in the way. A running term only schedules the erasure.',
    )
    .action(erase);
}

async function erase(options: EraseOptions): Promise<void> {
  await withCells(options.config, async (cells, config) => {
    const erasures = [];
    for (const { cell, keyId, decisionId } of await targetsOf(cells, options)) {
      const erasure = await requestErasure(erasurePorts(config, cell, Date.now), {
        tenant: options.tenant,
        keyId,
        decisionId,
        reason: options.reason,
        caseReference: options.case ?? null,
        by: operator,
      });
      erasures.push({ cell: cell.id, ...erasure });
    }
    if (options.json) printJson({ erasures });
    else for (const erasure of erasures) print(erasure);
    if (erasures.some((erasure) => erasure.status === 'held')) throw new CheckFailed();
  });
}

async function targetsOf(cells: readonly Cell[], options: EraseOptions): Promise<Target[]> {
  const { subject, decision, tenant } = options;
  if ((subject === undefined) === (decision === undefined)) fail('name either --subject or --decision');
  if (decision !== undefined) return [await targetOfDecision(cells, decision, tenant)];
  const targets: Target[] = [];
  for (const cell of chosenCells(cells, options.cell)) {
    const keyId = await cell.keys.keyIdOf(tenant, subject ?? '');
    if (keyId !== null) targets.push({ cell, keyId, decisionId: null });
  }
  return targets.length > 0 ? targets : fail('no hosted cell has records of this subject');
}

async function targetOfDecision(
  cells: readonly Cell[],
  decisionId: DecisionId,
  tenant: string,
): Promise<Target> {
  const { cell, first, keyId } = await decisionIn(cells, decisionId);
  if (first.tenant !== tenant) fail(`the decision ${decisionId} is not of tenant ${tenant}`);
  const owner = keyId === null ? null : await findKeyOwner(cell.store, keyId);
  if (keyId === null || owner === null) return fail('the decision holds no personal data any more');
  if (owner.subjectMac !== null)
    fail('the decision shares its key with others of its subject: erase the subject');
  return { cell, keyId, decisionId };
}

function print({ cell, erasureId, status, steps }: Erasure & { cell: string }): void {
  console.log(`${cell}: ${status} (erasure ${erasureId})`);
  for (const { time, action, ...facts } of steps)
    console.log(`  ${time}  ${String(action)}  ${JSON.stringify(facts)}`);
}
