import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { isCommittedIntent } from '../audit/record.ts';
import { sweep } from '../audit/sweeper.ts';
import type { LoadedConfig } from '../config/load.ts';
import { resolveSecret } from '../config/secret.ts';
import { createEgressCounter } from '../residency/egress-counter.ts';
import { createEgress } from '../residency/egress.ts';
import { createHealth } from '../residency/health.ts';
import { createLabeller } from '../residency/label.ts';
import { createLawfulFilter } from '../residency/lawful.ts';
import { createPersonFilter } from '../residency/person.ts';
import type { StorageLog } from '../storage/log.ts';
import { createAlerts } from '../telemetry/alerts.ts';
import { createToolRunner } from '../tools/runner.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createClassifier } from '../validation/classification.ts';
import { createValidationGate, weightsOf } from '../validation/gate.ts';
import { openOutputProfiles } from '../validation/output/anomaly/profiles.ts';
import { createOutputFilter } from '../validation/output-filter.ts';
import { defaultValidationPolicy } from '../validation/policy.ts';
import { activateReleases } from './activate-releases.ts';
import { keepAlert } from './alert-repository.ts';
import { checkArchives, startArchiving } from './archiving.ts';
import { startCanaries } from './canaries.ts';
import { announceDetectOnly } from './detect-only.ts';
import { createDoor, createReferences } from './identity.ts';
import { type OpenCells, openCells } from './open-cells.ts';
import { patiently } from './patience.ts';
import { operatorModelOf } from './operator-model.ts';
import { openProbing } from './probing.ts';
import { openQuarantines } from './quarantining.ts';
import { loadProvenConfig } from './proven-config.ts';
import type { Rooms } from './rooms.ts';
import { startSequencing } from './sequencing.ts';
import { createServer } from './server.ts';
import { startReconciling } from './reconciling.ts';
import { startReviewDesk } from './review-desk.ts';
import { startStranding } from './stranding.ts';
import { startRetaining } from './retaining.ts';
import { startCompleting } from './completing.ts';
import { startExpiring } from './expiring.ts';
import { recordPolicyChanges } from './policy-change.ts';
import { startSweeping } from './sweeping.ts';
import { startWebhooks } from './webhooks.ts';

export interface Gateway {
  readonly url: string;
  readonly server: FastifyInstance;
  readonly rooms: Rooms;
  /** What the start-up sweep closed. */
  readonly closedAtStart: { readonly unknownCalls: number; readonly closedDecisions: number };
  /** Refuses new requests, finishes those in work, and closes the stores. */
  stop(): Promise<void>;
}

/**
 * Brings everything up: configuration, stores, gates, releases, the sweep of what a crash left open,
 * and the HTTP server.
 * @throws ConfigError, StorageSetupError, SecretError with what to do
 */
export async function startGateway(options: { configFile: string; log: StorageLog }): Promise<Gateway> {
  const config = loadProvenConfig(options.configFile);
  options.log('info', 'every route of the configuration was proved safe', {
    ...config.proof,
    limits: config.proof.limits.join('; '),
  });
  const open = await openCells(config, options.log);
  try {
    return await run(config, open, options.log);
  } catch (error) {
    await open.close();
    throw error;
  }
}

async function run(config: LoadedConfig, open: OpenCells, log: StorageLog): Promise<Gateway> {
  const rooms = await wireRooms(config, open, log);
  await checkArchives(rooms, log);
  announceDetectOnly(rooms, log);
  const closedAtStart = await sweepAtStart(rooms, open);
  const face = await openFace(rooms, log, () => rooms.metrics.registry.metrics());
  const background = startBackground(rooms, log);
  log('info', 'Countersign is listening', { url: face.url });
  return {
    ...face,
    rooms,
    closedAtStart,
    async stop() {
      await face.stop();
      await background.stop();
      await closeRooms(rooms);
      await open.close();
    },
  };
}

/** The HTTP server on the configured address. Stopping it refuses new requests and finishes those in work. */
export async function openFace(rooms: Rooms, log: StorageLog, metricsText: () => Promise<string>) {
  let accepting = true;
  const server = await createServer({
    rooms,
    authenticator: createDoor(rooms),
    log,
    accepting: () => accepting,
    metricsText,
  });
  const { host, port } = rooms.config.gateway.listen;
  const url = await server.listen({ host, port });
  const stranding = startStranding(rooms);
  return {
    url,
    server,
    async stop() {
      accepting = false;
      stranding.stop();
      await server.close();
    },
  };
}

/** What runs once per gateway, however many processes serve: the sweeper and the webhooks. */
export function startBackground(rooms: Rooms, log: StorageLog): { stop(): Promise<void> } {
  const parts = [
    startSweeping(rooms, log),
    startWebhooks(rooms, log),
    startRetaining(rooms, log),
    startSequencing(rooms, log),
    startCompleting(rooms, log),
    startArchiving(rooms, log),
    startCanaries(rooms, log),
    startReconciling(rooms, log),
    startExpiring(rooms, log),
    startReviewDesk(rooms, log),
  ];
  return {
    async stop() {
      await Promise.all(parts.map((part) => part.stop()));
    },
  };
}

