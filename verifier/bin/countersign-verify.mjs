#!/usr/bin/env node
import { runProgram } from '../commands/command-line.mjs';
import { consistencyCommand } from '../commands/consistency.mjs';
import { evidenceCommand } from '../commands/evidence.mjs';
import { findCommand } from '../commands/find.mjs';
import { inclusionCommand } from '../commands/inclusion.mjs';
import { keyCommand } from '../commands/key.mjs';
import { ledgerCommand } from '../commands/ledger.mjs';
import { promiseCommand } from '../commands/promise.mjs';
import { segmentCommand } from '../commands/segment.mjs';

const about =
  'countersign-verify: checks the evidence of a Countersign gateway, offline and without trusting it.';
const commands = {
  ledger: ledgerCommand,
  inclusion: inclusionCommand,
  find: findCommand,
  consistency: consistencyCommand,
  evidence: evidenceCommand,
  segment: segmentCommand,
  promise: promiseCommand,
  key: keyCommand,
};

process.exitCode = await runProgram('countersign-verify', about, commands, process.argv.slice(2));
