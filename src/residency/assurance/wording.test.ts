import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
/** Whatever tells people about the places of endpoints. */
const told = [
  ...filesOf('src/residency/assurance'),
  ...filesOf('src/residency/report'),
  'src/gateway/routes/residency-evidence.ts',
  'src/gateway/routes/residency-reports.ts',
  'src/cli/residency/evidence.ts',
  'src/cli/residency/report.ts',
  'docs/run-time-evidence.md',
];

describe('the word "verified"', () => {
  it('is only ever said together with vendor-logged', () => {
    const wrong = told.flatMap((path) =>
      readFileSync(join(root, path), 'utf8')
        .split(/\n\s*\n/)
        .filter((paragraph) => /\bverified\b/i.test(paragraph) && !paragraph.includes('vendor-logged'))
        .map((paragraph) => `${path}: ${paragraph.slice(0, 80)}`),
    );
    expect(told.length).toBeGreaterThan(15);
    expect(wrong).toEqual([]);
  });
});

function filesOf(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => !name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`);
}
