import autocannon from 'autocannon';
import { answerText, chatRequest } from './completion.mjs';

/**
 * @typedef {{ url: string, headers: Record<string, string> }} Address
 * @typedef {{ answers: number, requestsPerSecond: number, p50Ms: number, p99Ms: number }} LoadResult
 */

// Cases belong to people; a store that keeps a key for each must not see only one.
const subjectCount = 256;

const body = JSON.stringify(chatRequest);
const requests = Array.from(
  { length: subjectCount },
  (_, index) => `bench-${String(index).padStart(4, '0')}`,
);

/**
 * Asks once and checks everything about the answer that all targets share.
 * @param {string} name
 * @param {Address} address
 */
export async function verifyAnswer(name, { url, headers }) {
  const response = await fetch(url, { method: 'POST', headers: allHeaders(headers, 'bench-0000'), body });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${name} answers ${response.status}: ${text.slice(0, 500)}`);
  const content = JSON.parse(text).choices?.[0]?.message?.content;
  if (content !== answerText)
    throw new Error(`${name} does not hand on the upstream's answer: ${text.slice(0, 500)}`);
}

/**
 * Loads one target and checks status and text of every single answer.
 * @param {string} name
 * @param {Address} address
 * @param {{ connections: number } & ({ durationS: number } | { amount: number })} options
 * @returns {Promise<LoadResult>}
 */
export async function load(name, { url, headers }, options) {
  const { hostname, pathname, port } = new URL(url);
  /** @type {number[]} */
  const latenciesMs = [];
  let firstWrong = '';
  const startedMs = performance.now();
  const run = autocannon({
    url: `http://${hostname}:${port}`,
    connections: options.connections,
    ...('amount' in options ? { amount: options.amount } : { duration: options.durationS }),
    timeout: 30,
    requests: requests.map((subject) => ({
      method: 'POST',
      path: pathname,
      headers: allHeaders(headers, subject),
      body,
    })),
    verifyBody: (/** @type {string} */ answer) => {
      const isRight = answer.includes(answerText);
      if (!isRight && firstWrong === '') firstWrong = answer;
      return isRight;
    },
  });
  let lastAnswerMs = startedMs;
  run.on('response', (_client, _status, _bytes, latencyMs) => {
    latenciesMs.push(latencyMs);
    lastAnswerMs = performance.now();
  });
  const result = await run;
  const wrong = result.non2xx + result.mismatches + result.errors + result.timeouts;
  if (wrong > 0 || latenciesMs.length === 0) {
    const { non2xx, mismatches, errors, timeouts } = result;
    const counts = JSON.stringify({ answers: latenciesMs.length, non2xx, mismatches, errors, timeouts });
    throw new Error(`${name} failed under load: ${counts} ${firstWrong.slice(0, 500)}`);
  }
  latenciesMs.sort((a, b) => a - b);
  return {
    answers: latenciesMs.length,
    requestsPerSecond: latenciesMs.length / ((lastAnswerMs - startedMs) / 1000),
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
  };
}

/**
 * @param {Record<string, string>} headers
 * @param {string} subject
 */
function allHeaders(headers, subject) {
  return { 'content-type': 'application/json', 'countersign-subject': subject, ...headers };
}

/**
 * @param {readonly number[]} sorted
 * @param {number} share
 */
function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
