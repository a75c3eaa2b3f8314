import { chatCompletionsRoute } from './chat-completions.ts';
import { decisionsRoute } from './decisions.ts';
import { embeddingsRoute } from './embeddings.ts';
import type { InferenceRoute } from './inference-route.ts';

/** Every route that can lead to a model. */
export const inferenceRoutes: readonly InferenceRoute[] = [
  decisionsRoute,
  chatCompletionsRoute,
  embeddingsRoute,
];
