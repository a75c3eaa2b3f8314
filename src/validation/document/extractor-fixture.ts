import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

/** The child process runs the built program: builds it when it is missing or older than its source. */
export async function ensureExtractorBuilt(): Promise<void> {
  const built = join(root, 'dist/validation/document');
  const source = join(root, 'src/validation/document');
  if (isFresh(built, source)) return;
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  // Errors elsewhere are other tests' business; whether the extractor works is what follows.
  const compiled = await run(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')]).catch(
    (error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }),
  );
  if (!existsSync(join(built, 'extractor.js')))
    throw new Error(`the extractor was not built: ${compiled.stdout}`);
}

function isFresh(built: string, source: string): boolean {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('-fixture.ts'))
    .every((file) => {
      const output = join(built, file.replace(/\.ts$/, '.js'));
      return existsSync(output) && statSync(output).mtimeMs >= statSync(join(source, file)).mtimeMs;
    });
}
