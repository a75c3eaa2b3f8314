import type { Label } from '../decision/label.ts';
import type { SurfaceText } from '../decision/surface.ts';
import { type Verdict, pass, stop } from '../decision/verdict.ts';
import type { Labeller } from '../residency/label.ts';
import type { Classifier } from '../validation/classification.ts';
import { numbersOf } from './body-numbers.ts';
import { parseJsonBody } from './json-body.ts';
import type { Submission } from './submission.ts';

/** A label after the request's own content has had its say. */
export interface Classified {
  readonly label: Label;
  /** Of the gate `label`: a pass with what was found, or why it ends here. */
  readonly verdict: Verdict;
}

/**
 * Raises the class of a request to what is found in it; nothing found lowers it. A class that its caller
 * was not granted ends it (the caller may not send what it just sent), and a fault does, too (I6). Pure.
 * @param classifier null where nothing is configured to be looked for
 * @param texts as inspected, those found in documents included
 */
export function classifyRequest(
  { labeller, classifier }: { readonly labeller: Labeller; readonly classifier: Classifier | null },
  label: Label,
  submission: Pick<Submission, 'bodyText' | 'caller'>,
  texts: readonly SurfaceText[],
): Classified {
  if (classifier === null) return { label, verdict: pass('label') };
  try {
    const numbers = numbersOf(parseJsonBody(Buffer.from(submission.bodyText)).value);
    const { dataClasses, findings } = classifier.classify([...texts, ...numbers]);
    const raised = dataClasses.reduce((sum, dataClass) => labeller.raise(sum, dataClass), label);
    if (labeller.isGranted(raised.dataClass, submission.caller.grants.dataClasses))
      return { label: raised, verdict: pass('label', findings) };
    const detail = 'the data class that was detected is not granted';
    return { label: raised, verdict: stop('refuse', 'label', 'LABEL_UNGRANTED', { findings, detail }) };
  } catch (fault) {
    const detail = fault instanceof Error ? fault.name : 'unknown';
    return { label, verdict: stop('refuse', 'label', 'VALIDATION_FAILED', { detail }) };
  }
}
