/** Where a text reaches the gateway from. */
export type Surface = 'chat' | 'document' | 'retrieved' | 'tool_result';
export type Split = 'train' | 'held-out';

/** One composed text. Offsets are UTF-16 code units; `payloadSpan` runs from the first to the last part. */
export interface CorpusRow {
  readonly id: string;
  readonly text: string;
  readonly label: 'attack' | 'benign';
  readonly surface: Surface;
  /** Of an attack: what it wants. Of a benign row: which honest wording it was given. */
  readonly family: string;
  readonly carrier: string;
  /** ISO 639-1. */
  readonly language: string;
  readonly payloadSpan?: { readonly start: number; readonly end: number };
}

export type Layout =
  | 'csv'
  | 'email'
  | 'json'
  | 'key-value'
  | 'log'
  | 'markdown'
  | 'prose'
  | 'table'
  | 'transcript'
  | 'xml';

/** A kind of honest text: its parts are templates, of which each row takes a few. */
export interface Carrier {
  readonly id: string;
  readonly surfaces: readonly Surface[];
  readonly layouts: readonly Layout[];
  readonly titles: readonly string[];
  /** Label and value. */
  readonly fields: readonly (readonly [string, string])[];
  /** Facts that the text tells. */
  readonly sentences: readonly string[];
  /** Labels of the fields in which anybody may write what they like. */
  readonly notes: readonly string[];
  /** What such a field usually says. */
  readonly remarks: readonly string[];
  readonly table?: {
    readonly columns: readonly string[];
    /** Of the same length as `columns`; the last one is free text. */
    readonly cells: readonly string[];
  };
  readonly speakers?: readonly [string, string];
}

/** Templates by family. */
export type Families = Readonly<Record<string, readonly string[]>>;

/** Everything that is written in one language. */
export interface Language {
  readonly code: string;
  /** How often it is drawn, against the others. */
  readonly weight: number;
  readonly carriers: readonly Carrier[];
  /** Openings that turn to whoever processes the text; an empty branch is not needed. */
  readonly openings: readonly string[];
  readonly closings: readonly string[];
  readonly payloads: Families;
  readonly honest: Families;
  readonly chatAttacks: Families;
  readonly chatHonest: Families;
  /** Named lists that templates of this language refer to. */
  readonly lists: Families;
}
