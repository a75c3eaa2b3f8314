/**
 * @param {import('../lib/proof.mjs').TlogProof} proof
 * @returns {Buffer}
 */
export function formatProof({ extra, index, hashes, checkpoint }) {
  const lines = [
    'c2sp.org/tlog-proof@v1',
    ...(extra === null ? [] : [`extra ${extra.toString('base64')}`]),
    `index ${index}`,
    ...hashes.map((hash) => hash.toString('base64')),
    '',
    '',
  ];
  return Buffer.concat([Buffer.from(lines.join('\n')), checkpoint]);
}
