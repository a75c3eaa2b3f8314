import { cpus, loadavg } from 'node:os';

/**
 * @typedef {{ requestsPerSecond: number, p50Ms: number, p99Ms: number, cpuMsPerRequest: Record<string, number> }} Sample
 * @typedef {{ requestsPerSecond: number, p50Ms: number, p99Ms: number, cpuMsPerRequest: number, cpuMsPerRequestByPart?: Record<string, number> }} TargetReport
 */

/**
 * Medians of each target's samples, and our throughput divided by that of the others.
 * @param {ReadonlyMap<string, readonly Sample[]>} samplesByTarget
 */
export function summarize(samplesByTarget) {
  /** @type {Record<string, TargetReport>} */
  const targets = {};
  for (const [name, samples] of samplesByTarget) targets[name] = summarizeTarget(samples);
  /** @type {Record<string, number>} */
  const ratios = {};
  const ours = targets['countersign'];
  for (const name of ['portkey', 'bare-proxy']) {
    const theirs = targets[name];
    if (ours && theirs) ratios[name] = round(ours.requestsPerSecond / theirs.requestsPerSecond, 3);
  }
  return { targets, ratios };
}

/** @param {readonly Sample[]} samples @returns {TargetReport} */
function summarizeTarget(samples) {
  const parts = Object.keys(samples[0]?.cpuMsPerRequest ?? {});
  const byPart = parts.map((part) => {
    const values = samples.map((sample) => sample.cpuMsPerRequest[part] ?? Number.NaN);
    return /** @type {const} */ ([part, round(median(values), 3)]);
  });
  const totals = samples.map((sample) =>
    Object.values(sample.cpuMsPerRequest).reduce((sum, ms) => sum + ms, 0),
  );
  return {
    requestsPerSecond: round(median(samples.map((sample) => sample.requestsPerSecond)), 1),
    p50Ms: round(median(samples.map((sample) => sample.p50Ms)), 2),
    p99Ms: round(median(samples.map((sample) => sample.p99Ms)), 2),
    cpuMsPerRequest: round(median(totals), 3),
    ...(parts.length > 1 ? { cpuMsPerRequestByPart: Object.fromEntries(byPart) } : {}),
  };
}

/** @param {ReturnType<typeof summarize>} summary */
export function formatTable({ targets, ratios }) {
  const rows = Object.entries(targets).map(([name, target]) => [
    name,
    target.requestsPerSecond.toFixed(0),
    target.p50Ms.toFixed(1),
    target.p99Ms.toFixed(1),
    target.cpuMsPerRequest.toFixed(2),
    Object.entries(target.cpuMsPerRequestByPart ?? {})
      .map(([part, ms]) => `${part} ${ms.toFixed(2)}`)
      .join(', '),
  ]);
  const table = [['target', 'req/s', 'p50 ms', 'p99 ms', 'CPU ms/req', ''], ...rows];
  const widths = [0, 1, 2, 3, 4, 5].map((column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  const lines = table.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column === 5 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const ratioLines = Object.entries(ratios).map(
    ([name, ratio]) => `countersign / ${name}: ${ratio.toFixed(2)} (req/s)`,
  );
  return [...lines, '', ...ratioLines].join('\n');
}

/** What a reader needs to judge the figures. */
export function describeMachine() {
  const [first] = cpus();
  const load = loadavg().map((average) => average.toFixed(2));
  return `${cpus().length} × ${first?.model ?? 'unknown processor'}, Node ${process.version}, load average ${load.join(' ')}`;
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * @param {number} value
 * @param {number} digits
 */
function round(value, digits) {
  return Number(value.toFixed(digits));
}
