/** Where one part of a label came from. A caller's header may narrow a grant, never widen it. */
export type LabelSource = 'grant' | 'token' | 'reference' | 'header' | 'decision-type' | 'detected';

/** Jurisdiction and data class of a request: what decides where its bytes may go. */
export interface Label {
  readonly jurisdiction: string;
  /** ISO 3166-1 alpha-2 codes of the jurisdiction, never vendor words such as "EU". */
  readonly countries: readonly string[];
  readonly dataClass: string;
  readonly cell: string;
  /** Further jurisdictions whose subjects are in the request; an endpoint must be lawful for each. */
  readonly others?: readonly string[];
  readonly jurisdictionSource: LabelSource;
  readonly dataClassSource: LabelSource;
}

/** What a request's bytes are sent somewhere for. Every purpose passes the same lawful filter. */
export const purposes = [
  'inference',
  'embedding',
  'guard',
  'cache',
  'archive',
  'telemetry',
  'review',
  'webhook',
  'tool',
] as const;
export type Purpose = (typeof purposes)[number];
