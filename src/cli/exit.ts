import { CommanderError } from 'commander';
import { ConfigError } from '../config/problem.ts';
import { SecretError } from '../config/secret.ts';
import { StageError } from '../story/stage-error.ts';
import { FleetStartError } from '../gateway/fleet.ts';
import { StorageSetupError, StoreUnavailableError } from '../storage/errors.ts';
import { KeyringError } from '../storage/keyring/keyring.ts';

export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** Something was checked and does not hold; the command has printed what. */
export class CheckFailed extends Error {
  override name = 'CheckFailed';
  readonly exitCode: number;

  constructor(exitCode: number = exitCodes.failed) {
    super();
    this.exitCode = exitCode;
  }
}

/** The last word of a command that failed: what is wrong and, where it helps, what to do. */
export function reportFailure(error: unknown): void {
  process.exitCode = exitCodeOf(error);
  // Commander has printed its own message already.
  if (error instanceof CommanderError || error instanceof CheckFailed) return;
  const expected =
    error instanceof ConfigError ||
    error instanceof SecretError ||
    error instanceof StorageSetupError ||
    error instanceof StoreUnavailableError ||
    error instanceof KeyringError ||
    error instanceof FleetStartError ||
    error instanceof StageError ||
    (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  if (error instanceof Error && expected) console.error(error.message);
  else console.error(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  return error instanceof CheckFailed ? error.exitCode : exitCodes.usage;
}
