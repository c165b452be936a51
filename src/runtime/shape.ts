/**
 * What attribute sets made in the same place have in common: names and their positions, and for a set written in Nix the
 * code of each value. Index 0 is never a name (see attrs.ts), so 0 means "not there". Shapes are immutable; index, order
 * and the last merge are computed on first use and kept.
 */
import { sortBytewise } from '../base/order.ts';
import type { Unit } from '../code/unit.ts';
import { NO_POS, type Pos } from '../errors/position.ts';

/** Up to this many names, comparing one after the other beats a hash table that must be built first. */
export const SCAN_LIMIT = 8;

/** How many different removals a shape remembers. */
const KEPT_PICKS = 16;

export interface PickedShape {
  readonly shape: Shape;
  /** For each index of the picked shape, the index in the shape that it was picked from. */
  readonly source: readonly number[];
}

export interface MergedShape {
  readonly shape: Shape;
  /** For each index of the merged shape: which part (0 is the top one) and which index there. */
  readonly layerOf: ArrayLike<number>;
  readonly indexOf: ArrayLike<number>;
}

/** Which shape, and which index there, the position of an index is to be asked of. */
interface PositionSource {
  readonly shapes: readonly Shape[];
  /** Undefined: the only shape. */
  readonly layerOf: ArrayLike<number> | undefined;
  readonly indexOf: ArrayLike<number>;
}

export class Shape {
  /** From index 1 on. */
  declare readonly names: readonly string[];
  declare readonly size: number;
  /** Sets written in Nix: whose code makes the slots, where it starts for each index, and in which environment it runs
   * (`recursive`: the slots are themselves the environment; else slots[0] is). */
  declare unit: Unit | undefined;
  /** The code of index i's value is named at firstCode + i in the unit's code; that operand is its position, too. */
  declare firstCode: number;
  declare recursive: boolean;
  /** By index: what thunks of the value's code run, where that has been compiled (compiled/tier.ts). */
  declare codes: unknown[] | undefined;
  /** Where positions come from, unless they are the code's: a list by index, or the shapes that this one is made of. */
  declare private readonly positions: readonly Pos[] | PositionSource | undefined;
  declare private index: Map<string, number> | undefined;
  declare private lookups: number;
  declare private sorted: readonly string[] | undefined;
  declare private order: readonly number[] | undefined;
  declare private unsorted: readonly string[] | undefined;
  declare private bare: Shape | undefined;
  declare private lessNames: Map<string, PickedShape> | undefined;
  declare private lastTop: Shape | undefined;
  declare private lastMerge: MergedShape | undefined;

  private constructor(
    names: readonly string[],
    positions: readonly Pos[] | PositionSource | undefined,
    index: Map<string, number> | undefined,
  ) {
    this.names = names;
    this.size = names.length - 1;
    this.unit = undefined;
    this.firstCode = 0;
    this.recursive = false;
    this.codes = undefined;
    this.positions = positions;
    this.index = index;
    this.lookups = 0;
    this.sorted = undefined;
    this.order = undefined;
    this.unsorted = undefined;
    this.bare = undefined;
    this.lessNames = undefined;
    this.lastTop = undefined;
    this.lastMerge = undefined;
  }

  static readonly empty = new Shape([''], undefined, undefined);

  /** The shape of sets with exactly these names, all different. */
  static of(names: readonly string[]): Shape {
    return new Shape(['', ...names], undefined, undefined);
  }

  /** For the builder: `names` from index 1 on, and their index. */
  static withIndex(
    names: readonly string[],
    index: Map<string, number> | undefined,
    positions: readonly Pos[] | undefined,
  ): Shape {
    return new Shape(names, positions, index);
  }

  /** For the machine: a set written in Nix. `names` from index 1 on; the operands with their codes begin behind `firstCode`. */
  static literal(names: readonly string[], unit: Unit, firstCode: number, recursive: boolean): Shape {
    const shape = new Shape(names, undefined, undefined);
    shape.unit = unit;
    shape.firstCode = firstCode;
    shape.recursive = recursive;
    return shape;
  }

  /** Index of a name, 0 where there is none. */
  find(name: string): number {
    const { index } = this;
    if (index !== undefined) return index.get(name) ?? 0;
    // A hash table pays once a shape is asked again and again.
    if (this.size > SCAN_LIMIT || this.lookups++ > this.size) return this.makeIndex().get(name) ?? 0;
    const { names } = this;
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
    if (this.unit !== undefined) return this.unit.posBase + this.firstCode + index;
    const { positions } = this;
    if (positions === undefined) return NO_POS;
    if (Array.isArray(positions)) return (positions as readonly Pos[])[index] ?? NO_POS;
    const { shapes, layerOf, indexOf } = positions as PositionSource;
    return shapes[layerOf === undefined ? 0 : layerOf[index]!]!.pos(indexOf[index]!);
  }

  keys(): readonly string[] {
    this.unsorted ??= this.names.slice(1);
    return this.unsorted;
  }

  sortedKeys(): readonly string[] {
    this.sorted ??= sortBytewise(this.names.slice(1));
    return this.sorted;
  }

  /** The index of each name, in byte order of the names. */
  sortedIndices(): readonly number[] {
    this.order ??= this.sortedKeys().map((name) => this.find(name));
    return this.order;
  }

  /** All names but these; and, by index of that shape, where they are in this one. Asked again and again in one place. */
  without(removed: ReadonlySet<string>): PickedShape {
    const key = [...removed].join('\0');
    let picked = this.lessNames?.get(key);
    if (picked === undefined) {
      const source = [0];
      for (let i = 1; i <= this.size; i++) if (!removed.has(this.names[i]!)) source.push(i);
      picked = { shape: this.pick(source), source };
      if (this.lessNames === undefined || this.lessNames.size >= KEPT_PICKS) this.lessNames = new Map();
      this.lessNames.set(key, picked);
    }
    return picked;
  }

  /** Some of the names: `source` lists their indices, from index 1 on. */
  pick(source: readonly number[]): Shape {
    const names = source.map((index) => this.names[index]!);
    const positions = this.hasPositions ? { shapes: [this], layerOf: undefined, indexOf: source } : undefined;
    return new Shape(names, positions, undefined);
  }

  /** The same names, of sets that builtins make of such sets: nobody knows where their attributes were written. */
  withoutPositions(): Shape {
    if (!this.hasPositions) return this;
    this.bare ??= new Shape(
      this.names,
      undefined,
      this.size > SCAN_LIMIT ? (this.index ?? this.makeIndex()) : undefined,
    );
    return this.bare;
  }

  private get hasPositions(): boolean {
    return this.positions !== undefined || this.unit !== undefined;
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
    let positioned = false;
    let most = 0;
    for (const part of parts) most += part.size;
    const index = most > SCAN_LIMIT ? new Map<string, number>() : undefined;
    // The bottom layer first: its names, often thousands, keep the order that they have.
    for (let layer = parts.length - 1; layer >= 0; layer--) {
      const part = parts[layer]!;
      positioned ||= part.hasPositions;
      for (let i = 1; i < part.names.length; i++) {
        const name = part.names[i]!;
        let at = index === undefined ? names.indexOf(name, 1) : index.get(name);
        if (at === undefined || at < 0) {
          at = names.length;
          names.push(name);
          if (index !== undefined) index.set(name, at);
        }
        layerOf[at] = layer;
        indexOf[at] = i;
      }
    }
    const positions = positioned ? { shapes: parts, layerOf, indexOf } : undefined;
    return { shape: new Shape(names, positions, index), layerOf, indexOf };
  }
}
