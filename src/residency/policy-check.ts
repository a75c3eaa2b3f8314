import { countryCodes, countryHint } from './country.ts';
import { checkEndpoints } from './endpoint-check.ts';
import { createLattice, type Lattice } from './lattice.ts';
import { checkMechanisms } from './mechanism-check.ts';
import { addDuplicates, type PolicyProblem } from './policy-problem.ts';
import type { DataClass, Jurisdiction, ResidencyPolicy } from './policy.ts';

/**
 * What crosses from one part of the policy to another. Every problem is found, in the order of the
 * sections; an empty list means that the filter, the lattice and the labeller may be made from it.
 */
export function checkPolicy(policy: ResidencyPolicy): PolicyProblem[] {
  const lattice = createLattice(policy.dataClasses);
  return [
    ...checkJurisdictions(policy.jurisdictions),
    ...checkDataClasses(policy.dataClasses, lattice),
    ...checkEndpoints(policy.endpoints),
    ...checkMechanisms(policy, lattice),
    ...checkRules(policy, lattice),
  ];
}

function checkJurisdictions(jurisdictions: readonly Jurisdiction[]): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  addDuplicates(problems, jurisdictions, ['jurisdictions']);
  jurisdictions.forEach((jurisdiction, j) => {
    jurisdiction.countries.forEach((code, c) => {
      if (countryCodes.has(code)) return;
      const message = `"${code}" is no country; ${countryHint(code)}`;
      problems.push({ path: ['jurisdictions', j, 'countries', c], message });
    });
  });
  return problems;
}

function checkDataClasses(dataClasses: readonly DataClass[], lattice: Lattice): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  addDuplicates(problems, dataClasses, ['dataClasses']);
  let cyclic = false;
  dataClasses.forEach((dataClass, d) => {
    dataClass.parents.forEach((parent, p) => {
      const path = ['dataClasses', d, 'parents', p];
      if (!lattice.has(parent)) {
        problems.push({ path, message: `"${parent}" is no data class; declare it, or take the parent out` });
      } else if (lattice.atMost(dataClass.id, parent)) {
        cyclic = true;
        problems.push({
          path,
          message: `"${parent}" is already more sensitive than "${dataClass.id}"; break the circle`,
        });
      }
    });
  });
  return cyclic ? problems : [...problems, ...checkJoins(dataClasses, lattice)];
}

/** A detected class is joined with the declared one, so every two classes need one least class above both. */
function checkJoins(dataClasses: readonly DataClass[], lattice: Lattice): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  dataClasses.forEach((a, first) => {
    dataClasses.slice(first + 1).forEach((b, offset) => {
      const count = lattice.leastUpperBounds(a.id, b.id).length;
      if (count === 1) return;
      const found = count === 0 ? 'no class is' : `${count} classes compete to be`;
      const fix = `declare one with the parents [${a.id}, ${b.id}]${count === 0 ? '' : ' and put it below them'}`;
      problems.push({
        path: ['dataClasses', first + 1 + offset, 'id'],
        message: `${found} the least above "${a.id}" and "${b.id}"; ${fix}`,
      });
    });
  });
  return problems;
}

function checkRules(policy: ResidencyPolicy, lattice: Lattice): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  const jurisdictions = new Set(policy.jurisdictions.map((j) => j.id));
  policy.transferRules.forEach((rule, r) => {
    const path = ['transferRules', r];
    if (rule.maxSubjectsPerYear !== undefined && rule.id === undefined) {
      const message = 'persons are counted under the name of the rule, through all of its changes; add an id';
      problems.push({ path: [...path, 'id'], message });
    }
    const namesake = policy.transferRules.findIndex(({ id }) => id !== undefined && id === rule.id);
    if (namesake !== -1 && namesake < r)
      problems.push({ path: [...path, 'id'], message: `"${rule.id}" names two of these; rename one` });
    if (!jurisdictions.has(rule.subjectJurisdiction)) {
      const message = `"${rule.subjectJurisdiction}" is no jurisdiction; declare it under jurisdictions`;
      problems.push({ path: [...path, 'subjectJurisdiction'], message });
    }
    if (!lattice.has(rule.dataClass)) {
      const message = `"${rule.dataClass}" is no data class; declare it under dataClasses`;
      problems.push({ path: [...path, 'dataClass'], message });
    }
    rule.deny.forEach((code, c) => {
      if (countryCodes.has(code)) return;
      problems.push({ path: [...path, 'deny', c], message: `"${code}" is no country; ${countryHint(code)}` });
    });
  });
  return problems;
}
