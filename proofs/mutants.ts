import { parseArgs } from 'node:util';
import { type Mutant, mutants } from './mutants/mutant.ts';
import { type Killer, StaleMutant, Workshop } from './mutants/workshop.ts';

/*
 * Breaks the router in many ways, each on a copy of the sources, and asks in turn the type checker, the prover on
 * a rich policy, and the tests of the router whether they notice. Fails when a mutant survives, or when a change
 * no longer applies. Run by `npm run proofs:mutants`.
 */

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stderr.write('usage: npm run proofs:mutants -- [--only WORD,WORD] [--json]\n');
  process.exit(2);
}
const progress = (line: string) => process.stderr.write(`${line}\n`);

interface Row {
  readonly mutant: string;
  readonly file: string;
  readonly killedBy: string | null;
  readonly words: string;
}

const workshop = await Workshop.open();
const rows: Row[] = [];
try {
  const wrong = await workshop.killerOfNothing();
  if (wrong !== null) throw new Error(`the sources are not sound as they are: ${wrong.by}: ${wrong.words}`);
  for (const mutant of mutants.filter(isWanted)) {
    const row = await rowOf(mutant);
    rows.push(row);
    progress(`${row.killedBy ?? 'SURVIVED'}: ${row.mutant}`);
  }
} finally {
  await workshop.close();
}
const survivors = rows.filter(({ killedBy }) => killedBy === null).length;
if (values.json)
  process.stdout.write(`${JSON.stringify({ ok: survivors === 0, survivors, mutants: rows }, null, 2)}\n`);
else printTable();
process.exitCode = survivors === 0 && rows.length > 0 ? 0 : 1;

/** A mutant that does not apply any more counts as a survivor: what it broke is no longer watched. */
async function rowOf(mutant: Mutant): Promise<Row> {
  const { name, file } = mutant;
  try {
    const killer: Killer = await workshop.killerOf(mutant);
    return { mutant: name, file, killedBy: killer?.by ?? null, words: killer?.words ?? '' };
  } catch (error) {
    if (!(error instanceof StaleMutant)) throw error;
    return { mutant: name, file, killedBy: null, words: error.message };
  }
}

function isWanted({ name }: Mutant): boolean {
  return values.only.split(',').some((word) => name.includes(word));
}

function printTable(): void {
  const width = Math.max(...rows.map(({ mutant }) => mutant.length));
  for (const { mutant, killedBy, words } of rows) {
    process.stdout.write(
      `${mutant.padEnd(width)}  ${(killedBy ?? 'SURVIVED').padEnd(10)}  ${words.slice(0, 160)}\n`,
    );
  }
  process.stdout.write(`\n${rows.length - survivors} of ${rows.length} mutants are killed.\n`);
}
