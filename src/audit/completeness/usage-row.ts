export const providers = ['openai', 'anthropic', 'csv'] as const;
export type Provider = (typeof providers)[number];

/** Usage as a provider states it, for one UTC day. */
export interface UsageRow {
  /** yyyy-mm-dd */
  readonly day: string;
  readonly model: string | null;
  readonly apiKeyId: string | null;
  /** Null where the export does not count requests. */
  readonly requests: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly providerRequestId: string | null;
}

/** An export that cannot be read as what it is said to be; the message says where, and quotes nothing. */
export class UsageFormatError extends Error {
  override name = 'UsageFormatError';
}

/** A count as JSON has it; absent and null count as zero where the format leaves them out. */
export function countOf(value: unknown, place: string): number {
  if (value === undefined || value === null) return 0;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new UsageFormatError(`${place} is no count`);
  }
  return value;
}

export function textOrNull(value: unknown, place: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || value.length > 200)
    throw new UsageFormatError(`${place} is no short text`);
  return value;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function objectOf(value: unknown, place: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageFormatError(`${place} is no object`);
  }
  return value as JsonObject;
}

export function listOf(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new UsageFormatError(`${place} is no list`);
  return value;
}
