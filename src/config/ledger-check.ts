import { noteAlgorithms, parseVerifierKey } from '../audit/ledger/note.ts';
import type { ConfigDocument } from './document.ts';
import type { GatewayConfig } from './gateway-schema.ts';
import type { ConfigProblem } from './problem.ts';

/** Witnesses whose keys cannot be used, and a quorum that nobody could reach. */
export function checkLedger(document: ConfigDocument<GatewayConfig>): ConfigProblem[] {
  const { witnesses, quorum } = document.value.ledger;
  const problems: ConfigProblem[] = [];
  witnesses.forEach(({ name, key }, w) => {
    const verifier = parseVerifierKey(key);
    const place = ['ledger', 'witnesses', w, 'key'];
    if (verifier?.algorithm !== noteAlgorithms.cosignatureV1) {
      const message = 'this is no verifier key of a witness; take name+hash+key as the witness prints it';
      problems.push(document.problem(place, message));
    } else if (verifier.name !== name) {
      problems.push(document.problem(place, `the key belongs to "${verifier.name}", not to "${name}"`));
    }
    if (witnesses.findIndex((other) => other.name === name) !== w) {
      const message = `"${name}" names two witnesses; keep one`;
      problems.push(document.problem(['ledger', 'witnesses', w, 'name'], message));
    }
  });
  if (quorum > witnesses.length) {
    const message = `${quorum} cosignatures cannot come from ${witnesses.length} witnesses`;
    problems.push(document.problem(['ledger', 'quorum'], message));
  }
  return problems;
}
