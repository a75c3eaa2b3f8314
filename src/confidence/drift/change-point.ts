import { InvariantError } from '../../decision/errors.ts';

export interface ChangePoint {
  /** Decisions before the change that the evidence points to, counted from the first of the stream. */
  readonly after: number;
  /** Page's cumulative sum S ← max(0, S + ln L) at the end of the stream; 0 points to no change. */
  readonly statistic: number;
}

/**
 * Since when a rate is probably another: where the cumulative sum of the likelihood ratio of `alternative` to
 * `boundary` last left zero. For diagnosis after an alarm only; it has no error over the whole run.
 */
export function changePoint(
  stream: Iterable<boolean>,
  { alternative, boundary }: { readonly alternative: number; readonly boundary: number },
): ChangePoint {
  if (!(boundary > 0 && boundary < alternative && alternative < 1)) {
    throw new InvariantError('an alternative lies between the boundary and 1');
  }
  const [onEvent, onOther] = [
    Math.log(alternative / boundary),
    Math.log1p(-alternative) - Math.log1p(-boundary),
  ];
  let [after, count, statistic] = [0, 0, 0];
  for (const isEvent of stream) {
    count++;
    statistic = Math.max(0, statistic + (isEvent ? onEvent : onOther));
    if (statistic === 0) after = count;
  }
  return { after, statistic };
}
