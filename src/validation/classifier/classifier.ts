import type { SurfaceText } from '../../decision/surface.ts';
import { folded } from '../canonical/folding.ts';
import type { View } from '../canonical/view.ts';
import type { SecondDetector, Signal } from '../second-detector.ts';
import { Lexicon } from './lexicon.ts';
import { scoreSegments } from './model.ts';
import { Reading } from './reading.ts';
import { calibrated, type Model } from './weights.ts';

/** Places of one reading that are told of, the strongest first; one would do for the verdict. */
const SIGNALS_MAX = 4;
/** A word or two tell nobody what to do: there is nothing to go by. */
const TOKENS_MIN = 4;

/** The classifier: does a segment turn to whoever processes the text, or does it tell facts? */
export function createTextClassifier(model: Model): SecondDetector {
  const { header, weights } = model;
  const reading = new Reading(new Lexicon(header.lexicon));
  return {
    name: 'classifier',
    version: model.digest.slice(7, 19),
    signals(source, views) {
      return views.flatMap((view) => signalsOf(source, view));
    },
  };

  function signalsOf({ surface }: SurfaceText, view: View): Signal[] {
    reading.read(folded(view.text));
    if (reading.tokenCount < TOKENS_MIN) return [];
    const ranked = scoreSegments(reading, surface, weights).sort(
      (one, other) => other.logit - one.logit || one.segment.firstToken - other.segment.firstToken,
    );
    const knots = header.calibration[surface];
    const taken: typeof ranked = [];
    for (const scored of ranked) {
      const { firstToken, lastToken } = scored.segment;
      const overlaps = taken.some(
        ({ segment }) => firstToken < segment.lastToken && segment.firstToken < lastToken,
      );
      if (!overlaps) taken.push(scored);
      if (taken.length === SIGNALS_MAX) break;
    }
    return taken.map(({ segment, logit }) => ({
      rule: 'instruction-to-the-model',
      score: calibrated(logit, knots),
      span: view.toSource(
        reading.tokenStarts.at(segment.firstToken),
        reading.tokenEnds.at(segment.lastToken - 1),
      ),
      via: view.via,
    }));
  }
}
