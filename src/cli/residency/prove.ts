import { Command } from 'commander';
import { loadConfig } from '../../config/load.ts';
import { proveInThreads } from '../../residency/prover/parallel.ts';
import type { Proof } from '../../residency/prover/prove.ts';
import type { Stranded } from '../../residency/prover/stranded.ts';
import { CheckFailed } from '../exit.ts';
import { configOption, jsonOption, printJson } from '../options.ts';

export function proveCommand(): Command {
  return new Command('prove')
    .description(
      'Run the router through every state of the configuration; name each route that must not be, and what strands whom.',
    )
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
States: time interval × jurisdiction × data class × purpose × model × outages. Every endpoint that the router
contacts is held against a second reading of the policy and against the assertions of countersign.yaml.

Example:
  countersign residency prove --config examples/countersign.yaml --json`,
    )
    .action(prove);
}

async function prove({ config, json }: { config: string; json?: boolean }): Promise<void> {
  const { gateway } = loadConfig(config);
  const proof = await proveInThreads(gateway, {
    assertions: gateway.assertions ?? [],
    attempts: gateway.limits.attempts,
    nowMs: Date.now(),
    depth: 'full',
  });
  if (json) printJson(proof);
  else printProof(proof);
  if (proof.violations.length > 0) throw new CheckFailed();
}

function printProof({ states, violations, stranded, elapsedMs, policyDigest, limits }: Proof): void {
  const verdict = violations.length === 0 ? 'every one is safe' : `${violations.length} things do not hold`;
  console.log(`${states.toLocaleString('en')} states in ${(elapsedMs / 1000).toFixed(1)} s: ${verdict}.`);
  console.log(`policy ${policyDigest}`);
  for (const limit of limits) console.log(`limited: ${limit}`);
  for (const { statement, sentence } of violations) console.log(`\n${statement}: ${sentence}`);
  if (stranded.length > 0) console.log('\nWithout a route when these are out:');
  for (const row of stranded) console.log(`  ${strandedText(row)}`);
}

function strandedText({ jurisdiction, dataClass, purpose, model, from, until, outages }: Stranded): string {
  const demand = [jurisdiction, dataClass, purpose, model ?? '-'].join(' / ');
  const out = outages.map((ids) => (ids.length === 0 ? 'nothing: there is no route' : ids.join(' + ')));
  return `${from} to ${until ?? 'ever after'}  ${demand}: ${out.join(', or ')}`;
}
