import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import { choosePort } from './port.ts';
import { StageError } from './stage-error.ts';

export const regions = ['eu', 'us'] as const;
export type Region = (typeof regions)[number];

/** A configuration whose ports are free, and the environment that its children need. */
export interface PlayableConfig {
  /** What the gateway is started with: the given file, or a copy with other ports. */
  readonly file: string;
  readonly config: LoadedConfig;
  readonly gatewayUrl: string;
  readonly simulatorPorts: Readonly<Record<Region, number>>;
  readonly env: NodeJS.ProcessEnv;
  /** What differs from the given file, for the reader. */
  readonly notices: readonly string[];
}

interface Move {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/**
 * Reads the configuration and finds a port for the gateway and each simulator. Where somebody listens
 * already, a copy of the configuration with other ports is written into `folder`.
 * @throws ConfigError; StageError when the configuration has no endpoints to simulate
 */
export async function preparePlay(file: string, folder: string): Promise<PlayableConfig> {
  const config = loadConfig(file);
  if (config.gateway.cells.some((cell) => cell.store !== 'embedded' || !cell.hosted)) {
    throw new StageError(
      `The story alters a row as its owner, so it plays with embedded stores only; see ${file}.`,
    );
  }
  const moves: Move[] = [];
  const notices: string[] = [];
  const settle = async (who: string, host: string, wanted: number): Promise<number> => {
    const port = await choosePort(host, wanted);
    if (port !== wanted && wanted !== 0) {
      notices.push(
        `Port ${wanted} is taken, so ${who} uses ${port} this time. Stop what listens there to get it back.`,
      );
    }
    return port;
  };

  const { host, port: wanted } = config.gateway.listen;
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host;
  const port = await settle('the gateway', host, wanted);
  const gatewayUrl = `http://${reachable}:${port}`;
  if (port !== wanted) {
    moves.push({ path: ['listen', 'port'], value: port });
    config.gateway.cells.forEach((_, c) => moves.push({ path: ['cells', c, 'address'], value: gatewayUrl }));
  }
  const simulatorPorts = { eu: 0, us: 0 };
  for (const region of regions) {
    const { at, url } = simulated(config, region, file);
    const chosen = await settle(`the ${region.toUpperCase()} simulator`, url.hostname, Number(url.port));
    simulatorPorts[region] = chosen;
    if (chosen === Number(url.port)) continue;
    url.port = String(chosen);
    moves.push({ path: ['endpoints', at, 'url'], value: url.href });
  }
  const env = { ...process.env, ...credentials(config) };
  const rest = { gatewayUrl, simulatorPorts, env, notices };
  if (moves.length === 0) return { file, config, ...rest };
  const copy = copyWith(config, file, moves, folder);
  return { file: copy, config: loadConfig(copy), ...rest };
}

export function endpointId(region: Region): string {
  return `simulator-${region}`;
}

function simulated(config: LoadedConfig, region: Region, file: string): { at: number; url: URL } {
  const at = config.gateway.endpoints.findIndex((endpoint) => endpoint.id === endpointId(region));
  const endpoint = config.gateway.endpoints[at];
  if (!endpoint) {
    throw new StageError(
      `The story needs an endpoint "${endpointId(region)}" in ${file}; see examples/countersign.yaml.`,
    );
  }
  const url = new URL(endpoint.url);
  if (url.hostname !== '127.0.0.1' || url.port === '') {
    throw new StageError(
      `"${endpointId(region)}" in ${file} must be at http://127.0.0.1 with a port: it is simulated.`,
    );
  }
  return { at, url };
}

/** Secrets for the simulators, where the environment has none; they take any. */
function credentials(config: LoadedConfig): Record<string, string> {
  const names = config.gateway.endpoints.flatMap(({ credential }) =>
    credential.startsWith('env:') ? [credential.slice('env:'.length)] : [],
  );
  const missing = names.filter((name) => !process.env[name]);
  return Object.fromEntries(missing.map((name) => [name, randomBytes(24).toString('base64url')]));
}

function copyWith(config: LoadedConfig, file: string, moves: readonly Move[], folder: string): string {
  const yaml = parseDocument(readFileSync(file, 'utf8'));
  const { dataDir, decisionTypes, cells, ledger, egressCounter } = config.gateway;
  // The copy stands in another folder, so paths that were relative to the first one are made absolute.
  yaml.setIn(['dataDir'], config.resolvePath(dataDir));
  yaml.setIn(['decisionTypes'], config.resolvePath(decisionTypes));
  yaml.setIn(['ledger', 'folder'], config.resolvePath(ledger.folder));
  yaml.setIn(['egressCounter', 'folder'], config.resolvePath(egressCounter.folder));
  cells.forEach(({ keyring, archive }, c) => {
    if ('file' in keyring) yaml.setIn(['cells', c, 'keyring', 'file'], config.resolvePath(keyring.file));
    if (archive !== 'none' && 'folder' in archive) {
      yaml.setIn(['cells', c, 'archive', 'folder'], config.resolvePath(archive.folder));
    }
  });
  for (const { path, value } of moves) yaml.setIn(path, value);
  const copy = join(folder, 'countersign.yaml');
  writeFileSync(copy, yaml.toString(), { mode: 0o600 });
  return copy;
}
