import { Command } from 'commander';
import { loadConfig, type LoadedConfig } from '../config/load.ts';
import { attachCells } from '../gateway/open-cells.ts';
import { fileKeyIds, retireFileKey, rotateFileKeyring } from '../storage/keyring/file-rotation.ts';
import type { KeyringConfig } from '../storage/keyring/keyring-config.ts';
import { type RewrapReport, rewrapKeys, rowsUnderKey } from '../storage/keyring/rewrap.ts';
import { CheckFailed } from './exit.ts';
import { quietLog } from './log.ts';
import { configOption, jsonOption, printJson } from './options.ts';

interface RotateOptions {
  config: string;
  json?: boolean;
  cell?: string;
  newKey: boolean;
}

export function rotateCommand(): Command {
  return new Command('rotate')
    .description('Put the wrapped keys of a cell under a new key of its keyring. No record is touched.')
    .addOption(configOption())
    .addOption(jsonOption())
    .option('--cell <id>', 'this cell only; every hosted cell when left out')
    .option('--no-new-key', 'add no key to a key file: go on with a rotation that was stopped')
    .addHelpText(
      'after',
      `
A key file gets a new key, which running gateways take up within a second. Keys in AWS KMS or Vault are
rotated there; this command then puts everything under the key that is active. It can be stopped and run
again, beside running gateways.`,
    )
    .action(rotate);
}

export function retireCommand(): Command {
  return new Command('retire')
    .description('Remove an old key from a key file, for ever; refused while any row needs it.')
    .addOption(configOption())
    .addOption(jsonOption())
    .requiredOption('--key <id>', 'id of the key, as printed by "keys rotate"')
    .action(retire);
}

async function rotate(options: RotateOptions): Promise<void> {
  const config = loadConfig(options.config);
  const cells = hostedCells(config).filter(({ id }) => options.cell === undefined || id === options.cell);
  if (cells.length === 0) {
    console.error(`no hosted cell is named "${options.cell}"`);
    throw new CheckFailed();
  }
  const files = new Map<string, { active: string; before: string }>();
  for (const path of new Set(cells.flatMap(({ file }) => file ?? []))) {
    if (options.newKey) files.set(path, await rotateFileKeyring(path));
  }
  const results = [];
  const open = await attachCells(config, quietLog);
  try {
    for (const { id, file } of cells) {
      const cell = open.cells.get(id);
      if (!cell) throw new Error(`the cell ${id} is hosted and was not opened`);
      const report = await rewrapKeys(cell.store.query, cell.keyring, id, showProgress(id, options));
      results.push({ cell: id, retirable: (file && files.get(file)?.before) ?? null, ...report });
    }
  } finally {
    await open.close();
  }
  const ok = results.every(({ unreadable }) => unreadable.length === 0);
  if (options.json) printJson({ ok, cells: results });
  else results.forEach(printResult);
  if (!ok) throw new CheckFailed();
}

function showProgress(cell: string, { json }: RotateOptions): (rows: number) => void {
  if (!process.stderr.isTTY || json) return () => undefined;
  return (rows) => void process.stderr.write(`\r${cell}: ${rows} keys`);
}

function printResult(result: RewrapReport & { cell: string; retirable: string | null }): void {
  const { cell, keyId, rewrapped, changedMeanwhile, unreadable, retirable } = result;
  console.log(`${cell}: ${rewrapped} keys put under ${keyId}`);
  if (changedMeanwhile > 0)
    console.log(`  ${changedMeanwhile} were erased or re-wrapped by others meanwhile`);
  for (const id of unreadable) console.log(`  ${id} does not open: altered, or its key is gone`);
  if (retirable !== null) {
    console.log(`  in an hour the old key can go: countersign keys retire --key ${retirable}`);
  }
}

async function retire(options: { config: string; json?: boolean; key: string }): Promise<void> {
  const config = loadConfig(options.config);
  const cells = hostedCells(config);
  const path = await fileOf(options.key, cells);
  if (path === null) {
    console.error(`no key file of a hosted cell has a key "${options.key}"`);
    throw new CheckFailed();
  }
  const open = await attachCells(config, quietLog);
  try {
    // Every hosted cell, not only the one of the file: a store may have been given another file since.
    for (const { id, store } of open.cells.values()) {
      const rows = await rowsUnderKey(store.query, options.key);
      if (rows === 0) continue;
      console.error(`${id}: ${rows} rows need "${options.key}"; run: countersign keys rotate --no-new-key`);
      throw new CheckFailed();
    }
    await retireFileKey(path, options.key);
  } finally {
    await open.close();
  }
  if (options.json) printJson({ retired: options.key });
  else console.log(`retired ${options.key}; destroy the backups of the file that still hold it`);
}

interface HostedCell {
  readonly id: string;
  /** Path of the key file, or null for a key service. */
  readonly file: string | null;
}

function hostedCells(config: LoadedConfig): HostedCell[] {
  return config.gateway.cells
    .filter(({ hosted }) => hosted)
    .map(({ id, keyring }) => ({ id, file: fileIn(keyring, config) }));
}

function fileIn(keyring: KeyringConfig, config: LoadedConfig): string | null {
  return 'file' in keyring ? config.resolvePath(keyring.file) : null;
}

async function fileOf(keyId: string, cells: readonly HostedCell[]): Promise<string | null> {
  for (const path of new Set(cells.flatMap(({ file }) => file ?? []))) {
    if ((await fileKeyIds(path)).includes(keyId)) return path;
  }
  return null;
}
