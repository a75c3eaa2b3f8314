import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tellStory } from '../src/audit/story.ts';
import type { OutcomeFacts } from '../src/decision/entry.ts';
import { type DecisionId, parseDecisionId } from '../src/decision/ids.ts';
import type { ReplayResult } from '../src/gateway/replay/replay-result.ts';
import { createReplayer, type Replayer } from '../src/gateway/replay/replayer.ts';
import type { Cell } from '../src/gateway/rooms.ts';
import { Random } from '../src/simulator/random.ts';
import { masks } from '../src/validation/output/masking.ts';
import { rules } from '../src/validation/rules.ts';
import { randomRequests } from './support/random-decisions.ts';
import { type ReplayStage, changeEverything, startReplayStage } from './support/replay-stage.ts';

const count = 1_000;
const interruptedCount = 5;
const limitMs = 300_000;
/** Ways through the gates; each must be taken by some of the decisions, or an equal result means little. */
const ways = (
  'decided by model|decided by person|in_review by gate|refused by gate|0 attempts|1 attempts|2 attempts|3 attempts|' +
  'INJECTION_SUSPECTED|SMUGGLING_CHARACTERS|HIDDEN_TEXT|SURFACE_CLOSED|DOCUMENT_UNREADABLE|DOCUMENT_UNSUPPORTED|' +
  'NO_LAWFUL_ENDPOINT|LAWFUL_ENDPOINTS_FAILED|OUTPUT_UNPARSABLE|OUTPUT_SECRET|NO_SCORE|SCORE_CONTRADICTS|' +
  'BAND_MIDDLE|BAND_LOW|INTERRUPTED'
).split('|');
let stage: ReplayStage;
let replayer: Replayer;

beforeAll(async () => {
  stage = await startReplayStage();
  replayer = createReplayer();
});
afterAll(async () => {
  replayer.close();
  await stage.stop();
});

async function storyOf(id: string) {
  const decisionId = parseDecisionId(id) as DecisionId;
  for (const cell of stage.gateway.rooms.cells.values()) {
    const story = await tellStory(cell.store, cell.keys, decisionId);
    if (story) return { cell, story };
  }
  throw new Error(`no decision ${id}`);
}

async function replay({ cell, story }: { cell: Cell; story: Awaited<ReturnType<typeof storyOf>>['story'] }) {
  return (await replayer.replay(cell.store, story, { reveal: true })).result;
}

/** How often each way through the gates was taken, so that an equal result means something. */
function census(story: Awaited<ReturnType<typeof storyOf>>['story'], seen: Map<string, number>): void {
  const note = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  const outcomes = story.entries.filter(({ header }) => header.type === 'outcome');
  for (const { header } of outcomes) {
    const facts = header.facts as OutcomeFacts;
    note(`${facts.status} by ${facts.decidedBy}`);
    for (const verdict of facts.verdicts) if (verdict.kind !== 'pass') verdict.reasons.forEach(note);
  }
  const attempts = story.entries.filter(({ header }) => header.type === 'intent').length;
  note(`${attempts} attempts`);
}

describe('replay', () => {
  it(
    'gives 1,000 random decisions byte for byte after everything has been changed',
    async () => {
      const ids = await stage.decide(randomRequests({ seed: 7, count }), 8);
      const random = new Random(1);
      const reviewed = (await stage.review('eu', 80, random)) + (await stage.review('us', 40, random));
      const interrupted = await stage.interrupt(interruptedCount);
      expect([ids.length, reviewed, interrupted.length]).toEqual([count, 120, interruptedCount]);
      const [known] = ids;
      const before = await storyOf(known ?? '');
      await stage.restart(async () => {
        await changeEverything(stage.file);
        (rules as unknown[]).splice(0);
        Object.assign(masks, { iban: '***', email: '***', secret: '***' });
      });
      const { releases, validation } = stage.gateway.rooms;
      expect([...releases.values()]).not.toContain(before.story.entries[0]?.header.release);
      expect(JSON.parse(validation.content)).toMatchObject({ rules: [] });

      const different: ReplayResult[] = [];
      const seen = new Map<string, number>();
      for (const id of [...ids, ...interrupted]) {
        const told = await storyOf(id);
        census(told.story, seen);
        const result = await replay(told);
        if (result.result !== 'equal') different.push(result);
      }
      expect(different).toEqual([]);
      expect(ways.filter((way) => !seen.has(way))).toEqual([]);
    },
    limitMs,
  );
});
