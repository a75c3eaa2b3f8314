import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance, RouteOptions } from 'fastify';
import type { InferenceRoute } from '../../src/gateway/routes/inference-route.ts';

/** A route as the server has it, not as anybody says it is. */
export interface RegisteredRoute {
  readonly method: string;
  readonly url: string;
  readonly kind: string | undefined;
  readonly role: string | null | undefined;
}

/**
 * Notes every route that any Fastify server registers while `work` runs. Fastify announces each new
 * server before its first route, so no route is too early to be seen.
 */
export async function watchRoutes<Result>(
  work: () => Promise<Result>,
): Promise<{ result: Result; routes: readonly RegisteredRoute[] }> {
  const routes: RegisteredRoute[] = [];
  const onServer = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', (route: RouteOptions) => {
      const { kind, role } = route.config ?? {};
      for (const method of [route.method].flat()) routes.push({ method, url: route.url, kind, role });
    });
  };
  subscribe('fastify.initialization', onServer);
  try {
    return { result: await work(), routes };
  } finally {
    unsubscribe('fastify.initialization', onServer);
  }
}

const kinds = new Set([
  'inference',
  'reading',
  'review',
  'retention',
  'evidence',
  'replay',
  'audit',
  'service',
]);
/** What outside text can be on each route; an embedding knows no documents and no tools. */
const surfacesOf: Readonly<Record<InferenceRoute['dialect'], readonly string[]>> = {
  decision: ['chat', 'tool_result', 'document'],
  'openai-chat': ['chat', 'tool_result', 'document'],
  'openai-embeddings': ['chat'],
};

/** What is wrong between the routes of a server and the table of those that can lead to a model (I4). */
export function routeProblems(
  registered: readonly RegisteredRoute[],
  table: readonly Pick<InferenceRoute, 'dialect' | 'url' | 'places'>[],
): string[] {
  const problems: string[] = [];
  for (const { method, url, kind } of registered) {
    if (kind === undefined || !kinds.has(kind))
      problems.push(`${method} ${url} does not say what kind it is`);
    const isListed = table.some((route) => route.url === url);
    if (kind === 'inference' && !isListed)
      problems.push(`${method} ${url} leads to a model and stands in no table`);
    if (kind !== 'inference' && isListed && method === 'POST') {
      problems.push(`${method} ${url} stands in the table and is not registered as a model route`);
    }
  }
  for (const { dialect, url, places } of table) {
    const surfaces = surfacesOf[dialect];
    if (!registered.some((route) => route.url === url && route.kind === 'inference')) {
      problems.push(`${url} stands in the table and is not registered`);
    }
    if (places.length === 0) problems.push(`${url} names no place where text can enter`);
    for (const surface of surfaces) {
      if (!places.some((place) => place.surface === surface))
        problems.push(`${url} names no place for ${surface}`);
    }
    if (surfaces.includes('document') && !places.some((place) => place.takesPdf))
      problems.push(`${url} names no place for a PDF`);
  }
  return problems;
}
