import type { SurfaceKind } from '../../decision/surface.ts';
import { surfaceKinds } from '../../decision/surface.ts';
import type { Reading } from './reading.ts';

/** Tokens of one or several units in a row. */
export interface Segment {
  readonly firstUnit: number;
  /** Exclusive. */
  readonly lastUnit: number;
  readonly firstToken: number;
  /** Exclusive. */
  readonly lastToken: number;
  /** Bits of what its units do. */
  readonly acts: number;
}

/** Tokens that windows over several units grow to. */
const windowTokens = [24, 64];
/** Windows of the longest kind start no closer to one another than this. */
const longStride = 16;
const TOKENS_MIN = 3;

/** Every unit by itself, and windows over units in a row. */
export function segmentsOf(reading: Reading): Segment[] {
  const segments: Segment[] = [];
  const starts = reading.unitStarts;
  let longStart = -longStride;
  for (let unit = 0; unit < reading.unitCount; unit += 1) {
    const firstToken = starts.at(unit);
    const longest = firstToken - longStart >= longStride ? windowTokens.length : windowTokens.length - 1;
    if (longest === windowTokens.length) longStart = firstToken;
    let last = unit + 1;
    let bits = reading.unitActs.at(unit);
    const add = () => {
      const lastToken = starts.at(last);
      if (lastToken - firstToken < TOKENS_MIN && reading.unitCount > 1) return;
      segments.push({ firstUnit: unit, lastUnit: last, firstToken, lastToken, acts: bits });
    };
    add();
    for (let size = 0; size < longest; size += 1) {
      const before = last;
      while (last < reading.unitCount && starts.at(last + 1) - firstToken <= (windowTokens[size] as number)) {
        bits |= reading.unitActs.at(last);
        last += 1;
      }
      if (last > before) add();
    }
  }
  return segments;
}

/** What a text looks like around its segments. */
export interface Surroundings {
  readonly surface: number;
  readonly group: number;
  readonly shape: number;
  readonly lengthClass: number;
  readonly unitCount: number;
  /** How many of the units do something: order, ask or address. */
  readonly activeUnits: number;
}

/** People give orders in a chat; what is data elsewhere is told. */
export const groups = { chat: 0, data: 1 } as const;

export function groupOf(surface: SurfaceKind): number {
  return surface === 'chat' ? groups.chat : groups.data;
}

const shapes = { plain: 0, table: 1, json: 2, code: 3, lines: 4 } as const;
const lengthLimits = [8, 20, 50, 120, 300, 800];

export function surroundingsOf(reading: Reading, surface: SurfaceKind): Surroundings {
  let activeUnits = 0;
  for (let unit = 0; unit < reading.unitCount; unit += 1)
    activeUnits += Number(reading.unitActs.at(unit) !== 0);
  return {
    surface: surfaceKinds.indexOf(surface),
    group: groupOf(surface),
    shape: shapeOf(reading),
    lengthClass: classOf(reading.tokenCount, lengthLimits),
    unitCount: reading.unitCount,
    activeUnits,
  };
}

function shapeOf({ marks, tokenCount, unitCount }: Reading): number {
  if (marks.bars * 12 > tokenCount) return shapes.table;
  if (marks.quotes * 8 > tokenCount && marks.braces > 0) return shapes.json;
  if (marks.code * 12 > tokenCount) return shapes.code;
  return unitCount > 3 && marks.lines * 2 > unitCount ? shapes.lines : shapes.plain;
}

function classOf(value: number, limits: readonly number[]): number {
  let place = 0;
  while (place < limits.length && value >= (limits[place] as number)) place += 1;
  return place;
}

/** Weights of what a segment is among its surroundings. */
export const contextCount = 1024;
export const contextFeatures = 6;
const segmentLimits = [6, 12, 24, 48];
const place = { only: 0, first: 1, middle: 2, last: 3 } as const;

/** Numbers of the context features of a segment, written into `into`; there are always {@link contextFeatures}. */
export function contextOf(segment: Segment, around: Surroundings, into: Int32Array): void {
  const { surface, group, shape, lengthClass, unitCount, activeUnits } = around;
  const { acts } = segment;
  const units = segment.lastUnit - segment.firstUnit;
  const others = unitCount - units;
  const activeOthers = Math.max(0, activeUnits - (acts === 0 ? 0 : units));
  const share = activeOthers === 0 ? 0 : activeOthers * 5 < others ? 1 : activeOthers * 2 < others ? 2 : 3;
  const where =
    others === 0
      ? place.only
      : segment.firstUnit === 0
        ? place.first
        : segment.lastUnit === unitCount
          ? place.last
          : place.middle;
  const length = classOf(segment.lastToken - segment.firstToken, segmentLimits);
  into[0] = surface;
  into[1] = 8 + surface * 8 + acts;
  into[2] = 64 + (shape * 8 + acts) * 4 + where;
  into[3] = 256 + (group * 8 + acts) * 4 + share;
  into[4] = 384 + surface * 8 + length;
  into[5] = 448 + surface * 8 + lengthClass;
}
