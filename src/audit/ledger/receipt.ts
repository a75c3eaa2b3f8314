/** The receipt of one entry (C2SP tlog-proof): the leaf, its place, the way to the root, who signed the root. */
export function writeReceipt(receipt: {
  leaf: Buffer;
  index: number;
  proof: readonly Buffer[];
  /** The signed checkpoint, with the cosignatures that there are. */
  checkpoint: string;
}): string {
  return [
    'c2sp.org/tlog-proof@v1',
    `extra ${receipt.leaf.toString('base64')}`,
    `index ${receipt.index}`,
    ...receipt.proof.map((hash) => hash.toString('base64')),
    '',
    receipt.checkpoint,
  ].join('\n');
}
