import { isObject, readJson } from '../../decision/json.ts';
import { awsRegionCountry } from './region-country.ts';

/** One request as the vendor logged it. */
export interface VendorLoggedRequest {
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** Where it was processed, in the vendor's words. */
  readonly region: string;
  /** ISO 3166-1 alpha-2; null for a region that we do not know. */
  readonly country: string | null;
}

/** The file is not what its kind says. */
export class VendorLogFormatError extends Error {
  override name = 'VendorLogFormatError';
}

const requestIdPattern = /^[A-Za-z0-9._:/+=-]{1,128}$/;
const regionPattern = /^[a-z]{2}(-[a-z]+)+-\d$/;

/**
 * Reads Bedrock's model requests out of CloudTrail: a log file (`{"Records": […]}`), one record on each line, or
 * what `aws cloudtrail lookup-events` prints. `additionalEventData.inferenceRegion` says where a request was
 * processed; without it, it was the Region of the call (docs.aws.amazon.com/bedrock/latest/userguide/
 * geographic-cross-region-inference.html; docs.aws.amazon.com/awscloudtrail/latest/userguide/
 * cloudtrail-event-reference-record-contents.html).
 * @throws VendorLogFormatError
 */
export function readCloudTrail(text: string): readonly VendorLoggedRequest[] {
  return recordsOf(text).flatMap((record) => requestOf(record) ?? []);
}

function recordsOf(text: string): readonly unknown[] {
  const whole = readJson(text);
  if (isObject(whole)) {
    if (Array.isArray(whole['Records'])) return whole['Records'];
    if (Array.isArray(whole['Events'])) return whole['Events'].map(lookedUp);
    if ('eventSource' in whole) return [whole];
  }
  if (Array.isArray(whole)) return whole;
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, i) => readJson(line) ?? fail(`line ${i + 1} is no JSON object`));
}

function lookedUp(event: unknown): unknown {
  const record = isObject(event) ? event['CloudTrailEvent'] : undefined;
  return typeof record === 'string' ? readJson(record) : fail('an event has no CloudTrailEvent');
}

/** Null for events that are no successful model request. */
function requestOf(record: unknown): VendorLoggedRequest | null {
  if (!isObject(record)) return fail('a record is no JSON object');
  const { eventSource, eventName, requestID, eventTime, awsRegion, additionalEventData } = record;
  const isModelRequest =
    (eventSource === 'bedrock.amazonaws.com' || eventSource === 'bedrock-runtime.amazonaws.com') &&
    typeof eventName === 'string' &&
    /^(InvokeModel|Converse)/.test(eventName);
  if (!isModelRequest) return null;
  const said = isObject(additionalEventData) ? additionalEventData['inferenceRegion'] : undefined;
  const region = said ?? awsRegion;
  const atMs = typeof eventTime === 'string' ? Date.parse(eventTime) : Number.NaN;
  if (typeof requestID !== 'string' || !requestIdPattern.test(requestID))
    return fail('a record has no requestID');
  if (Number.isNaN(atMs)) return fail('a record has no eventTime');
  if (typeof region !== 'string' || !regionPattern.test(region)) return fail('a record names no Region');
  return { requestId: requestID, atMs, region, country: awsRegionCountry[region] ?? null };
}

function fail(message: string): never {
  throw new VendorLogFormatError(message);
}
