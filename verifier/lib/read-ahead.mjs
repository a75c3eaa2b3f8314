/**
 * Loads the items in order while keeping a few loads under way, so that memory stays bounded and disk
 * or network work beside the hashing.
 * @template Item, Loaded
 * @param {Iterable<Item>} items
 * @param {number} depth
 * @param {(item: Item) => Promise<Loaded>} load
 * @returns {AsyncGenerator<Loaded>}
 */
export async function* readAhead(items, depth, load) {
  /** @type {Promise<{value: Loaded} | {error: unknown}>[]} */
  const queue = [];
  // Failures are kept as values until their turn: the first in order is the one to be named.
  const begin = (/** @type {Item} */ item) =>
    load(item).then(
      (value) => ({ value }),
      (/** @type {unknown} */ error) => ({ error }),
    );
  for (const item of items) {
    queue.push(begin(item));
    if (queue.length < depth) continue;
    yield settled(await /** @type {(typeof queue)[0]} */ (queue.shift()));
  }
  for (const pending of queue) yield settled(await pending);
}

/**
 * @template Loaded
 * @param {{value: Loaded} | {error: unknown}} outcome
 */
function settled(outcome) {
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}
