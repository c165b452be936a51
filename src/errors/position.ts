/**
 * Positions are plain numbers while nobody looks at them, as in C++ Nix's PosTable: whoever owns positions (a Source, a
 * compiled unit) reserves a range of numbers, and hands out `base + offset`. 0 is "no position". Only when an error is
 * shown, or builtins.unsafeGetAttrPos asks, is a number resolved to a source and an offset. So passing a position into a
 * builtin, or keeping one per attribute, costs no allocation.
 *
 * The table below is this module's only mutable state: it grows by one entry per parsed or loaded file.
 */
import type { Source } from './source.ts';

/** A position that is not resolved yet; 0 is none. */
export type Pos = number;
export const NO_POS: Pos = 0;

/** A resolved position. */
export interface Position {
  readonly source: Source;
  /** Offset into source.text, in UTF-16 code units. */
  readonly offset: number;
}

interface Range {
  readonly base: number;
  readonly size: number;
  readonly resolve: (offset: number) => Position | undefined;
}

const ranges: Range[] = [];
let next = 1;

/** Reserves `size` positions; `base + offset` is then resolved by calling `resolve(offset)`. */
export function reservePositions(size: number, resolve: (offset: number) => Position | undefined): Pos {
  const base = next;
  ranges.push({ base, size, resolve });
  next += size;
  return base;
}

/** Reserves a position for each offset of a source's text, its end included. */
export function reserveSourcePositions(source: Source): Pos {
  return reservePositions(source.text.length + 1, (offset) => ({ source, offset }));
}

export function resolvePosition(pos: Pos): Position | undefined {
  if (pos === NO_POS) return undefined;
  let low = 0;
  let high = ranges.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (ranges[middle]!.base <= pos) low = middle;
    else high = middle - 1;
  }
  const range = ranges[low];
  if (!range || pos < range.base || pos >= range.base + range.size) return undefined;
  return range.resolve(pos - range.base);
}

/** The sources that were parsed or loaded, in that order. */
export function* readSources(): Generator<Source> {
  let last: Source | undefined;
  for (const { size, resolve } of ranges) {
    const source = resolve(size - 1)?.source;
    if (source !== undefined && source !== last) yield source;
    last = source;
  }
}
