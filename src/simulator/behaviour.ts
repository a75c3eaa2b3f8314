import { isJsonObject, parseJson } from './json-value.ts';

/** How a simulated endpoint meets its callers. Every mode but `ok`, `says`, `calls` and `slow` is a way to fail. */
export type Behaviour =
  | { readonly mode: 'ok' }
  /** Nobody listens: connections are refused until another behaviour is set from inside. */
  | { readonly mode: 'refuse' }
  /** The request is read and never answered. */
  | { readonly mode: 'hang' }
  /** The request is read, then the connection is reset. */
  | { readonly mode: 'reset' }
  /** The connection is reset after half of the answer. */
  | { readonly mode: 'reset-mid-body' }
  | { readonly mode: 'status'; readonly status: number }
  /** 307 to an address elsewhere, with the method and body kept (RFC 9110, section 15.4.8). */
  | { readonly mode: 'redirect'; readonly location: string }
  /** A right answer, with what vendors say of the place it was made in; what is left out is not said. */
  | ({ readonly mode: 'says' } & VendorWords)
  /**
   * It calls tools: those of the first list in answer to a request without results, those of the second when it
   * has had one round of results, and so on; after the last list it answers as otherwise.
   */
  | { readonly mode: 'calls'; readonly rounds: readonly (readonly CalledTool[])[] }
  /** 200, and a body that is no JSON. */
  | { readonly mode: 'garbage' }
  /** A right answer, late. */
  | { readonly mode: 'slow'; readonly delayMs: number };

/** Header `x-ms-region`, `usage.inference_geo` and `model` of an answer. */
export interface VendorWords {
  readonly region?: string;
  readonly inferenceGeo?: string;
  readonly model?: string;
}

/** One tool call of an answer. */
export interface CalledTool {
  readonly name: string;
  /** JSON, or whatever else a test has a model write. */
  readonly arguments: string;
}

const delayMsMax = 600_000;

/** The behaviour in the body of `POST /simulator/behaviour`, or a sentence about what is wrong with it. */
export function readBehaviour(body: string): Behaviour | string {
  const value = parseJson(body);
  if (!isJsonObject(value)) return 'The body is not a JSON object.';
  const { mode, status, delayMs, location, region, inferenceGeo, model } = value;
  switch (mode) {
    case 'ok':
    case 'refuse':
    case 'hang':
    case 'reset':
    case 'reset-mid-body':
    case 'garbage':
      return { mode };
    case 'status':
      return isIntegerWithin(status, 400, 599) ? { mode, status } : '"status" is an integer from 400 to 599.';
    case 'redirect':
      return typeof location === 'string' && URL.canParse(location)
        ? { mode, location }
        : '"location" is a URL.';
    case 'says':
      return {
        mode,
        ...(typeof region === 'string' && { region }),
        ...(typeof inferenceGeo === 'string' && { inferenceGeo }),
        ...(typeof model === 'string' && { model }),
      };
    case 'calls': {
      const rounds = readRounds(value['rounds']);
      return rounds === null ? '"rounds" is a list of lists of {"name", "arguments"}.' : { mode, rounds };
    }
    case 'slow':
      return isIntegerWithin(delayMs, 0, delayMsMax)
        ? { mode, delayMs }
        : '"delayMs" is an integer from 0 to 600000.';
    default:
      return '"mode" is ok, refuse, hang, reset, reset-mid-body, status, redirect, says, calls, garbage or slow.';
  }
}

function readRounds(value: unknown): CalledTool[][] | null {
  if (!Array.isArray(value) || !value.every((round) => Array.isArray(round))) return null;
  const rounds = value.map((round: readonly unknown[]) => round.map(readCall));
  return rounds.every((round) => round.every((call) => call !== null)) ? rounds : null;
}

function readCall(value: unknown): CalledTool | null {
  const { name, arguments: given } = isJsonObject(value) ? value : {};
  return typeof name === 'string' && typeof given === 'string' ? { name, arguments: given } : null;
}

function isIntegerWithin(value: unknown, low: number, high: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high;
}
