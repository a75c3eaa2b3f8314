import { isObject } from '../../decision/json.ts';

/* What every answer in OpenAI's dialect has, read without trust: nothing here throws on what a model sent. */

/** The name goes into plain headers, so it may only look like a name; empty otherwise. */
export function modelName(value: unknown): string {
  return typeof value === 'string' && /^[\w.:/@-]{1,200}$/.test(value) ? value : '';
}

/** Tokens as counted by the endpoint; null where it counted none. */
export function readUsage(value: unknown): { inputTokens: number; outputTokens: number } | null {
  if (!isObject(value)) return null;
  const count = (name: string) => {
    const n = value[name];
    return typeof n === 'number' && Number.isSafeInteger(n) && n >= 0 ? n : 0;
  };
  return { inputTokens: count('prompt_tokens'), outputTokens: count('completion_tokens') };
}
