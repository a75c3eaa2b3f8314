import type { ConfigDocument } from './document.ts';
import type { GatewayConfig } from './gateway-schema.ts';
import { readKeySet } from './key-set.ts';
import type { ConfigProblem } from './problem.ts';

/** Key sets that cannot be used, names that two things have, and classes that do not exist. */
export function checkIdentity(document: ConfigDocument<GatewayConfig>, baseFolder: string): ConfigProblem[] {
  return [
    ...checkSigners(document, 'tokens', baseFolder),
    ...checkSigners(document, 'subjectReferences', baseFolder),
    ...checkClassification(document),
  ];
}

function checkSigners(
  document: ConfigDocument<GatewayConfig>,
  part: 'tokens' | 'subjectReferences',
  baseFolder: string,
): ConfigProblem[] {
  const signers = document.value[part] ?? [];
  return signers.flatMap((signer, s) => {
    const problems: ConfigProblem[] = [];
    for (const name of ['id', 'issuer'] as const) {
      if (signers.findIndex((other) => other[name] === signer[name]) === s) continue;
      const message = `"${signer[name]}" stands here twice; one ${name} is one signer`;
      problems.push(document.problem([part, s, name], message));
    }
    const keys = readKeySet(signer.keys, baseFolder);
    if (typeof keys === 'string') problems.push(document.problem([part, s, 'keys'], keys));
    return problems;
  });
}

function checkClassification(document: ConfigDocument<GatewayConfig>): ConfigProblem[] {
  const { classification = [], dataClasses } = document.value;
  return classification.flatMap(({ detects, dataClass }, r) => {
    const problems: ConfigProblem[] = [];
    if (!dataClasses.some(({ id }) => id === dataClass)) {
      const message = `"${dataClass}" is no data class; declare it under dataClasses`;
      problems.push(document.problem(['classification', r, 'dataClass'], message));
    }
    if (classification.findIndex((other) => other.detects === detects) !== r) {
      const message = `"${detects}" stands here twice; keep one`;
      problems.push(document.problem(['classification', r, 'detects'], message));
    }
    return problems;
  });
}
