/** Where the life of a decision can be hit. `committed` and `sent` are hit right after the fact. */
export const kinds = ['write', 'fsync', 'publish', 'commit', 'committed', 'send', 'sent', 'sign'] as const;
export type FaultKind = (typeof kinds)[number];

export const effects = ['kill', 'EIO', 'ENOSPC', 'delay'] as const;
export type FaultEffect = (typeof effects)[number];

/** Pairs that mean something: what has been sent or committed cannot run out of space any more. */
export function effectsOn(kind: FaultKind): readonly FaultEffect[] {
  if (kind === 'sent') return ['kill'];
  if (kind === 'committed') return ['kill', 'EIO', 'delay'];
  if (kind === 'send') return ['kill', 'EIO', 'delay'];
  if (kind === 'sign') return ['kill', 'EIO'];
  return effects;
}
