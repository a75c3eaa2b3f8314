/** Letters that recognition mixes up, and readers too. */
const lookalikes: Readonly<Record<string, string>> = { o: '0', l: '1', i: '1', s: '5' };

/** The letters and digits of a text as recognition can tell them apart: no case, accents or signs. */
export function comparable(text: string): string {
  const bare = text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
  return bare.replaceAll(/[olis]/g, (letter) => lookalikes[letter] ?? letter);
}

/** How many letters of a text there are in any script. */
export function letterCount(text: string): number {
  return text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}

/** Long enough for a line of any page; what is longer is compared as far as this. */
const LENGTH_MAX = 600;

/**
 * Which letters of one text are found in the other, in its order, when the two are laid side by side with
 * the fewest changes (Levenshtein). What lies behind the length that is compared counts as found.
 */
export function lettersFound(one: string, other: string): boolean[] {
  const [a, b] = [one.slice(0, LENGTH_MAX), other.slice(0, LENGTH_MAX)];
  const width = b.length + 1;
  const cost = new Uint16Array((a.length + 1) * width);
  for (let j = 0; j < width; j += 1) cost[j] = j;
  for (let i = 1; i <= a.length; i += 1) {
    cost[i * width] = i;
    for (let j = 1; j < width; j += 1) {
      const replace = at(cost, (i - 1) * width + j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const change = Math.min(at(cost, (i - 1) * width + j), at(cost, i * width + j - 1)) + 1;
      cost[i * width + j] = Math.min(replace, change);
    }
  }
  const found = Array.from(one, () => true);
  for (let i = a.length, j = b.length; i > 0; ) {
    const here = at(cost, i * width + j);
    const isSame = j > 0 && a[i - 1] === b[j - 1];
    if (j > 0 && here === at(cost, (i - 1) * width + j - 1) + (isSame ? 0 : 1)) {
      found[i - 1] = isSame;
      i -= 1;
      j -= 1;
    } else if (here === at(cost, (i - 1) * width + j) + 1) {
      found[i - 1] = false;
      i -= 1;
    } else j -= 1;
  }
  return found;
}

function at(costs: Uint16Array, index: number): number {
  return costs[index] ?? 0;
}
