/** How wide letters are in a common sans face, in thousandths of the size: by and large as in every face. */
const widths = {
  222: 'ijl',
  278: 'ftI',
  333: 'r',
  500: 'ckJsvxyz',
  556: 'abdeghnopquL',
  611: 'FTZ',
  667: 'ABEKPSVXY',
  722: 'wCDHNRU',
  778: 'GOQ',
  833: 'mM',
  944: 'W',
};

export const letterWidths: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(widths).flatMap(([width, letters]) =>
    Array.from(letters, (letter): [string, number] => [letter, Number(width)]),
  ),
);
