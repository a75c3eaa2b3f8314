/** A JSON object, which is neither null nor an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of a text from outside; null where it is no JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The object that bytes from outside hold; null where they hold none. */
export function readObject(bytes: Buffer): Record<string, unknown> | null {
  const value = readJson(bytes.toString('utf8'));
  return isObject(value) ? value : null;
}
