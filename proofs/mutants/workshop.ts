import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutant } from './mutant.ts';

const root = join(import.meta.dirname, '../..');
const copied = [
  'src',
  'test',
  'proofs/mutants',
  'examples',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];
const stepTimeoutMs = 300_000;

/** Tests of the router and of the door; the ones that need no database. */
const tests = ['lawful.test.ts', 'lawful.property.test.ts', 'rank.test.ts', 'egress.test.ts'].map(
  (file) => `src/residency/${file}`,
);

/** What noticed a mutant, with its words; null when nothing did. */
export type Killer = { readonly by: 'type error' | 'prover' | 'test'; readonly words: string } | null;

/** A change of a mutant whose text does not stand in the sources any more, or not once. */
export class StaleMutant extends Error {
  override name = 'StaleMutant';
}

interface Run {
  readonly ok: boolean;
  readonly output: string;
}

/** A copy of the sources that may be broken; the tree itself is never touched. */
export class Workshop {
  readonly #folder: string;
  /** What the type checker says about the sources as they are. */
  #known: ReadonlySet<string> = new Set();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<Workshop> {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-mutants-'));
    await mkdir(join(folder, 'proofs'), { recursive: true });
    for (const path of copied) await cp(join(root, path), join(folder, path), { recursive: true });
    for (const path of ['node_modules', 'dist']) await symlink(join(root, path), join(folder, path));
    const workshop = new Workshop(folder);
    workshop.#known = new Set(errorLines(await workshop.#typecheck()));
    return workshop;
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }

  /** What notices the sources as they are: it must be nothing. */
  async killerOfNothing(): Promise<Killer> {
    return this.#judge();
  }

  /** @throws StaleMutant when a change no longer applies */
  async killerOf(mutant: Mutant): Promise<Killer> {
    const path = join(this.#folder, 'src/residency', mutant.file);
    const sound = await readFile(path, 'utf8');
    await writeFile(path, broken(sound, mutant));
    try {
      return await this.#judge();
    } finally {
      await writeFile(path, sound);
    }
  }

  async #judge(): Promise<Killer> {
    const news = errorLines(await this.#typecheck()).find((line) => !this.#known.has(line));
    if (news !== undefined) return { by: 'type error', words: news };
    const proof = await this.#run('tsx', ['proofs/mutants/prove-rich.ts']);
    if (!proof.ok) return { by: 'prover', words: firstLine(proof.output) };
    const { violations } = JSON.parse(proof.output) as { violations: { sentence: string }[] };
    const [shortest] = violations;
    if (shortest !== undefined) return { by: 'prover', words: shortest.sentence };
    const tested = await this.#run('vitest', ['run', '--maxWorkers=1', '--bail=1', ...tests]);
    return tested.ok ? null : { by: 'test', words: failedTest(tested.output) };
  }

  #typecheck(): Promise<Run> {
    return this.#run('tsc', ['-p', 'tsconfig.json', '--noEmit', '--pretty', 'false']);
  }

  #run(program: string, words: readonly string[]): Promise<Run> {
    const file = join(root, 'node_modules/.bin', program);
    const options = {
      cwd: this.#folder,
      maxBuffer: 64 * 1024 * 1024,
      timeout: stepTimeoutMs,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    };
    return new Promise((resolve) => {
      execFile(file, words, options, (error, stdout, stderr) => {
        resolve({ ok: error === null, output: stdout === '' ? stderr : stdout });
      });
    });
  }
}

function broken(sound: string, { name, changes }: Mutant): string {
  return changes.reduce((text, { from, to }) => {
    if (text.split(from).length !== 2) throw new StaleMutant(`"${name}" does not apply any more: ${from}`);
    // A function, so that no $ of the code is taken for a pattern.
    return text.replace(from, () => to);
  }, sound);
}

function errorLines({ output }: Run): string[] {
  return output.split('\n').filter((line) => line.includes('error TS'));
}

function failedTest(output: string): string {
  return (
    output
      .split('\n')
      .find((line) => /^\s*(FAIL|×)/.test(line))
      ?.trim() ?? 'a test failed'
  );
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