export async function closeRooms(rooms: Rooms): Promise<void> {
  await rooms.egress.close();
  await rooms.quarantines.stop();
  await rooms.outputProfiles.stop();
  await rooms.probing.stop();
  rooms.tools.close();
  await rooms.validation.close();
  await rooms.alerts.settle();
}

/** Makes every room from the configuration; releases are stored before the first decision names them. */
export async function wireRooms(config: LoadedConfig, open: OpenCells, log: StorageLog): Promise<Rooms> {
  const nowMs = () => Date.now();
  const policy = config.gateway.validation ?? defaultValidationPolicy;
  const validation = createValidationGate({
    policy,
    operatorModel: await operatorModelOf(config),
    onFault: (fault) => {
      log('error', 'validation failed and refused', {
        fault: fault instanceof Error ? fault.name : 'unknown',
      });
    },
  });
  const outputFilter = createOutputFilter(policy);
  const { classification } = config.gateway;
  const classifier = classification ? createClassifier(classification, policy.canonical) : null;
  const metrics = createMetrics(() => [...open.cells.values()].map((cell) => cell.store));
  const alerts = createAlerts({
    log,
    count: (kind, cell) => metrics.alert(kind, cell),
    keep: (alert) => keepAlert(open.cells, alert),
  });
  const quarantines = await patiently(() =>
    openQuarantines({ cells: open.cells, alerts, metrics, nowMs, log }),
  );
  const outputProfiles = await patiently(() => openOutputProfiles({ cells: open.cells, log }));
  const probing = await patiently(() => openProbing({ cells: open.cells, config, log }));
  const lawfulFilter = createLawfulFilter(config.gateway, quarantines.endpoints);
  const determinants = [
    validation,
    ...weightsOf(validation),
    outputFilter,
    ...(classifier === null ? [] : [classifier]),
  ];
  const releases = await activateReleases(config, open.cells.values(), determinants, nowMs);
  await recordPolicyChanges(config, open.cells.values(), nowMs);
  const types = config.decisionTypes;
  return {
    config,
    types,
    releases,
    cells: open.cells,
    labeller: createLabeller({
      jurisdictions: config.gateway.jurisdictions,
      dataClasses: config.gateway.dataClasses,
      cells: config.gateway.cells,
      decisionTypes: new Map([...types].map(([name, type]) => [name, { dataClass: type.config.dataClass }])),
    }),
    references: createReferences(config, nowMs),
    validation,
    classifier,
    lawfulFilter,
    lawfulForPerson: createPersonFilter(config.gateway, config.gateway.reviewers?.legalEntity ?? null),
    quarantines,
    health: createHealth({ nowMs }),
    egress: wireEgress(config, { lawfulFilter, quarantines, alerts, nowMs }),
    outputFilter,
    outputProfiles,
    probing,
    tools: createToolRunner(),
    metrics,
    alerts,
    nowMs,
  };
}

/** The only door out. */
function wireEgress(
  config: LoadedConfig,
  {
    lawfulFilter,
    quarantines,
    alerts,
    nowMs,
  }: Pick<Rooms, 'lawfulFilter' | 'quarantines' | 'alerts' | 'nowMs'>,
): Rooms['egress'] {
  return createEgress({
    endpoints: config.gateway.endpoints,
    resolveCredential: (reference) => resolveSecret(reference, config.baseFolder),
    isLawful: (candidate) => lawfulFilter.isLawful(candidate),
    isCommitted: isCommittedIntent,
    isQuarantined: (id) => quarantines.endpoints().has(id),
    readAuthorities: (path) => readFileSync(config.resolvePath(path), 'utf8'),
    counter: createEgressCounter({
      folder: config.resolvePath(config.gateway.egressCounter.folder),
      nowMs,
      onFault: (cell, fault) => alerts.raiseOften({ kind: 'counter-failed', cell, detail: { fault } }, fault),
    }),
    nowMs,
  });
}

/** With embedded stores nobody else can be at work: whatever is open at start was left by a crash. */
export async function sweepAtStart(rooms: Rooms, open: OpenCells) {
  const total = { unknownCalls: 0, closedDecisions: 0 };
  if (!open.exclusive) return total;
  for (const cell of rooms.cells.values()) {
    const options = { olderThanMs: 0, since: null, nowMs: rooms.nowMs };
    const closed = await patiently(() => sweep(cell.store, options));
    rooms.metrics.swept(cell.id, closed.unknownCalls, closed.closedDecisions);
    total.unknownCalls += closed.unknownCalls;
    total.closedDecisions += closed.closedDecisions;
  }
  return total;
}
