import { countryCodes, countryHint } from './country.ts';
import type { Lattice } from './lattice.ts';
import { addDuplicates, checkSpan, type PolicyProblem } from './policy-problem.ts';
import type { Mechanism, MechanismKind, ResidencyPolicy } from './policy.ts';
import { dayMs } from './validity.ts';

/**
 * GDPR Art. 46 tools, for which EDPB Recommendations 01/2020 (and the ICO's TRA) ask an assessment, and China's
 * three roads, which all begin with the impact assessment of PIPL Art. 55.
 */
const assessed: ReadonlySet<MechanismKind> = new Set([
  'scc',
  'bcr',
  'idta',
  'uk-addendum',
  'cn-standard-contract',
  'cn-assessment',
  'cn-certification',
]);
/** Kinds that bind one party: a certification or a contract covers whoever holds or signed it. */
const personal: ReadonlySet<MechanismKind> = new Set([...assessed, 'dpf', 'sg-contract', 'cbpr', 'hk-rmc']);
/** Instruments of one law, which reach no further than data of its own country. */
const homeOf: Partial<Readonly<Record<MechanismKind, string>>> = {
  idta: 'GB',
  'uk-addendum': 'GB',
  'sg-contract': 'SG',
  'hk-rmc': 'HK',
  'cn-standard-contract': 'CN',
  'cn-assessment': 'CN',
  'cn-certification': 'CN',
};

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
    checkClauses(mechanism, add);
    checkCertification(policy, mechanism, lattice, add);
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
  const home = homeOf[mechanism.kind];
  const strangers = jurisdiction?.countries.filter((code) => home !== undefined && code !== home) ?? [];
  if (strangers.length > 0) {
    const message = `${mechanism.kind} is for data of ${home} only, and "${mechanism.from}" has ${strangers.join(', ')}; name the mechanism of that law`;
    add(['kind'], message);
  }
  if (personal.has(mechanism.kind) && mechanism.recipient === '*') {
    add(
      ['recipient'],
      `${mechanism.kind} binds one party; name the legal entity that signed or is certified`,
    );
  }
}

function checkClauses(mechanism: Mechanism, add: Add): void {
  const { kind } = mechanism;
  if (kind === 'scc' && mechanism.module === undefined) {
    add(['module'], 'scc comes in four modules; write the one that was signed (2: controller to processor)');
  } else if (mechanism.module !== undefined && kind !== 'scc' && kind !== 'uk-addendum') {
    add(['module'], `${kind} has no modules; take this out`);
  }
  if (assessed.has(mechanism.kind) && mechanism.tiaDate === undefined) {
    add(['tiaDate'], `${mechanism.kind} rests on a transfer impact assessment; add the day of yours`);
  } else if (mechanism.tiaDate !== undefined && Number.isNaN(dayMs(mechanism.tiaDate))) {
    add(['tiaDate'], 'is no day of the calendar; write YYYY-MM-DD');
  }
}

/** A recipient is on the DPF list for data of staff, for other data, or for both (Implementing Decision (EU) 2023/1795). */
function checkCertification(
  { dataClasses }: ResidencyPolicy,
  mechanism: Mechanism,
  lattice: Lattice,
  add: Add,
): void {
  const { kind, dpfData } = mechanism;
  if (kind !== 'dpf') {
    if (dpfData !== undefined) add(['dpfData'], `${kind} is no certification under the DPF; take this out`);
    return;
  }
  if (mechanism.to.some((code) => code !== 'US'))
    add(['to'], 'the Data Privacy Framework reaches the United States only; write [US]');
  if (dpfData === undefined) {
    add(
      ['dpfData'],
      'a recipient is certified for hr, non-hr or both; write what its entry in the list says',
    );
    return;
  }
  // A class covers those below it, so each of them must be of a kind that the recipient is certified for.
  mechanism.dataClasses.forEach((covered, d) => {
    const below = dataClasses.filter(({ id }) => lattice.atMost(id, covered));
    const staff = below.filter(({ humanResources }) => humanResources === true).map(({ id }) => id);
    const others = below.filter(({ humanResources }) => humanResources !== true).map(({ id }) => id);
    if (staff.length > 0 && !dpfData.includes('hr')) {
      const message = `covers "${staff.join('", "')}", data of staff, and the certification is not for hr; cover less`;
      add(['dataClasses', d], message);
    }
    if (others.length > 0 && !dpfData.includes('non-hr')) {
      const message = `covers "${others.join('", "')}", not data of staff, and the certification is for hr alone; put classes of staff beside the others, not above them`;
      add(['dataClasses', d], message);
    }
  });
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
  if (dayMs(fallback.validFrom) > dayMs(mechanism.validUntil)) {
    return `"${fallback.id}" begins only after this mechanism has ended; close the gap, or choose another`;
  }
  const ids = policy.mechanisms.map(({ id }) => id);
  if (ids.indexOf(fallback.id) < ids.indexOf(mechanism.id)) {
    return `"${fallback.id}" is configured before this mechanism, so it is used first; put it behind`;
  }
  return checkFallbackRules(policy, mechanism, fallback, lattice);
}

/** Every transfer that the mechanism's kind suffices for must go on under the fallback's kind. */
function checkFallbackRules(
  { transferRules }: ResidencyPolicy,
  mechanism: Mechanism,
  fallback: Mechanism,
  lattice: Lattice,
): string | null {
  const rules = transferRules.filter((rule) => rule.subjectJurisdiction === mechanism.from);
  for (const rule of rules.filter(({ allow }) => allow.includes(mechanism.kind))) {
    const stranded = rule.purposes.find(
      (purpose) =>
        !rules.some(
          (other) =>
            other.allow.includes(fallback.kind) &&
            other.purposes.includes(purpose) &&
            lattice.atMost(rule.dataClass, other.dataClass),
        ),
    );
    if (stranded !== undefined)
      return `"${fallback.id}" is of the kind ${fallback.kind}, which no rule allows for "${rule.dataClass}" and ${stranded}; allow it, or choose another`;
  }
  return null;
}
