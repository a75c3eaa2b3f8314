/**
 * Why a call has no result. `TIMEOUT`, `MEMORY`, `OUTPUT_TOO_LARGE`: a limit was met; `ERROR`: the tool threw or
 * ended with another status than 0; `NO_TEXT`: the result is no JSON value or no UTF-8; `CRASH`: its process died;
 * `BUSY`: too many calls are waiting; `UNAVAILABLE`: the sandbox could not be set up.
 */
export const toolFaults = [
  'TIMEOUT',
  'MEMORY',
  'OUTPUT_TOO_LARGE',
  'ERROR',
  'NO_TEXT',
  'CRASH',
  'BUSY',
  'UNAVAILABLE',
] as const;
export type ToolFault = (typeof toolFaults)[number];

/** What a call came to. Messages of a tool are never kept: they may quote its arguments (I8). */
export type ToolOutcome =
  | { readonly kind: 'result'; readonly text: string }
  | { readonly kind: 'fault'; readonly fault: ToolFault };

export function fault(code: ToolFault): ToolOutcome {
  return { kind: 'fault', fault: code };
}
