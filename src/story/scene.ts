import type { Stage } from './stage.ts';

/** Something that was seen, in words that also hold when it is not what was expected. */
export interface Fact {
  readonly text: string;
  readonly holds: boolean;
}

/** What came of a scene. */
export interface Act {
  readonly decisionId: string | null;
  readonly facts: readonly [Fact, ...Fact[]];
}

/** What later scenes know of earlier ones. */
export interface Memory {
  /** The first decision: its id, and the very bytes that its caller received. */
  first: { readonly decisionId: string; readonly received: Buffer } | null;
}

export interface Scene {
  readonly name: string;
  readonly expected: string;
  play(stage: Stage, memory: Memory): Promise<Act>;
}

export interface SceneResult {
  readonly name: string;
  readonly expected: string;
  readonly actual: string;
  readonly ok: boolean;
  readonly decisionId: string | null;
}

/** Plays one scene. A fault in it is what happened, not the end of the story. */
export async function playScene(scene: Scene, stage: Stage, memory: Memory): Promise<SceneResult> {
  const { name, expected } = scene;
  try {
    const { decisionId, facts } = await scene.play(stage, memory);
    const actual = facts.map(({ text, holds }) => (holds ? text : `UNEXPECTED: ${text}`)).join('; ');
    return { name, expected, actual, ok: facts.every(({ holds }) => holds), decisionId };
  } catch (error) {
    stage.signal.throwIfAborted();
    return { name, expected, actual: `UNEXPECTED: ${String(error)}`, ok: false, decisionId: null };
  }
}
