import type { FastifyInstance } from 'fastify';
import type { ServerOptions } from '../server.ts';

const open = { kind: 'service', role: null } as const;

/** Routes about the service itself. They hold no personal data and need no key. */
export function registerService(
  server: FastifyInstance,
  { rooms, accepting, metricsText }: ServerOptions,
): void {
  server.get('/healthz', { config: open, schema: { summary: 'The process is alive' } }, () => ({
    status: 'ok',
  }));
  server.get(
    '/readyz',
    { config: open, schema: { summary: 'The process can take decisions' } },
    async (_request, reply) => {
      const cells: Record<string, 'ok' | 'unavailable'> = {};
      for (const cell of rooms.cells.values())
        cells[cell.id] = (await cell.store.healthy()) ? 'ok' : 'unavailable';
      const ready = accepting() && Object.values(cells).every((state) => state === 'ok');
      return reply.status(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', cells });
    },
  );
  server.get(
    '/metrics',
    { config: open, schema: { summary: 'Prometheus metrics' } },
    async (_request, reply) => {
      return reply.type(rooms.metrics.registry.contentType).send(await metricsText());
    },
  );
  server.get('/openapi.json', { config: open, schema: { hide: true } }, () => server.swagger());
}
