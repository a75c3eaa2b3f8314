// Measures the audit gate by itself: durable appends with and without the ledger, verification, and the time
// to tell the story of a decision at growing sizes. See README.md.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { measureAppends } from './audit/append.mjs';
import { measureShow } from './audit/show.mjs';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'append,show' },
  },
});
const sizes = values.quick ? [1_000, 20_000, 100_000] : [1_000, 100_000, 3_000_000];
const appends = values.quick ? { rounds: 2, seconds: 3 } : { rounds: 6, seconds: 8 };
const progress = (line) => process.stderr.write(`${line}\n`);
const wanted = values.only.split(',');

const machine = () => `${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}`;
progress(machine());
const result = { machine: machine(), node: process.version };
if (wanted.includes('append')) result.append = await measureAppends(appends, progress);
if (wanted.includes('show')) Object.assign(result, await measureShow(sizes, progress));
progress(machine());
if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
else print(result);

function print({ append, show, verify }) {
  const line = (text) => process.stdout.write(`${text}\n`);
  if (append) {
    const { entriesPerSecond, entriesPerSecondWithoutLedger, ledgerCost } = append;
    line(`durable appends of 8 KB: ${entriesPerSecond} entries/s with the ledger`);
    line(
      `  without it ${entriesPerSecondWithoutLedger}; the ledger costs ${(ledgerCost * 100).toFixed(1)} %`,
    );
  }
  for (const { entries, p50Ms, p99Ms } of show ?? []) {
    line(`show at ${entries} entries: p50 ${p50Ms} ms, p99 ${p99Ms} ms`);
  }
  if (!verify) return;
  line(`tree of ${verify.tree.count} leaves from the store: ${verify.tree.perSecond} leaves/s`);
  line(`  from the files, by the auditor's program: ${verify.files.perSecond} leaves/s`);
  line(`everything, ${verify.whole.count} entries decrypted: ${verify.whole.perSecond} entries/s`);
}
