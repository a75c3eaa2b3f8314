import { sigmoid } from '../calibration/observation.ts';

const step = 0.02;
const reach = 16;

/**
 * The scores that may become edges, rising: even steps of the log-odds between one in ten million and its
 * opposite, and both ends. They are fixed before any data is seen, which is what makes a test at one of them
 * exact; a threshold taken from the certified cases themselves would not be.
 */
export const edgeGrid: readonly number[] = [
  0,
  ...Array.from({ length: (2 * reach) / step + 1 }, (_, at) => Number(sigmoid(at * step - reach).toFixed(9))),
  1,
];
