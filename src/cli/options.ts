import { Option } from 'commander';

/** `--config`, the same for every command. */
export function configOption(): Option {
  return new Option('-c, --config <file>', 'countersign.yaml')
    .env('COUNTERSIGN_CONFIG')
    .default('countersign.yaml');
}

export function jsonOption(): Option {
  return new Option('--json', 'print one JSON object instead of text');
}

export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}
