import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** @type {string[]} */
const made = [];

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is removed after the tests of the file. */
export function makeFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-verifier-'));
  made.push(folder);
  return folder;
}
