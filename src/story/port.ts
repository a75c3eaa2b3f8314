import { createServer } from 'node:net';
import { codeOf } from '../storage/errors.ts';
import { StageError } from './stage-error.ts';

/** The wanted port, or a free one where somebody listens on it already. 0 wants any. */
export async function choosePort(host: string, wanted: number): Promise<number> {
  return (await tryPort(host, wanted)) ?? (await tryPort(host, 0)) ?? outOfPorts(host);
}

/** The port when it can be listened on, null when it is taken. */
function tryPort(host: string, port: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      const code = codeOf(error);
      if (code === 'EADDRINUSE' || code === 'EACCES') resolve(null);
      else reject(error);
    });
    server.listen(port, host, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : null;
      server.close(() => resolve(bound));
    });
  });
}

function outOfPorts(host: string): never {
  throw new StageError(`No TCP port of ${host} is free. Stop some of the programs that listen there.`);
}
