import { application } from '../credit-application.ts';
import { Random } from '../../src/simulator/random.ts';
import { type DataClass, type Jurisdiction, dataClasses, jurisdictions } from './world.ts';

/** A request as it was sent, and what came back. */
export interface Asked {
  readonly path: string;
  /** Null where none was sent, or one that is not granted. */
  readonly jurisdiction: Jurisdiction | null;
  readonly dataClass: DataClass;
  readonly status: number;
  /** Of the error; null where an answer or a review came. */
  readonly code: string | null;
  readonly decisionId: string | null;
  /** Where NO_LAWFUL_ENDPOINT says what was in the way. */
  readonly misses: number;
}

interface Request {
  readonly path: string;
  readonly jurisdiction: Jurisdiction | null;
  readonly dataClass: DataClass;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends the requests of a seed, so many at a time. Every one of them names in its text whose data it is. */
export async function sendAll(options: {
  url: string;
  keys: readonly [string, ...string[]];
  count: number;
  concurrency: number;
  seed: number;
  onProgress: (done: number) => void;
}): Promise<Asked[]> {
  const random = new Random(options.seed);
  const asked: Asked[] = [];
  let begun = 0;
  const client = async () => {
    while (begun < options.count) {
      const request = draw(random, begun++, random.pick(options.keys));
      asked.push(await send(options.url, request));
      if (asked.length % 1_000 === 0) options.onProgress(asked.length);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, client));
  return asked;
}

function draw(random: Random, number: number, key: string): Request {
  const fate = random.next();
  const granted = random.pick([...jurisdictions]);
  const jurisdiction = fate < 0.03 ? null : granted;
  const dataClass = random.pick([...dataClasses]);
  const mark = `subject-of-${jurisdiction ?? 'XX'}-${dataClass}`;
  const { path, decisionType, body } = question(random, mark);
  // Some say no jurisdiction, some one that nobody granted: neither may be guessed.
  const claimed = jurisdiction === null ? random.pick([{}, header('SG')]) : header(granted);
  return {
    path,
    jurisdiction,
    dataClass,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
      'countersign-decision-type': decisionType,
      'countersign-data-class': dataClass,
      ...claimed,
      ...(random.next() < 0.1 ? { 'idempotency-key': `k-${number % 500}-${path}` } : {}),
    },
    body: JSON.stringify(body),
  };
}

function header(jurisdiction: string): Record<string, string> {
  return { 'countersign-jurisdiction': jurisdiction };
}

function question(random: Random, mark: string): { path: string; decisionType: string; body: object } {
  const way = random.next();
  if (way < 0.4) {
    const input = { ...application(() => random.next()), reference: mark };
    return { path: '/v1/decisions', decisionType: 'credit-application', body: { input } };
  }
  if (way < 0.7) {
    const messages = [{ role: 'user', content: `A claim of ${mark}: a pane broke on 2026-10-01.` }];
    return { path: '/v1/chat/completions', decisionType: 'chaos-chat', body: { messages } };
  }
  const input = [`A claim of ${mark}.`, `A pane broke, says ${mark}.`];
  // A model that exists in the United States only.
  const decisionType = way < 0.95 ? 'chaos-embed' : 'chaos-embed-us';
  return { path: '/v1/embeddings', decisionType, body: { input } };
}

async function send(url: string, request: Request): Promise<Asked> {
  const { path, headers, body, jurisdiction, dataClass } = request;
  const response = await fetch(url + path, { method: 'POST', headers, body });
  const answer = (await response.json()) as Problem & { error?: Problem; countersign?: Problem };
  const problem = { ...answer.countersign, ...(answer.error ?? answer) };
  return {
    path,
    jurisdiction,
    dataClass,
    status: response.status,
    code: response.ok ? null : (problem.code ?? null),
    decisionId: response.headers.get('countersign-decision-id'),
    misses: problem.nearestMisses?.length ?? 0,
  };
}

interface Problem {
  readonly code?: string;
  readonly nearestMisses?: readonly unknown[];
}
