/** What a checkpoint says, for the report: nothing is verified here. */
export function readLog(checkpoint: string): { size: string; root: string; signers: readonly string[] } {
  const [, size = '', root = ''] = checkpoint.split('\n');
  const signers = Array.from(checkpoint.matchAll(/^— (\S+) /gm), (match) => match[1] ?? '');
  return { size, root, signers };
}
