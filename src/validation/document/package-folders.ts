import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The folders of packages and of all that they need, as a program in `from` would find them. */
export function packageFolders(names: readonly string[], from: string): string[] {
  const folders = new Set<string>();
  for (const name of names) addFolder(name, from, folders);
  return [...folders];
}

function addFolder(name: string, from: string, folders: Set<string>): void {
  const folder = folderOf(name, from);
  // Optional packages are there for some platforms only.
  if (folder === null || folders.has(folder)) return;
  folders.add(folder);
  folders.add(realpathSync(folder));
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const needed = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  for (const each of needed) addFolder(each, realpathSync(folder), folders);
}

/** Packages need not export their manifest, so it is looked for as Node looks for packages. */
function folderOf(name: string, from: string): string | null {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(at) === at) return null;
  }
}
