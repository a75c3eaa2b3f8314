import { prove } from '../../src/residency/prover/prove.ts';
import { richPolicy } from '../../src/residency/prover/rich-policy-fixture.ts';

/* Run on a copy of the sources, broken or not: prints the proof of the rich policy. */

const proof = prove(richPolicy, {
  assertions: [],
  attempts: 3,
  nowMs: Date.UTC(2026, 10, 22),
  depth: 'reachable',
});
process.stdout.write(JSON.stringify(proof));
