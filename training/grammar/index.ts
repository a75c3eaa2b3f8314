export { composeCorpus } from './compose/corpus.ts';
export { distinctShare } from './compose/novelty.ts';
export { languages } from './languages/index.ts';
export type { CorpusRow, Surface } from './row.ts';
export { heldOutCarriers, heldOutFamilies } from './split.ts';
