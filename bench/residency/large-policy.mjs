// A policy of a large house: 50 endpoints in 20 countries, 10 jurisdictions, 200 mechanisms and 200 rules.

export const nowMs = Date.UTC(2026, 10, 22);
export const models = ['m-large', 'm-small', 'embedder', 'guard'];

const dataClasses = ['public', 'internal', 'personal', 'special'];
const purposes = ['inference', 'embedding', 'guard', 'cache', 'review'];
const homes = {
  EU: ['DE', 'FR', 'IE', 'NL', 'ES', 'IT', 'SE', 'FI', 'PL', 'BE'],
  UK: ['GB'],
  CH: ['CH'],
  US: ['US'],
  SG: ['SG'],
  JP: ['JP'],
  CA: ['CA'],
  HK: ['HK'],
  BR: ['BR'],
  KR: ['KR'],
};
const jurisdictions = Object.keys(homes);
const countries = [...Object.values(homes).flat(), 'IN'];
const span = { validFrom: '2026-01-01', validUntil: '2028-01-01' };
/** Deterministic: the n-th of a list, walked in steps that meet every member. */
const nth = (list, n) => list[n % list.length];

export function largePolicy() {
  return policyOf({ endpoints: 50, mechanisms: 200, rules: 200 });
}

/** As large as a house that asks every question of the prover: 12 endpoints, so 4,096 outages of each demand. */
export function provenPolicy() {
  const policy = policyOf({ endpoints: 12, mechanisms: 24, rules: 40 });
  const few = new Set(jurisdictions.slice(0, 4));
  return {
    ...policy,
    jurisdictions: policy.jurisdictions.filter(({ id }) => few.has(id)),
    mechanisms: policy.mechanisms.filter(({ from }) => few.has(from)),
    transferRules: policy.transferRules.filter(({ subjectJurisdiction }) => few.has(subjectJurisdiction)),
  };
}

function policyOf(counts) {
  return {
    jurisdictions: jurisdictions.map((id) => ({ id, countries: homes[id] })),
    dataClasses: dataClasses.map((id, i) => ({ id, parents: i === 0 ? [] : [dataClasses[i - 1]] })),
    endpoints: Array.from({ length: counts.endpoints }, (_, i) => endpoint(i)),
    mechanisms: Array.from({ length: counts.mechanisms }, (_, i) => mechanism(i)),
    transferRules: Array.from({ length: counts.rules }, (_, i) => rule(i)),
  };
}

function endpoint(i) {
  const home = nth(countries, i);
  const legalEntity = `Vendor ${i % 7}`;
  return {
    id: `endpoint-${i}`,
    dialect: 'openai',
    url: `https://e${i}.example.com/v1`,
    credential: 'none',
    models: models.map((id) => ({ id, version: `${id}-1` })),
    purposes: purposes.filter((_, p) => (i + p) % 3 !== 0),
    operator: { legalEntity, controlledFrom: [home] },
    processing: [home, nth(countries, i + (i % 3))].filter(isFirst),
    storage: [home],
    support: [home, nth(countries, i + (i % 4))].filter(isFirst),
    telemetry: [i % 5 === 0 ? 'US' : home],
    vendorMode: 'regional',
    contract: { ref: `C-${i}`, ...span, noticeDays: 90, subprocessors: [] },
    evidence: 'contract',
    timeoutMs: 20_000,
    connections: 16,
  };
}

function isFirst(item, i, all) {
  return all.indexOf(item) === i;
}

/** A domestic one for each jurisdiction first, then adequacy decisions and contracts of every age. */
function mechanism(i) {
  const from = nth(jurisdictions, i);
  const base = {
    id: `mechanism-${i}`,
    law: 'a law',
    from,
    recipient: '*',
    dataClasses: ['special'],
    ref: `ref ${i}`,
    ...span,
  };
  if (i < jurisdictions.length) return { ...base, kind: 'domestic', to: homes[from] };
  const to = [nth(countries, i * 7), nth(countries, i * 11 + 3)].filter(isFirst);
  if (i % 3 === 0) return { ...base, kind: 'adequacy', to, dataClasses: [nth(dataClasses, i)] };
  // One in four has ended: the filter has to look further.
  const validUntil = i % 4 === 0 ? '2026-06-01' : span.validUntil;
  const recipient = `Vendor ${i % 7}`;
  return { ...base, kind: 'scc', module: 2, to, recipient, tiaDate: '2026-01-01', validUntil };
}

function rule(i) {
  return {
    subjectJurisdiction: nth(jurisdictions, i),
    dataClass: nth(dataClasses, Math.floor(i / jurisdictions.length)),
    purposes: [nth(purposes, Math.floor(i / 40)), nth(purposes, Math.floor(i / 40) + 1)],
    allow: i % 2 === 0 ? ['domestic', 'adequacy'] : ['domestic', 'scc'],
    deny: i % 50 === 0 ? ['IN'] : [],
  };
}

/** Every jurisdiction, class, purpose and model once, from each place that a label's parts can come from. */
export function requestsOf(policy) {
  const sources = ['grant', 'header'];
  return policy.jurisdictions.flatMap(({ id, countries: own }) =>
    dataClasses.flatMap((dataClass) =>
      purposes.flatMap((purpose) =>
        models.flatMap((modelId) =>
          sources.map((jurisdictionSource) => ({
            label: {
              jurisdiction: id,
              countries: own,
              dataClass,
              cell: id.toLowerCase(),
              jurisdictionSource,
              dataClassSource: 'decision-type',
            },
            purpose,
            modelId,
            nowMs,
          })),
        ),
      ),
    ),
  );
}
