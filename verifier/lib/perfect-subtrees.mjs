/**
 * The ranges of the perfect subtrees that so many leaves make, largest first: one for each bit.
 * @param {number} size
 * @returns {[number, number][]}
 */
export function perfectRanges(size) {
  /** @type {[number, number][]} */
  const ranges = [];
  for (let from = 0; from < size; ) {
    let width = 1;
    while (width * 2 <= size - from) width *= 2;
    ranges.push([from, from + width]);
    from += width;
  }
  return ranges;
}
