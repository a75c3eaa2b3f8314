import { parseArgs } from 'node:util';
import { isModelId } from './answer.ts';
import { startSimulator } from './server.ts';

const usage = `usage: node dist/simulator/main.js --port PORT --region NAME --log FILE
         [--host ADDRESS] [--model scorecard|obedient] [--mark REGEXP]

POST /simulator/behaviour makes it fail; SIGUSR2 makes it well again.
`;

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    region: { type: 'string' },
    log: { type: 'string' },
    host: { type: 'string' },
    model: { type: 'string' },
    mark: { type: 'string' },
  },
});
const port = Number(values.port);
const isPort = values.port !== undefined && Number.isInteger(port) && port >= 0 && port <= 65_535;
if (!isPort || values.region === undefined || values.log === undefined) fail();
if (values.model !== undefined && !isModelId(values.model)) fail();

const simulator = await startSimulator({
  port,
  region: values.region,
  logFile: values.log,
  ...(values.host === undefined ? {} : { host: values.host }),
  ...(values.model === undefined ? {} : { model: values.model }),
  ...(values.mark === undefined ? {} : { mark: new RegExp(values.mark) }),
});
process.stdout.write(`simulator ${values.region} listening on ${simulator.url}\n`);
process.on('SIGUSR2', () => void simulator.setBehaviour({ mode: 'ok' }));
// While it refuses, no socket keeps the process alive until the signal that makes it well.
const alive = setInterval(() => undefined, 2 ** 30);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    clearInterval(alive);
    void simulator.close();
  });
}

function fail(): never {
  process.stderr.write(usage);
  process.exit(2);
}
