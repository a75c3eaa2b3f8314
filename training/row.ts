import { readFileSync } from 'node:fs';
import type { SurfaceKind } from '../src/decision/surface.ts';

/** One labelled text. */
export interface Row {
  readonly id: string;
  readonly text: string;
  readonly label: 'attack' | 'benign';
  readonly surface: SurfaceKind;
  readonly source: string;
  readonly licence: string;
  /** The part of an attack's text that is the attack, word for word and unencoded. */
  readonly payload?: string;
  /** Identifier of the row that this one was made from. */
  readonly base?: string;
  /** Labels that are right most of the time: good enough to train on, not to measure by. */
  readonly isSoft: boolean;
  /** How much the row counts in training; 1 when absent. */
  readonly weight?: number;
}

/** @throws when a line is not JSON */
export function readRows(path: string): Row[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(rowOf);
}

function rowOf(line: string): Row {
  const { label_quality: quality, ...row } = JSON.parse(line) as Row & { label_quality?: string };
  return { ...row, isSoft: quality === 'soft' };
}
