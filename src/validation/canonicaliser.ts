import { deciphered } from './canonical/ciphers.ts';
import { cleaned } from './canonical/cleaning.ts';
import { decoded } from './canonical/encodings.ts';
import { census, isInvisible, type Smuggling } from './canonical/invisible.ts';
import { withoutLeetspeak } from './canonical/leetspeak.ts';
import { withoutPigLatin } from './canonical/pig-latin.ts';
import { turned } from './canonical/reversal.ts';
import { withoutSpacing } from './canonical/spacing.ts';
import { traitsOf } from './canonical/traits.ts';
import { blobView, sourceView, type View } from './canonical/view.ts';

export interface CanonicalLimits {
  /** Encodings inside encodings that are opened. */
  readonly depthMax: number;
  readonly viewsMax: number;
  /** Characters of all views together, as a multiple of the source (plus a small constant). */
  readonly expansionMax: number;
}

export interface Canonical {
  /** Every reading of the text; the first is the source itself. All of them are scanned. */
  readonly views: readonly View[];
  /** Uses of invisible characters without an honest reason; spans are in the source. */
  readonly smuggling: readonly Smuggling[];
  /** False when a limit ended the decoding: something may be left that nobody has read. */
  readonly complete: boolean;
}

/** Lets short texts be decoded several times over. */
const EXPANSION_CHARACTERS_MIN = 4096;

/**
 * Every reading of a text that an attacker may hope the model finds and the detector does not:
 * cleaned of invisible characters and look-alikes, and with encodings opened, one inside the other.
 * Plain text costs one pass.
 */
export function canonicalise(text: string, limits: CanonicalLimits): Canonical {
  const source = sourceView(text);
  const opening = new Opening(source, limits);
  const smuggling = isInvisible(text) ? census(text).smuggling : [];
  opening.open();
  return { views: opening.views, smuggling, complete: opening.complete };
}

/** The work list of one text. Breadth first, so that a limit cuts off the deepest readings. */
class Opening {
  readonly views: View[] = [];
  complete = true;
  readonly #seen = new Set<string>();
  readonly #limits: CanonicalLimits;
  readonly #queue: { readonly view: View; readonly depth: number }[] = [];
  #charactersLeft: number;

  constructor(source: View, limits: CanonicalLimits) {
    this.#limits = limits;
    this.#charactersLeft = source.text.length * (limits.expansionMax + 1) + EXPANSION_CHARACTERS_MIN;
    this.#add(source, 0);
  }

  open(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const { view, depth } = next;
      for (const child of innerViews(view)) {
        if (depth >= this.#limits.depthMax) {
          if (!this.#seen.has(child.text)) this.complete = false;
        } else this.#add(child, depth + 1);
      }
    }
  }

  /** Takes a view in, and its cleaned reading as the one that is decoded further. */
  #add(view: View, depth: number): void {
    if (!this.#take(view)) return;
    const clean = cleaned(view);
    this.#queue.push({ view, depth });
    if (clean !== null && this.#take(clean)) this.#queue.push({ view: clean, depth });
  }

  #take(view: View): boolean {
    if (this.#seen.has(view.text)) return false;
    if (this.views.length >= this.#limits.viewsMax || view.text.length > this.#charactersLeft) {
      this.complete = false;
      return false;
    }
    this.#charactersLeft -= view.text.length;
    this.#seen.add(view.text);
    this.views.push(view);
    return true;
  }
}

/** One layer opened, in every way that the text shows a sign of. */
function innerViews(view: View): View[] {
  const traits = traitsOf(view.text);
  return [
    ...(traits.beyondLatin ? concealedViews(view) : []),
    ...present(decoded(view, traits)),
    ...present(withoutSpacing(view, traits)),
    ...present(withoutLeetspeak(view, traits)),
    ...present(deciphered(view, traits)),
    ...turned(view, traits),
    ...present(withoutPigLatin(view, traits)),
  ];
}

const present = (view: View | null): View[] => (view === null ? [] : [view]);

function concealedViews(view: View): View[] {
  if (!isInvisible(view.text)) return [];
  return census(view.text).concealed.map(({ text, via, start, end }) =>
    blobView(view, text, [via], { start, end }),
  );
}
