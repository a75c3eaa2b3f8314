import { readFileSync } from 'node:fs';
import { digestOf } from '../../decision/canonical.ts';
import type { Digest } from '../../decision/ids.ts';
import type { ScoredWindow, SurfaceText } from '../../decision/surface.ts';
import { canonicalise } from '../canonicaliser.ts';
import type { View } from '../canonical/view.ts';
import type { ValidationPolicy } from '../policy.ts';
import { probabilityOf, scoreOf } from './probability.ts';
import { OperatorModelError } from './problem.ts';
import { type ModelSession, type StartSession, startSession } from './session.ts';
import type { OperatorModelSettings } from './settings.ts';
import { readTokenizer } from './tokenizer-file.ts';
import { tokenise, type WordPieceRules } from './word-piece.ts';

/** Neighbouring windows share this part, so that no short passage is seen only cut in two. */
const OVERLAP_SHARE = 4;

/** A model that the operator brought, loaded. */
export interface OperatorModel {
  /** What of it determines the findings, beside the settings. */
  readonly digests: { readonly model: Digest; readonly tokenizer: Digest };
  /**
   * The texts with what the model makes of them; those that have that already as they are.
   * @throws OperatorModelError when it fails, or is late
   */
  score(texts: readonly SurfaceText[], policy: ValidationPolicy): Promise<SurfaceText[]>;
  close(): Promise<void>;
}

/**
 * Loads the model once, at the start.
 * @param resolvePath from the folder of countersign.yaml
 * @throws OperatorModelError with what to do
 */
export async function openOperatorModel(
  settings: OperatorModelSettings,
  resolvePath: (path: string) => string,
  start: StartSession = startSession,
): Promise<OperatorModel> {
  const { probabilities } = settings;
  if (probabilities && probabilities.review > probabilities.refuse)
    throw new OperatorModelError('the probability for a review is above that for a refusal; lower it');
  const tokenizerBytes = readBytes(resolvePath(settings.tokenizer), 'tokenizer');
  const rules = readTokenizer(tokenizerBytes.toString('utf8'));
  if (rules.before.length + rules.after.length >= settings.maxTokens)
    throw new OperatorModelError('maxTokens leaves no room for a text');
  const model = readBytes(resolvePath(settings.model), 'model');
  const session = await start(model);
  return {
    digests: { model: digestOf(model), tokenizer: digestOf(tokenizerBytes) },
    score: (texts, policy) =>
      within(settings.timeoutMs, (isLate) =>
        new Asking({ session, rules, settings, policy, isLate }).all(texts),
      ),
    close: () => session.close(),
  };
}

function readBytes(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new OperatorModelError(`the ${what} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

async function within<T>(timeoutMs: number, work: (isLate: () => boolean) => Promise<T>): Promise<T> {
  let late = false;
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      late = true;
      reject(new OperatorModelError(`the model was late: ${timeoutMs} ms`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work(() => late), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

interface Parts {
  readonly session: ModelSession;
  readonly rules: WordPieceRules;
  readonly settings: OperatorModelSettings;
  readonly policy: ValidationPolicy;
  readonly isLate: () => boolean;
}

/** One inspection's questions to the model, one after the other: it uses all cores for each. */
class Asking {
  readonly #parts: Parts;
  /** A window that stands twice is asked about once. */
  readonly #known = new Map<string, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async all(texts: readonly SurfaceText[]): Promise<SurfaceText[]> {
    const scored: SurfaceText[] = [];
    for (const text of texts)
      scored.push(text.scored ? text : { ...text, scored: await this.#windows(text) });
    return scored;
  }

  async #windows(text: SurfaceText): Promise<ScoredWindow[]> {
    const { policy } = this.#parts;
    const { views } = canonicalise(text.text, policy.canonical);
    const windows: ScoredWindow[] = [];
    for (const view of views) {
      // What was decoded is the rules' and the classifier's: most of it is nothing a model was trained on.
      if (view.kind !== 'decoded') windows.push(...(await this.#windowsOf(view, text)));
    }
    return windows;
  }

  async #windowsOf(view: View, { surface }: SurfaceText): Promise<ScoredWindow[]> {
    const { rules, settings, policy } = this.#parts;
    const tokens = tokenise(view.text, rules);
    const room = settings.maxTokens - rules.before.length - rules.after.length;
    const step = Math.max(1, room - Math.floor(room / OVERLAP_SHARE));
    const windows: ScoredWindow[] = [];
    for (let from = 0; from < tokens.length; from += step) {
      const shown = tokens.slice(from, from + room);
      const ids = [...rules.before, ...shown.map(({ id }) => id), ...rules.after];
      const probability = await this.#probability(ids);
      const score = scoreOf(probability, settings.probabilities, policy.thresholds[surface]);
      const { start, end } = view.toSource(shown[0]?.start ?? 0, shown.at(-1)?.end ?? 0);
      windows.push({ end, score, start, via: view.via });
      if (from + room >= tokens.length) break;
    }
    return windows;
  }

  async #probability(ids: readonly number[]): Promise<number> {
    const { session, settings, isLate } = this.#parts;
    const key = ids.join(' ');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    // Nobody waits for the rest.
    if (isLate()) throw new OperatorModelError('the model was late');
    const probability = probabilityOf(await session.run(ids), settings.attackLabel);
    this.#known.set(key, probability);
    return probability;
  }
}
