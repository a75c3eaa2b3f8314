import { countryCodes, countryHint } from './country.ts';
import type { Lattice } from './lattice.ts';
import { addDuplicates, checkSpan, type PolicyProblem } from './policy-problem.ts';
import type { Mechanism, MechanismKind, ResidencyPolicy } from './policy.ts';
import { dayMs } from './validity.ts';

/** GDPR Art. 46 tools, for which EDPB Recommendations 01/2020 (and the ICO's TRA) ask an assessment. */
const assessed: ReadonlySet<MechanismKind> = new Set(['scc', 'bcr', 'idta', 'uk-addendum']);
/** Kinds that bind one party: a certification or a contract covers whoever holds or signed it. */
const personal: ReadonlySet<MechanismKind> = new Set([
  ...assessed,
  'dpf',
  'sg-contract',
  'cbpr',
  'hk-rmc',
  'cn-standard-contract',
  'cn-certification',
]);

export function checkMechanisms(policy: ResidencyPolicy, lattice: Lattice): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  addDuplicates(problems, policy.mechanisms, ['mechanisms']);
  policy.mechanisms.forEach((mechanism, m) => {
    const path = ['mechanisms', m];
    const add = (place: readonly (string | number)[], message: string) => {
      problems.push({ path: [...path, ...place], message });
    };
    checkSpan(problems, mechanism, path);
    mechanism.to.forEach((code, c) => {
      if (!countryCodes.has(code)) add(['to', c], `"${code}" is no country; ${countryHint(code)}`);
    });
    mechanism.dataClasses.forEach((id, d) => {
      if (!lattice.has(id)) add(['dataClasses', d], `"${id}" is no data class; declare it under dataClasses`);
    });
    checkKind(policy, mechanism, add);
    const fallbackProblem = checkFallback(policy, mechanism, lattice);
    if (fallbackProblem !== null) add(['fallback'], fallbackProblem);
  });
  return problems;
}

type Add = (place: readonly (string | number)[], message: string) => void;

function checkKind(policy: ResidencyPolicy, mechanism: Mechanism, add: Add): void {
  const jurisdiction = policy.jurisdictions.find((j) => j.id === mechanism.from);
  if (jurisdiction === undefined) {
    add(['from'], `"${mechanism.from}" is no jurisdiction; declare it under jurisdictions`);
  } else if (mechanism.kind === 'domestic') {
    mechanism.to.forEach((code, c) => {
      if (jurisdiction.countries.includes(code)) return;
      add(
        ['to', c],
        `"${code}" lies outside "${mechanism.from}", so this is a transfer; name its real mechanism`,
      );
    });
  }
  if (mechanism.kind === 'dpf' && mechanism.to.some((code) => code !== 'US')) {
    add(['to'], 'the Data Privacy Framework reaches the United States only; write [US]');
  }
  if (personal.has(mechanism.kind) && mechanism.recipient === '*') {
    add(
      ['recipient'],
      `${mechanism.kind} binds one party; name the legal entity that signed or is certified`,
    );
  }
  if (assessed.has(mechanism.kind) && mechanism.tiaDate === undefined) {
    add(['tiaDate'], `${mechanism.kind} rests on a transfer impact assessment; add the day of yours`);
  } else if (mechanism.tiaDate !== undefined && Number.isNaN(dayMs(mechanism.tiaDate))) {
    add(['tiaDate'], 'is no day of the calendar; write YYYY-MM-DD');
  }
}

function checkFallback(policy: ResidencyPolicy, mechanism: Mechanism, lattice: Lattice): string | null {
  if (mechanism.fallback === undefined) return null;
  const byId = new Map(policy.mechanisms.map((m) => [m.id, m]));
  const fallback = byId.get(mechanism.fallback);
  if (fallback === undefined)
    return `"${mechanism.fallback}" is no mechanism; declare it, or take the fallback out`;
  const seen = new Set<string>();
  for (
    let next: Mechanism | undefined = mechanism;
    next?.fallback !== undefined;
    next = byId.get(next.fallback)
  ) {
    if (seen.has(next.id)) return 'the fallbacks go round in a circle; end the chain at one mechanism';
    seen.add(next.id);
  }
  const covers =
    fallback.from === mechanism.from &&
    mechanism.to.every((code) => fallback.to.includes(code)) &&
    (fallback.recipient === '*' || fallback.recipient === mechanism.recipient) &&
    mechanism.dataClasses.every((id) => fallback.dataClasses.some((upper) => lattice.atMost(id, upper)));
  if (!covers) return `"${fallback.id}" covers less than this mechanism; widen it, or take the fallback out`;
  if (dayMs(fallback.validUntil) <= dayMs(mechanism.validUntil)) {
    return `"${fallback.id}" ends no later than this mechanism, so it cannot stand in for it; choose another`;
  }
  return null;
}
