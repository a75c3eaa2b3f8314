import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type AccessReason, accessReasons, caseReference } from '../../audit/access.ts';
import type { Variant } from '../../audit/evidence/telling.ts';
import type { LedgerObserver } from '../../audit/ledger/settings.ts';
import { findEntries } from '../../audit/repository.ts';
import { loadConfig } from '../../config/load.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { digestOf } from '../../decision/canonical.ts';
import { CountersignError } from '../../decision/errors.ts';
import { type DecisionId, parseDecisionId } from '../../decision/ids.ts';
import { exportEvidence } from '../../gateway/exporting.ts';
import { attachCells } from '../../gateway/open-cells.ts';
import type { Cell } from '../../gateway/rooms.ts';
import { bundleName } from '../../gateway/routes/evidence.ts';
import { createValidationGate } from '../../validation/gate.ts';
import { createOutputFilter } from '../../validation/output-filter.ts';
import { defaultValidationPolicy } from '../../validation/policy.ts';
import { CheckFailed } from '../exit.ts';
import { quietLog } from '../log.ts';
import { configOption, jsonOption, printJson } from '../options.ts';

interface Options {
  config: string;
  json?: boolean;
  decision: DecisionId;
  redacted?: boolean;
  out?: string;
  reason: AccessReason;
  case?: string;
}

/** `countersign audit export`: the evidence bundle of one decision, as a file. */
export function exportCommand(): Command {
  return new Command('export')
    .description(
      'Write everything that proves one decision into a zip for an auditor. The export is recorded.',
    )
    .addOption(configOption())
    .addOption(jsonOption())
    .requiredOption('--decision <id>', 'UUIDv7 of the decision', readDecisionId)
    .option('--redacted', 'without the data of others: for a data subject or a counterparty')
    .option('--out <file>', 'file to write; countersign-<decision>.zip when left out')
    .addOption(new Option('--reason <code>', 'why it is exported').choices(accessReasons).default('unstated'))
    .option('--case <reference>', 'reference of your own case: no names, no spaces', readCase)
    .addHelpText(
      'after',
      `
Examples:
  countersign audit export --decision 0199f6d2-6f1e-7c3a-9a55-0b7d3a2f4c11 --reason regulator --case BaFin-2026-17
  countersign audit export --decision 0199f6d2-6f1e-7c3a-9a55-0b7d3a2f4c11 --redacted --reason data-subject \\
    --out to-the-subject.zip

The bundle says in VERIFY.md how to check it without this program. Read a redacted one before you hand it on.`,
    )
    .action(run);
}

function readDecisionId(text: string): DecisionId {
  const id = parseDecisionId(text);
  if (id === null) throw new InvalidArgumentError('A decision id is a UUIDv7 with hyphens.');
  return id;
}

function readCase(text: string): string {
  if (!caseReference.test(text)) {
    throw new InvalidArgumentError('A reference has up to 64 letters, digits and "._/-".');
  }
  return text;
}

async function run(options: Options): Promise<void> {
  const config = loadConfig(options.config);
  const variant: Variant = options.redacted ? 'redacted' : 'full';
  const file = options.out ?? bundleName(options.decision, variant);
  const open = await attachCells(config, quietLog);
  try {
    for (const cell of open.cells.values()) {
      const first = (await findEntries(cell.store, options.decision))[0]?.header;
      if (!first) continue;
      const bytes = await exportFrom(cell, config, options, { variant, tenant: first.tenant });
      // It holds what the record holds: nobody else on this machine has to read it.
      writeFileSync(file, bytes, { mode: 0o600 });
      report(options, { file, variant, bytes });
      return;
    }
    console.error(`no hosted cell has a decision ${options.decision}`);
    throw new CheckFailed();
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    console.error(error.message);
    throw new CheckFailed();
  } finally {
    await open.close();
  }
}

async function exportFrom(
  cell: Cell,
  config: LoadedConfig,
  options: Options,
  of: { variant: Variant; tenant: string },
): Promise<Buffer> {
  const policy = config.gateway.validation ?? defaultValidationPolicy;
  // Documents are read again, and nothing is judged: for that no model has to be loaded.
  const { onnx: _, ...reading } = policy;
  const gates = {
    validation: createValidationGate({ policy: reading }),
    outputFilter: createOutputFilter(policy),
  };
  // A running gateway leads, and this waits in vain; without one, the entry of this export needs its leaf.
  const leadership = cell.store.lead('sequencer', (term) => cell.ledger.sequence(term, silent));
  try {
    return await exportEvidence(
      cell,
      {
        gates,
        witnessKeys: config.gateway.ledger.witnesses.map(({ key }) => key),
        nowMs: () => Date.now(),
      },
      {
        ...of,
        decisionId: options.decision,
        by: `cli/${userInfo().uid}`,
        reason: options.reason,
        caseReference: options.case ?? null,
      },
    );
  } finally {
    await leadership.stop();
    await gates.validation.close();
  }
}

const ignore = () => undefined;
/** `audit ledger status` tells how a ledger stands; here only the receipt counts. */
const silent: LedgerObserver = {
  leading: ignore,
  refused: ignore,
  signed: ignore,
  caughtUp: ignore,
  published: ignore,
  witnessed: ignore,
  unwitnessed: ignore,
  witnessRefused: ignore,
};

function report(options: Options, written: { file: string; variant: Variant; bytes: Buffer }): void {
  const { file, variant, bytes } = written;
  const digest = digestOf(bytes);
  if (options.json) printJson({ decisionId: options.decision, variant, file, bytes: bytes.length, digest });
  else {
    console.log(`${file}: ${variant} evidence of ${options.decision}, ${bytes.length} bytes, ${digest}`);
    console.log('VERIFY.md inside says how to check it. The export is recorded.');
  }
}
