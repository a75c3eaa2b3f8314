/**
 * @template Facts
 * @param {import('../lib/problem.mjs').Verdict<Facts>} verdict
 * @param {(facts: Facts) => string[]} describe what was shown, for a person
 * @returns {import('./command-line.mjs').Outcome}
 */
export function outcomeOf(verdict, describe) {
  if (verdict.holds) {
    return {
      holds: true,
      result: { holds: true, problem: null, ...verdict.facts },
      lines: [`HOLDS  ${describe(verdict.facts).join('\n       ')}`],
    };
  }
  const { code, message, ...place } = verdict.problem;
  const names = { path: 'file', index: 'index', decisionId: 'decision', entryId: 'entry' };
  const lines = Object.entries(names)
    .filter(([field]) => Object.hasOwn(place, field))
    .map(
      ([field, name]) =>
        `  ${name.padEnd(9)}${/** @type {Record<string, string | number>} */ (place)[field]}`,
    );
  return {
    holds: false,
    result: { holds: false, problem: verdict.problem },
    lines: [`DOES NOT HOLD  ${message}`, `  code     ${code}`, ...lines],
  };
}

/** @param {readonly {name: string, time: number}[]} cosignatures */
export function describeCosignatures(cosignatures) {
  return cosignatures.map(
    ({ name, time }) => `cosigned by ${name} at ${new Date(time * 1000).toISOString()}`,
  );
}

const intervalMs = 1000;

/** Tells of a long check on stderr, once a second, where a person is looking. */
export function progress() {
  const startMs = Date.now();
  let nextMs = startMs + intervalMs;
  return (/** @type {number} */ done, /** @type {number} */ of) => {
    const nowMs = Date.now();
    if (nowMs < nextMs) return;
    nextMs = nowMs + intervalMs;
    const perSecond = Math.round((done / (nowMs - startMs)) * 1000);
    process.stderr.write(`${done} of ${of} entries, ${perSecond} a second\n`);
  };
}
