import type { Problem } from '../../audit/verification/problem.ts';
import { digestOf } from '../../decision/canonical.ts';
import { attachCells } from '../../gateway/open-cells.ts';
import type { ReplayResult } from '../../gateway/replay/replay-result.ts';
import { verifyHostedCell } from '../../gateway/verifying.ts';
import { alterOutcome, type AlteredRow } from '../altered-row.ts';
import { applicationIn, askForCredit, brief } from '../cases.ts';
import { runCountersign } from '../command.ts';
import { recorded } from '../recorded.ts';
import type { Act, Memory, Scene } from '../scene.ts';
import { StageError } from '../stage-error.ts';
import type { Stage } from '../stage.ts';
import { waitFor } from '../wait.ts';

/** What a verification found, over all cells. */
interface Verified {
  readonly entries: number;
  readonly problems: readonly Problem[];
}

const arriveTimeoutMs = 15_000;
const slowMs = 300_000;

export const reproducedDecision: Scene = {
  name: 'The first decision is reproduced byte for byte',
  expected: 'replayed from the record: the same request, the same verdicts, the same answer',
  async play(stage, memory): Promise<Act> {
    const { decisionId, received } = firstOf(memory);
    const story = await stage.api.record(decisionId, stage.keys.auditor);
    const request = { key: stage.keys.auditor, body: { reason: 'test' } };
    const replay = await stage.api.post(`/v1/decisions/${decisionId}/replay`, request);
    const { result, steps } = replay.body as unknown as ReplayResult;
    const atEndpoint = stage.eu.receivedFor(decisionId).map(({ sha256 }) => `sha256:${sha256}`);
    const { requestDigest } = recorded(story, 'intent').facts;
    const { releasedDigest } = recorded(story, 'outcome').facts;
    return {
      decisionId,
      facts: [
        { text: `record ${story.intact ? 'intact' : 'NOT intact'}`, holds: story.intact },
        { text: `replay: ${result}`, holds: replay.status === 200 && result === 'equal' },
        ...steps.map((step) => ({
          text: `${step.step}: ${step.result}`,
          holds: step.result === 'equal',
        })),
        equal('request’s digest in the endpoint’s own log', atEndpoint.join(), requestDigest),
        equal(`released body (${received.length} bytes)`, digestOf(received), releasedDigest),
      ],
    };
  },
};

export const alteredRow: Scene = {
  name: 'One row of the store is altered',
  expected: '"countersign audit verify" fails and names exactly this row',
  async play(stage, memory): Promise<Act> {
    const { decisionId } = firstOf(memory);
    const row = await alterOutcome(stage.play.config, decisionId);
    const altered = await restoringAfter(row, () => verifyByCommand(stage));
    const restored = await verifyHere(stage);
    const before = new Set(restored.problems.map(({ entryId }) => entryId));
    const named = altered.problems.filter(({ entryId }) => !before.has(entryId));
    const isNamed =
      named.length === 1 && named[0]?.entryId === row.entryId && named[0].decisionId === decisionId;
    return {
      decisionId,
      facts: [
        { text: `exit code ${altered.exitCode}`, holds: altered.exitCode === 1 },
        {
          text: named.map(({ entryId, problem }) => `${entryId}: ${problem}`).join(', ') || 'no row named',
          holds: isNamed,
        },
        { text: `${altered.entries} entries read`, holds: altered.entries > 0 },
        {
          text: before.has(row.entryId) ? 'still named after it was put back' : 'row put back',
          holds: !before.has(row.entryId),
        },
      ],
    };
  },
};

export const killedInFlight: Scene = {
  name: 'The process is killed in the middle of a call',
  expected: 'after restart: 0 calls without a record; the open decision is closed as unknown',
  async play(stage): Promise<Act> {
    const decisionId = await killDuringCall(stage);
    await stage.gateway.start();
    const unrecorded = await countUnrecorded(stage);
    const calls = stage.eu.received().length + stage.us.received().length;
    const completion = recorded(await stage.api.record(decisionId, stage.keys.auditor), 'completion').facts
      .status;
    const standing = await stage.api.get(`/v1/decisions/${decisionId}`, { key: stage.keys.caller });
    return {
      decisionId,
      facts: [
        {
          text: `${calls} calls in the endpoints’ logs, ${unrecorded} without a record`,
          holds: calls > 0 && unrecorded === 0,
        },
        { text: `the open call is closed as ${completion}`, holds: completion === 'unknown' },
        { text: `the decision: ${brief(standing)}`, holds: standing.body['status'] === 'refused' },
      ],
    };
  },
};

function firstOf(memory: Memory) {
  if (memory.first === null) throw new StageError('the first scene made no decision');
  return memory.first;
}

function equal(what: string, made: unknown, expected: unknown) {
  return { text: `${what}: ${made === expected ? 'equal' : 'different'}`, holds: made === expected };
}

async function restoringAfter<Result>(row: AlteredRow, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } finally {
    await row.restore();
  }
}

/** As an operator would, from a shell. */
async function verifyByCommand(stage: Stage): Promise<{ exitCode: number } & Verified> {
  const args = ['audit', 'verify', '--json', '--config', stage.play.file];
  const { exitCode, stdout } = await runCountersign(args, stage.signal);
  const { cells } = JSON.parse(stdout) as { cells: Verified[] };
  return { exitCode, ...sum(cells) };
}

async function verifyHere(stage: Stage): Promise<Verified> {
  const open = await attachCells(stage.play.config, () => undefined);
  try {
    const results = [...open.cells.values()].map((cell) => verifyHostedCell(cell, stage.play.config));
    return sum(await Promise.all(results));
  } finally {
    await open.close();
  }
}

function sum(cells: readonly Verified[]): Verified {
  return {
    entries: cells.reduce((total, cell) => total + cell.entries, 0),
    problems: cells.flatMap((cell) => cell.problems),
  };
}

/** Kills the gateway once the endpoint has the call and before it answers. @returns the decision's id */
async function killDuringCall(stage: Stage): Promise<string> {
  const before = stage.eu.received().length;
  await stage.eu.behave({ mode: 'slow', delayMs: slowMs });
  try {
    // It loses its connection when the gateway dies; an answer would mean that there was nothing to kill.
    const asked = askForCredit(stage, applicationIn('high'), 'EU').then(brief, () => null);
    const look = () => stage.eu.received()[before]?.decisionId ?? null;
    const arrives = waitFor('the EU simulator’s log shows the call', look, {
      timeoutMs: arriveTimeoutMs,
      signal: stage.signal,
    });
    const decisionId = await arrives;
    await stage.gateway.kill();
    const answer = await asked;
    if (answer !== null) throw new StageError(`the slow call was answered before the kill: ${answer}`);
    return decisionId;
  } finally {
    await stage.eu.behave({ mode: 'ok' });
  }
}

/** Calls that an endpoint says it received and of which the store has no intent. */
async function countUnrecorded(stage: Stage): Promise<number> {
  const received = [...stage.eu.received(), ...stage.us.received()];
  const decisions = new Set(received.flatMap(({ decisionId }) => decisionId ?? []));
  const intents = new Set<string | null>();
  for (const decisionId of decisions) {
    const reply = await stage.api.get(`/v1/decisions/${decisionId}/record`, { key: stage.keys.auditor });
    if (reply.status === 404) continue;
    const { entries } = await stage.api.record(decisionId, stage.keys.auditor);
    for (const { header } of entries) if (header.type === 'intent') intents.add(header.callId);
  }
  return received.filter(({ callId }) => callId === null || !intents.has(callId)).length;
}
