import { financeSet } from './index.ts';

/* Prints the finance set as JSON lines: `npx tsx training/finance-set/write.ts > finance.jsonl`. */

for (const row of financeSet()) process.stdout.write(`${JSON.stringify(row)}\n`);
