import type { FastifyInstance } from 'fastify';

/**
 * Closes, at shutdown, connections on which no request has come yet. Browsers and HTTP clients open
 * them ahead of need; Node counts them as busy and would wait a minute for each.
 */
export function closeSilentConnections(server: FastifyInstance): void {
  const silent = new Set<{ destroy(): unknown }>();
  let closing = false;
  server.server.on('connection', (socket) => {
    if (closing) socket.destroy();
    else silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.server.on('request', (request) => silent.delete(request.socket));
  server.addHook('preClose', async () => {
    closing = true;
    for (const socket of silent) socket.destroy();
  });
}
