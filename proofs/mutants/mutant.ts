/** One way to break the router: small textual changes in one file of src/residency. */
export interface Mutant {
  readonly name: string;
  /** Below src/residency. */
  readonly file: string;
  /** Each text stands in the file exactly once. */
  readonly changes: readonly { readonly from: string; readonly to: string }[];
}

function mutant(name: string, file: string, from: string, to: string): Mutant {
  return { name, file, changes: [{ from, to }] };
}

export const mutants: readonly Mutant[] = [
  mutant(
    'drop the filter: a country without a mechanism passes',
    'ground.ts',
    'if (found === undefined) return null;',
    'if (found === undefined) continue;',
  ),
  mutant(
    'one lawful country is enough (some for every)',
    'ground.ts',
    'if (found === undefined) return null;',
    'if (found === undefined) {\n      if (basis.length > 0) continue;\n      return null;\n    }',
  ),
  mutant(
    'extend every expiry by a day',
    'validity.ts',
    'nowMs < validity.untilMs;',
    'nowMs < validity.untilMs + 86_400_000;',
  ),
  mutant(
    'expire a millisecond late',
    'validity.ts',
    'nowMs < validity.untilMs;',
    'nowMs <= validity.untilMs;',
  ),
  mutant(
    'ignore that a validity has not begun',
    'validity.ts',
    'return validity.fromMs <= nowMs && nowMs',
    'return nowMs',
  ),
  mutant('ignore the contract’s end', 'ground.ts', '!isLive(contract, nowMs)', 'nowMs < contract.fromMs'),
  mutant(
    'treat a mechanism with a fallback as live',
    'ground.ts',
    'isLive(validity, nowMs) &&',
    '(isLive(validity, nowMs) || mechanism.fallback !== undefined) &&',
  ),
  mutant(
    'add a default endpoint',
    'lawful.ts',
    'const [first, ...rest] = admitted;',
    `const spare = endpoints[0];
    if (admitted.length === 0 && spare !== undefined) {
      const ground = { basis: [], counted: [], validUntilMs: Number.MAX_SAFE_INTEGER };
      admitted.push(admit(spare.id, modelOf(spare, modelId) ?? noModel, ground, request));
    }
    const [first, ...rest] = admitted;`,
  ),
  mutant('ignore telemetry countries', 'policy-index.ts', ', ...endpoint.telemetry]', ']'),
  mutant('ignore support countries', 'policy-index.ts', ' ...endpoint.support,', ''),
  mutant('ignore storage countries', 'policy-index.ts', ' ...endpoint.storage,', ''),
  mutant(
    'ignore who controls the operator',
    'ground.ts',
    'if (endpoint.operator.controlledFrom.some((country) => terms.denied.has(country))) return null;',
    '',
  ),
  mutant('ignore denied countries', 'ground.ts', 'if (terms.denied.has(country)) return null;', ''),
  mutant(
    'ignore whom a mechanism binds',
    'policy-index.ts',
    "recipient === '*' || recipient === legalEntity",
    "recipient !== '' || legalEntity !== ''",
  ),
  mutant(
    'take the lattice of classes upside down',
    'lattice.ts',
    'downSets.get(upper)?.has(lower)',
    'downSets.get(lower)?.has(upper)',
  ),
  mutant(
    'take a rule of one purpose for all',
    'policy-index.ts',
    'rule.purposes.includes(purpose) && lattice',
    'lattice',
  ),
  mutant(
    'ignore the purposes an endpoint offers',
    'ground.ts',
    '!endpoint.purposes.includes(terms.purpose) || ',
    '',
  ),
  mutant(
    'ignore further subjects',
    'ground.ts',
    '[jurisdiction, ...others].map(',
    '[jurisdiction].concat(others.slice(0, 0)).map(',
  ),
  mutant(
    'one subject’s ground is enough',
    'ground.ts',
    'found.length === 0 || found.length < grounds.length',
    'found.length === 0',
  ),
  mutant(
    'let a full rule permit on',
    'policy-index.ts',
    "exhausted === 'uncounted' || exhausted.includes(id)",
    "exhausted === 'uncounted'",
  ),
  mutant(
    'let a certification for staff carry customers’ data',
    'policy-index.ts',
    "dpfData?.includes(isOfStaff ? 'hr' : 'non-hr') === true",
    'dpfData !== undefined && isOfStaff !== undefined',
  ),
  mutant('take the mode "global" for a place', 'policy-index.ts', "endpoint.vendorMode === 'global' ||", ''),
  {
    name: 'cache across jurisdictions',
    file: 'lawful.ts',
    changes: [
      {
        from: 'return `${jurisdiction}\\n${dataClass}',
        to: 'return `${jurisdiction.length > 99}\\n${dataClass}',
      },
      { from: 'isSameList(known.countries, label.countries)', to: 'known.countries.length > 0' },
    ],
  },
  mutant(
    'answer as the request before was answered',
    'lawful.ts',
    'last?.request === request',
    'last !== null',
  ),
  mutant(
    'cache across classes',
    'lawful.ts',
    '\\n${dataClass}\\n${cell}',
    '\\n${dataClass.length > 99}\\n${cell}',
  ),
  mutant(
    'cache across purposes',
    'lawful.ts',
    '\\n${purpose}\\n${lists}',
    '\\n${purpose.length > 99}\\n${lists}',
  ),
  mutant(
    'cache across further subjects',
    'lawful.ts',
    '${listText(others)}',
    '${listText(others?.slice(0, 0))}',
  ),
  {
    name: 'keep the lawful set of the first attempt for retries',
    file: 'route.ts',
    changes: [
      {
        from: 'const tried: string[] = [];',
        to: 'const tried: string[] = [];\n  let kept: LawfulVerdict | undefined;',
      },
      {
        from: 'const lawful = options.filter.lawful(options.ask(nowMs));',
        to: 'const lawful: LawfulVerdict = (kept ??= options.filter.lawful(options.ask(nowMs)));',
      },
    ],
  },
  mutant(
    'retry outside the lawful set',
    'route.ts',
    'const endpoint = leastTried(rank(lawful.endpoints, options.health), tried);',
    `const best = leastTried(rank(lawful.endpoints, options.health), tried);
    const endpoint: LawfulEndpoint = attempt === 1 ? best : { ...best, id: 'us-2' };`,
  ),
  mutant(
    'rank what the filter has not seen',
    'route.ts',
    'rank(lawful.endpoints, options.health)',
    "rank([{ id: 'us-2', modelId: 'large', modelVersion: 'large-1' }], options.health)",
  ),
  mutant(
    'promise the latest end instead of the earliest',
    'ground.ts',
    'Math.min(contract.untilMs, reach.validUntilMs)',
    'Math.max(contract.untilMs, reach.validUntilMs)',
  ),
  mutant(
    'let a copied endpoint pass at the door',
    'lawful.ts',
    'candidate !== null && genuine.has(candidate)',
    'candidate !== null && (genuine.has(candidate) || true)',
  ),
  mutant('skip the recheck at send', 'egress.ts', "if (nowMs() >= validUntilMs) return 'EXPIRED';", ''),
];
