#!/usr/bin/env node
import { runProgram } from '../commands/command-line.mjs';
import { initCommand } from '../commands/witness-init.mjs';
import { serveCommand } from '../commands/witness-serve.mjs';

const about = "countersign-witness: cosigns ledgers' checkpoints after checking that they only grew.";
const commands = { init: initCommand, serve: serveCommand };

process.exitCode = await runProgram('countersign-witness', about, commands, process.argv.slice(2));
