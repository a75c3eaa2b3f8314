// How fast a ledger is verified: by the gateway from its store, and by the auditor's program from the files.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { verifierKey } from '../../dist/audit/ledger/note.js';
import { LogCheck } from '../../dist/audit/verification/log-check.js';
import { findCheckpoints, findHeads } from '../../dist/audit/verification/repository.js';
import { verifyCell } from '../../dist/audit/verification/verify.js';

const verifier = join(import.meta.dirname, '../../verifier/bin/countersign-verify.mjs');

/** Every leaf, tile and the root of the newest log, read from the store. */
export async function verifyTree(bench, ledger) {
  const heads = await findHeads(bench.store);
  const head = heads.at(-1);
  const problems = [];
  const tree = new LogCheck({
    store: bench.store,
    head,
    log: ledger.verifier(head.period),
    report: (problem) => problems.push(problem),
  });
  const startedMs = performance.now();
  let leaves = 0;
  for await (const bundle of tree.bundles([head.size])) leaves += bundle.leaves.length / 64;
  const newest = (await findCheckpoints(bench.store, head.period, head.size - 1, 1))[0];
  await tree.finish(newest, []);
  return result(leaves, startedMs, problems);
}

/** The same from the published files, by a program that shares no code with the gateway. */
export async function verifyFiles(bench, ledger) {
  const period = await ledger.currentPeriod();
  const folder = join(bench.folder, 'ledger', 'eu', period);
  const args = [verifier, 'ledger', folder, '--key', verifierKey(ledger.verifier(period)), '--json'];
  const startedMs = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 24 });
  const { size } = JSON.parse(stdout);
  return result(size, startedMs, []);
}

/** Everything: also every entry decrypted and compared with its seal. */
export async function verifyAll(bench, ledger) {
  const startedMs = performance.now();
  const { entries, problems } = await verifyCell({
    store: bench.store,
    keys: bench.keys,
    logKey: (period) => ledger.verifier(period),
  });
  return result(entries, startedMs, problems);
}

function result(count, startedMs, problems) {
  if (problems.length > 0) throw new Error(`verification found ${JSON.stringify(problems[0])}`);
  const seconds = (performance.now() - startedMs) / 1_000;
  return { count, perSecond: Math.round(count / seconds) };
}
