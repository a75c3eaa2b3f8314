import type { FastifyInstance } from 'fastify';
import { CountersignError } from '../decision/errors.ts';
import { type RequestLog, renderError } from './render-error.ts';

/** Tells a route that is not there from one that does not take the method (RFC 9110, section 15.5.6). */
export function refuseUnknownRoutes(server: FastifyInstance, log: RequestLog): void {
  const known: { readonly path: RegExp; readonly methods: readonly string[] }[] = [];
  server.addHook('onRoute', ({ url, method }) => {
    known.push({
      path: new RegExp(`^${url.replaceAll(/:\w+/g, '[^/]+').replace('*', '.*')}$`),
      methods: [method].flat(),
    });
  });
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = known.filter((route) => route.path.test(path)).flatMap((route) => route.methods);
    if (allowed.length === 0) return renderError(log, new CountersignError('ROUTE_UNKNOWN'), request, reply);
    void reply.header('allow', [...new Set(allowed)].join(', '));
    return renderError(log, new CountersignError('METHOD_NOT_ALLOWED'), request, reply);
  });
}
