/**
 * What attribute sets made in the same place have in common: names and their positions, and for a set written in Nix the
 * code of each value. Index 0 is never a name (see attrs.ts), so 0 means "not there". Shapes are immutable; index, order
 * and the last merge are computed on first use and kept.
 */
import { compareBytewise } from '../base/order.ts';
import type { Unit } from '../code/unit.ts';
import { NO_POS, type Pos } from '../errors/position.ts';

/** Up to this many names, comparing one after the other beats a hash table that must be built first. */
const SCAN_LIMIT = 6;

export interface MergedShape {
  readonly shape: Shape;
  /** For each index of the merged shape: which part (0 is the top one) and which index there. */
  readonly layerOf: ArrayLike<number>;
  readonly indexOf: ArrayLike<number>;
}

export class Shape {
  /** From index 1 on. */
  readonly names: readonly string[];
  readonly size: number;
  /** Sets written in Nix: whose code makes the slots, where it starts for each index, and in which environment it runs
   * (`recursive`: the slots are themselves the environment; else slots[0] is). */
  unit: Unit | undefined = undefined;
  codes: ArrayLike<number> | undefined = undefined;
  recursive = false;
  /** By index; or computed, for sets written in Nix: the position of index i is firstPos + i. */
  private readonly positions: readonly Pos[] | undefined;
  private firstPos: Pos = NO_POS;
  private index: Map<string, number> | undefined = undefined;
  private sorted: readonly string[] | undefined = undefined;
  private unsorted: readonly string[] | undefined = undefined;
  private bare: Shape | undefined = undefined;
  private lastTop: Shape | undefined = undefined;
  private lastMerge: MergedShape | undefined = undefined;

  private constructor(
    names: readonly string[],
    positions: readonly Pos[] | undefined,
    index: Map<string, number> | undefined,
  ) {
    this.names = names;
    this.size = names.length - 1;
    this.positions = positions;
    this.index = index;
  }

  static readonly empty = new Shape([''], undefined, undefined);

  /** The shape of sets with exactly these names, all different. */
  static of(names: readonly string[]): Shape {
    return new Shape(['', ...names], undefined, undefined);
  }

  /** For the builder: `names` from index 1 on, and their index. */
  static withIndex(names: readonly string[], index: Map<string, number>, positions: readonly Pos[] | undefined): Shape {
    return new Shape(names, positions, index);
  }

  /** For the machine: a set written in Nix. `names` and `codes` from index 1 on. */
  static literal(
    names: readonly string[],
    unit: Unit,
    codes: ArrayLike<number>,
    recursive: boolean,
    firstPos: Pos,
  ): Shape {
    const shape = new Shape(names, undefined, undefined);
    shape.unit = unit;
    shape.codes = codes;
    shape.recursive = recursive;
    shape.firstPos = firstPos;
    return shape;
  }

  /** Index of a name, 0 where there is none. */
  find(name: string): number {
    const index = this.index;
    if (index !== undefined) return index.get(name) ?? 0;
    if (this.size > SCAN_LIMIT) return this.makeIndex().get(name) ?? 0;
    const names = this.names;
    for (let i = names.length - 1; i > 0; i--) if (names[i] === name) return i;
    return 0;
  }

  private makeIndex(): Map<string, number> {
    const index = new Map<string, number>();
    const names = this.names;
    for (let i = 1; i < names.length; i++) index.set(names[i]!, i);
    this.index = index;
    return index;
  }

  pos(index: number): Pos {
    if (this.firstPos !== NO_POS) return this.firstPos + index;
    return this.positions?.[index] ?? NO_POS;
  }

  keys(): readonly string[] {
    this.unsorted ??= this.names.slice(1);
    return this.unsorted;
  }

  sortedKeys(): readonly string[] {
    this.sorted ??= this.names.slice(1).sort(compareBytewise);
    return this.sorted;
  }

  /** Some of the names: `source` lists their indices, from index 1 on. */
  pick(source: readonly number[]): Shape {
    const names = source.map((index) => this.names[index]!);
    const positions = this.hasPositions ? source.map((index) => this.pos(index)) : undefined;
    return new Shape(names, positions, undefined);
  }

  /** The same names, of sets that builtins make of such sets: nobody knows where their attributes were written. */
  withoutPositions(): Shape {
    if (!this.hasPositions && this.unit === undefined) return this;
    this.bare ??= new Shape(this.names, undefined, this.size > SCAN_LIMIT ? (this.index ?? this.makeIndex()) : undefined);
    return this.bare;
  }

  private get hasPositions(): boolean {
    return this.positions !== undefined || this.firstPos !== NO_POS;
  }

  /** `this // top`; the same pair comes again and again, so the last answer is kept. */
  mergedWith(top: Shape): MergedShape {
    if (this.lastTop === top) return this.lastMerge!;
    this.lastTop = top;
    this.lastMerge = Shape.merge([top, this]);
    return this.lastMerge;
  }

  /** Several shapes laid over each other, the top one first. */
  static merge(parts: readonly Shape[]): MergedShape {
    const names: string[] = [''];
    const layerOf: number[] = [0];
    const indexOf: number[] = [0];
    const index = new Map<string, number>();
    let positioned = false;
    // The bottom layer first: its names, often thousands, keep the order that they have.
    for (let layer = parts.length - 1; layer >= 0; layer--) {
      const part = parts[layer]!;
      positioned ||= part.hasPositions;
      for (let i = 1; i < part.names.length; i++) {
        const name = part.names[i]!;
        let at = index.get(name);
        if (at === undefined) {
          at = names.length;
          names.push(name);
          index.set(name, at);
        }
        layerOf[at] = layer;
        indexOf[at] = i;
      }
    }
    const positions = positioned
      ? names.map((_, i) => (i === 0 ? NO_POS : parts[layerOf[i]!]!.pos(indexOf[i]!)))
      : undefined;
    return { shape: new Shape(names, positions, index), layerOf, indexOf };
  }
}
