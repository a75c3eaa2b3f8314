import { callHeaders } from '../audit/completeness/call-headers.ts';
import { dayAt } from '../audit/completeness/day.ts';
import { mintId } from '../audit/mint.ts';
import { recordSystemEntry } from '../audit/system-entry.ts';
import type { LoadedConfig } from '../config/load.ts';
import { digestOf, sha256 } from '../decision/canonical.ts';
import type { CompletionFacts, IntentFacts } from '../decision/entry.ts';
import type { DecisionId } from '../decision/ids.ts';
import { type VendorLoggedRequest, readCloudTrail } from '../residency/assurance/cloudtrail.ts';
import { readInferenceProfile } from '../residency/assurance/inference-profile.ts';
import { awsRegionCountry } from '../residency/assurance/region-country.ts';
import {
  type VendorLogKind,
  type VendorLoggedCall,
  importInsert,
  storeLoggedCalls,
  wasImported,
} from '../residency/assurance/vendor-log-repository.ts';
import { policyJson } from '../residency/policy-json.ts';
import type { Endpoint } from '../residency/policy.ts';
import type { Store } from '../storage/store.ts';
import type { Quarantines } from './quarantining.ts';
import { callLifeMs } from './sweeping.ts';

export interface VendorLogImport {
  readonly kind: VendorLogKind;
  readonly endpoint: Endpoint;
  readonly text: string;
}

export interface VendorLogResult {
  /** False: this very file had been imported before. */
  readonly isNew: boolean;
  /** Requests that the vendor's file speaks of. */
  readonly requests: number;
  /** Of these, calls of ours; each of them that agrees is vendor-logged from now on. */
  readonly matched: number;
  /** What contradicts the declaration: calls, or the profile itself. Any takes the endpoint out. */
  readonly mismatches: readonly string[];
}

/** What an import works with. */
interface Importing {
  readonly store: Store;
  readonly config: LoadedConfig;
  readonly quarantines: Quarantines;
  readonly nowMs: () => number;
}

const namedMax = 20;

/**
 * Takes in what a vendor itself says of an endpoint, and takes the endpoint out where that contradicts what was
 * declared. Importing a file again changes nothing.
 * @throws VendorLogFormatError
 */
export async function importVendorLog(at: Importing, what: VendorLogImport): Promise<VendorLogResult> {
  const { store, quarantines } = at;
  const { kind, endpoint, text } = what;
  const fileDigest = sha256(text);
  const about = { cell: store.cell, endpoint: endpoint.id, kind, fileDigest };
  const isNew = !(await wasImported(store.query, about));
  const importId = mintId<DecisionId>();
  const found = kind === 'cloudtrail' ? await matchCalls(at, what) : compareProfile(what);
  if (isNew) {
    if (found.calls.length > 0) await storeLoggedCalls(store.query, store.cell, importId, found.calls);
    await recordImport(at, { ...about, importId }, found);
  }
  const mismatches = found.mismatches.slice(0, namedMax);
  if (mismatches.length > 0) {
    const reason = kind === 'cloudtrail' ? 'vendor-log' : 'profile-drift';
    const check = kind === 'cloudtrail' ? 'inferenceRegion' : 'inference-profile';
    // The same file a second time says nothing that an operator has not seen when releasing the endpoint.
    if (isNew) quarantines.begin(endpoint.id, { reason, checks: [check], callId: null });
  }
  return { isNew, requests: found.requests, matched: found.calls.length, mismatches };
}

interface Found {
  readonly requests: number;
  readonly calls: readonly VendorLoggedCall[];
  readonly mismatches: readonly string[];
}

async function matchCalls({ store, config }: Importing, { endpoint, text }: VendorLogImport): Promise<Found> {
  const requests = new Map(readCloudTrail(text).map((request) => [request.requestId, request]));
  const current = digestOf(policyJson(config.gateway));
  const lifeMs = callLifeMs(config.gateway.limits);
  // A call is of the day in its id, which may be the one before the vendor's line.
  const times = [...requests.values()].flatMap(({ atMs }) => [atMs, atMs - lifeMs]);
  const days = new Map(times.map((ms) => [dayAt(ms).name, dayAt(ms)]));
  const calls: VendorLoggedCall[] = [];
  for (const day of days.values()) {
    const intents = new Map<string, IntentFacts['endpoint']>();
    for await (const page of callHeaders(store.query, day)) {
      for (const { callId, type, header } of page) {
        if (header === null) continue;
        if (type === 'intent') {
          intents.set(callId, (header.facts as IntentFacts).endpoint);
          continue;
        }
        const declared = intents.get(callId);
        intents.delete(callId);
        const facts = header.facts as CompletionFacts;
        const request = requests.get(facts.providerRequestId ?? '');
        if (request === undefined || declared?.id !== endpoint.id) continue;
        const countries = declared.policy === current ? endpoint.processing : declared.countries;
        calls.push(toCall(callId, request, countries));
      }
    }
  }
  const mismatches = calls
    .filter(({ agrees }) => !agrees)
    .map(({ callId, region, country }) => `call ${callId}: ${region} (${country ?? 'unknown country'})`);
  return { requests: requests.size, calls, mismatches };
}

function toCall(
  callId: string,
  { region, country }: VendorLoggedRequest,
  countries: readonly string[],
): VendorLoggedCall {
  return { callId, region, country, agrees: country !== null && countries.includes(country) };
}

function compareProfile({ endpoint, text }: VendorLogImport): Found {
  const profile = readInferenceProfile(text);
  const mismatches: string[] = [];
  if (profile.sha256 !== endpoint.profileSnapshotSha256)
    mismatches.push(`the profile’s digest is ${profile.sha256}`);
  for (const region of profile.regions) {
    const country = awsRegionCountry[region];
    if (country === undefined || !endpoint.processing.includes(country))
      mismatches.push(`it routes to ${region} (${country ?? 'unknown country'})`);
  }
  return { requests: 0, calls: [], mismatches };
}

async function recordImport(
  { store, nowMs }: Importing,
  about: {
    importId: DecisionId;
    cell: string;
    endpoint: string;
    kind: VendorLogKind;
    fileDigest: Buffer;
  },
  { requests, calls, mismatches }: Found,
): Promise<void> {
  await recordSystemEntry(store, {
    id: about.importId,
    type: 'configuration',
    decisionType: null,
    release: null,
    facts: {
      action: 'vendor-log-imported',
      endpoint: about.endpoint,
      fileDigest: `sha256:${about.fileDigest.toString('hex')}`,
      kind: 'configuration',
      log: about.kind,
      matched: calls.length,
      mismatches: mismatches.length,
      requests,
    },
    companions: [importInsert(about)],
    nowMs,
  });
}
