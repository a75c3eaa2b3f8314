import { type Memory, type Scene, type SceneResult, playScene } from './scene.ts';
import { alteredRow, killedInFlight, reproducedDecision } from './scenes/audit.ts';
import { highConfidence, lowConfidence, middleConfidence } from './scenes/banding.ts';
import { endpointDown, lawfulEndpoint, unlabelled } from './scenes/residency.ts';
import { hiddenInstructions, leakedIban } from './scenes/validation.ts';
import type { Stage } from './stage.ts';

/** In this order: later scenes look at what earlier ones left in the record. */
const scenes: readonly Scene[] = [
  highConfidence,
  middleConfidence,
  lowConfidence,
  lawfulEndpoint,
  endpointDown,
  unlabelled,
  hiddenInstructions,
  leakedIban,
  reproducedDecision,
  alteredRow,
  killedInFlight,
];

/** Plays every scene, also after one that failed. @param onScene told of each as it ends */
export async function playStory(
  stage: Stage,
  onScene: (result: SceneResult) => void,
): Promise<SceneResult[]> {
  const memory: Memory = { first: null };
  const results: SceneResult[] = [];
  for (const scene of scenes) {
    const result = await playScene(scene, stage, memory);
    results.push(result);
    onScene(result);
  }
  return results;
}
