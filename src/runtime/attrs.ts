/**
 * Attribute sets: a Shape (names, where they stand in the file) shared by every set that was made in the same place, and an
 * array of slots of its own. A name's index in the shape is its index in `slots`; index 0 holds what makes the missing
 * slots: the environment for a set written in Nix (`shape.literal` then has the code), or a SlotMaker. So a set of 13,000
 * attributes costs one array until somebody selects from it.
 *
 * `left // right` is a new top layer above `left`: it shares both shapes and both slot arrays. Layers are merged when there
 * are more than MAX_LAYERS of them, small ones first, so a chain of n updates costs O(n log n); or when somebody wants all
 * names, or asks often, and then the merged form stays. Sets never change otherwise. Figures: docs/decisions/0030-attribute-sets.md.
 */
import { compareBytewise } from '../base/order.ts';
import { NO_POS, type Pos } from '../errors/position.ts';
import type { Env } from './machine.ts';
import { makeSlot } from './machine-slots.ts';
import { SCAN_LIMIT, Shape } from './shape.ts';
import { COMPILED, Thunk } from './thunk.ts';
import type { Slot } from './value.ts';

const MAX_LAYERS = 12;
const LOOKED_BELOW = 16;

/** Makes the slots of a set that is computed from another one, on first use. */
export abstract class SlotMaker {
  abstract make(index: number): Slot;
}

type Slots = (Slot | undefined | SlotMaker)[];

/** The slot at an index, made now if nobody has asked for it before. */
export function slotAt(shape: Shape, slots: Slots, index: number): Slot {
  const slot = slots[index];
  return slot !== undefined ? (slot as Slot) : fillSlot(shape, slots, index);
}

function fillSlot(shape: Shape, slots: Slots, index: number): Slot {
  const maker = slots[0];
  let slot: Slot;
  if (maker instanceof SlotMaker) slot = maker.make(index);
  else {
    const pc = shape.unit!.code[shape.firstCode + index]!;
    slot = makeSlot(shape.unit!, pc, (shape.recursive ? slots : maker) as Env);
    if (shape.codes !== undefined && slot instanceof Thunk && slot.offset === pc) {
      slot.unit = shape.codes[index];
      slot.offset = COMPILED;
    }
  }
  slots[index] = slot;
  return slot;
}

export class Attrs {
  declare shape: Shape;
  declare slots: Slots;
  /** What shows through where the top layer has no such name. */
  declare below: Attrs | undefined;
  /** The number of layers, and LOOKED_BELOW for each time that somebody had to look below the top one. */
  declare private state: number;

  /** `slots[i]` belongs to `shape.names[i]`; `slots[0]`: see above (undefined where every slot is there). */
  constructor(shape: Shape, slots: Slots, below: Attrs | undefined = undefined) {
    this.shape = shape;
    this.slots = slots;
    this.below = below;
    this.state = below === undefined ? 1 : below.layers + 1;
  }

  private get layers(): number {
    return this.state % LOOKED_BELOW;
  }

  static readonly empty: Attrs = new Attrs(Shape.empty, [undefined]);

  /** Attributes without positions; a later entry replaces an earlier one of the same name. */
  static fromEntries(entries: Iterable<readonly [string, Slot]>): Attrs {
    const builder = new AttrsBuilder();
    for (const [name, slot] of entries) builder.set(name, slot);
    return builder.build();
  }

  static fromObject(object: Readonly<Record<string, Slot>>): Attrs {
    return Attrs.fromEntries(Object.entries(object));
  }

  /** For builtins that always give the same names: `shape` is made once, with Shape.of. */
  static of(shape: Shape, ...values: Slot[]): Attrs {
    return new Attrs(shape, [undefined, ...values]);
  }

  get size(): number {
    if (this.below !== undefined) this.flatten();
    return this.shape.size;
  }

  get isEmpty(): boolean {
    return this.below === undefined && this.shape.size === 0;
  }

  get(name: string): Slot | undefined {
    const { shape } = this;
    const index = shape.find(name);
    return index !== 0 ? slotAt(shape, this.slots, index) : this.getBelow(name);
  }

  /** An attribute that the top layer has not. A set of which this is asked as often as it is large becomes flat. */
  getBelow(name: string): Slot | undefined {
    let layer = this.below;
    if (layer === undefined) return undefined;
    this.state += LOOKED_BELOW;
    if (this.state % (16 * LOOKED_BELOW) < LOOKED_BELOW && this.isWornOut()) {
      this.flatten();
      return this.get(name);
    }
    do {
      const { shape } = layer;
      const index = shape.find(name);
      if (index !== 0) return slotAt(shape, layer.slots, index);
      layer = layer.below;
    } while (layer !== undefined);
    return undefined;
  }

  private isWornOut(): boolean {
    let size = 0;
    for (let layer: Attrs | undefined = this; layer !== undefined; layer = layer.below) size += layer.shape.size;
    return this.state / LOOKED_BELOW >= size / 2;
  }

  has(name: string): boolean {
    let layer: Attrs | undefined = this;
    do {
      if (layer.shape.find(name) !== 0) return true;
      layer = layer.below;
    } while (layer !== undefined);
    return false;
  }

  /** Where the attribute was written; NO_POS for one made by a builtin, and where there is none of that name. */
  pos(name: string): Pos {
    let layer: Attrs | undefined = this;
    do {
      const index = layer.shape.find(name);
      if (index !== 0) return layer.shape.pos(index);
      layer = layer.below;
    } while (layer !== undefined);
    return NO_POS;
  }

  /** Names in some order that is the same for the same set; use sortedKeys where order can be seen. */
  keys(): readonly string[] {
    if (this.below !== undefined) this.flatten();
    return this.shape.keys();
  }

  /** Names in byte order. */
  sortedKeys(): readonly string[] {
    if (this.below !== undefined) this.flatten();
    return this.shape.sortedKeys();
  }

  /** Where the names stand in `shape`, in byte order of the names; for `at`. */
  sortedIndices(): readonly number[] {
    if (this.below !== undefined) this.flatten();
    return this.shape.sortedIndices();
  }

  /** The attribute at an index of sortedIndices(). */
  at(index: number): Slot {
    return slotAt(this.shape, this.slots, index);
  }

  /** In the order of keys(). Slots are made but not forced. */
  forEach(visit: (name: string, slot: Slot, pos: Pos) => void): void {
    if (this.below !== undefined) this.flatten();
    const { shape, slots } = this;
    const wantsPos = visit.length > 2;
    for (let i = 1; i <= shape.size; i++) {
      visit(shape.names[i]!, slotAt(shape, slots, i), wantsPos ? shape.pos(i) : NO_POS);
    }
  }

  /** In the order of keys(). */
  *entries(): IterableIterator<[string, Slot]> {
    if (this.below !== undefined) this.flatten();
    const { shape, slots } = this;
    for (let i = 1; i <= shape.size; i++) yield [shape.names[i]!, slotAt(shape, slots, i)];
  }

  /** In byte order of the names. */
  *sortedEntries(): IterableIterator<[string, Slot]> {
    for (const name of this.sortedKeys()) yield [name, this.get(name)!];
  }

  /** `left // right` */
  static update(left: Attrs, right: Attrs): Attrs {
    if (right.isEmpty) return left;
    if (left.isEmpty) return right;
    const below = right.below === undefined ? left : Attrs.update(left, right.below);
    const result = new Attrs(right.shape, right.slots, below);
    if (result.layers > MAX_LAYERS) result.mergeTop();
    return result;
  }

  /** The set without these names. It is another one even if it has none of them: printing tells «repeated» sets. */
  remove(names: Iterable<string>): Attrs {
    const removed = new Set<string>();
    for (const name of names) if (this.has(name)) removed.add(name);
    if (removed.size === 0) return this.another();
    if (this.below !== undefined) this.flatten();
    const { shape, source } = this.shape.without(removed);
    return shape.size === 0 ? Attrs.empty : this.picked(shape, source);
  }

  /** The attributes whose names satisfy a condition, as a set of its own; slots are shared, none is made. */
  filterNames(keep: (name: string) => boolean): Attrs {
    if (this.below !== undefined) this.flatten();
    const { shape } = this;
    const source: number[] = [0];
    for (let i = 1; i <= shape.size; i++) if (keep(shape.names[i]!)) source.push(i);
    if (source.length === 1) return Attrs.empty;
    if (source.length === shape.size + 1) return this.another();
    return this.picked(shape.pick(source), source);
  }

  /** The attributes of these names that it has, as a set of its own, with their positions. */
  restrict(wanted: readonly string[]): Attrs {
    const names = [''];
    const slots: Slots = [undefined];
    const positions: Pos[] = [NO_POS];
    for (const name of wanted) {
      for (let layer: Attrs | undefined = this; layer !== undefined; layer = layer.below) {
        const { shape } = layer;
        const index = shape.find(name);
        if (index === 0) continue;
        names.push(name);
        slots.push(slotAt(shape, layer.slots, index));
        positions.push(shape.pos(index));
        break;
      }
    }
    return names.length === 1 ? Attrs.empty : new Attrs(Shape.withIndex(names, undefined, positions), slots);
  }

  private another(): Attrs {
    return this.isEmpty ? Attrs.empty : new Attrs(this.shape, this.slots, this.below);
  }

  private picked(shape: Shape, source: readonly number[]): Attrs {
    const { slots } = this;
    const picked: Slots = source.map((index) => slots[index]);
    picked[0] = new Picked(this.shape, slots, source);
    return new Attrs(shape, picked);
  }

  /** Names by their indices, from 1 on, which are those that mapLazily tells. */
  get names(): readonly string[] {
    if (this.below !== undefined) this.flatten();
    return this.shape.names;
  }

  /** A set of the same names, without positions, whose slots are made on first use from name and slot of this one. */
  mapLazily(make: (name: string, slot: Slot, index: number) => Slot): Attrs {
    if (this.below !== undefined) this.flatten();
    if (this.shape.size === 0) return this;
    const slots: Slots = new Array(this.shape.size + 1).fill(undefined);
    slots[0] = new Mapped(this.shape, this.slots, make);
    return new Attrs(this.shape.withoutPositions(), slots);
  }

  /** Merges all layers; from then on this set is flat. Unmade slots stay unmade. */
  private flatten(): void {
    const parts: Attrs[] = [];
    for (let layer: Attrs | undefined = this; layer !== undefined; layer = layer.below) parts.push(layer);
    this.become(parts, undefined);
  }

  /** Merges layers from the top while the next one is not much larger than what has been gathered. */
  private mergeTop(): void {
    const parts: Attrs[] = [this];
    let gathered = this.shape.size;
    let next = this.below;
    while (next !== undefined && next.shape.size <= 2 * gathered) {
      parts.push(next);
      gathered += next.shape.size;
      next = next.below;
    }
    if (parts.length > 1) this.become(parts, next);
  }

  private become(parts: readonly Attrs[], below: Attrs | undefined): void {
    const merged =
      parts.length === 2 ? parts[1]!.shape.mergedWith(parts[0]!.shape) : Shape.merge(parts.map((p) => p.shape));
    const { layerOf, indexOf } = merged;
    const slots: Slots = new Array(merged.shape.size + 1).fill(undefined);
    const all = parts.map((part) => part.slots);
    for (let i = 1; i < slots.length; i++) slots[i] = all[layerOf[i]!]![indexOf[i]!];
    slots[0] = new Layered(
      parts.map((part) => part.shape),
      all,
      layerOf,
      indexOf,
    );
    this.shape = merged.shape;
    this.slots = slots;
    this.below = below;
    this.state = below === undefined ? 1 : below.layers + 1;
  }
}

class Layered extends SlotMaker {
  declare private readonly shapes: readonly Shape[];
  declare private readonly slots: readonly Slots[];
  declare private readonly layerOf: ArrayLike<number>;
  declare private readonly indexOf: ArrayLike<number>;
  constructor(
    shapes: readonly Shape[],
    slots: readonly Slots[],
    layerOf: ArrayLike<number>,
    indexOf: ArrayLike<number>,
  ) {
    super();
    this.shapes = shapes;
    this.slots = slots;
    this.layerOf = layerOf;
    this.indexOf = indexOf;
  }
  make(index: number): Slot {
    const layer = this.layerOf[index]!;
    return slotAt(this.shapes[layer]!, this.slots[layer]!, this.indexOf[index]!);
  }
}

class Picked extends SlotMaker {
  declare private readonly shape: Shape;
  declare private readonly slots: Slots;
  declare private readonly source: readonly number[];
  constructor(shape: Shape, slots: Slots, source: readonly number[]) {
    super();
    this.shape = shape;
    this.slots = slots;
    this.source = source;
  }
  make(index: number): Slot {
    return slotAt(this.shape, this.slots, this.source[index]!);
  }
}

class Mapped extends SlotMaker {
  declare private readonly shape: Shape;
  declare private readonly slots: Slots;
  declare private readonly map: (name: string, slot: Slot, index: number) => Slot;
  constructor(shape: Shape, slots: Slots, map: (name: string, slot: Slot, index: number) => Slot) {
    super();
    this.shape = shape;
    this.slots = slots;
    this.map = map;
  }
  make(index: number): Slot {
    return this.map(this.shape.names[index]!, slotAt(this.shape, this.slots, index), index);
  }
}

/** Gathers attributes of a set whose names are known only at run time. */
export class AttrsBuilder {
  private readonly names: string[] = [''];
  private readonly slots: Slots = [undefined];
  private positions: Pos[] | undefined;
  /** Made once there are more than a few names. */
  private index: Map<string, number> | undefined;

  get size(): number {
    return this.names.length - 1;
  }

  has(name: string): boolean {
    return this.find(name) !== 0;
  }

  get(name: string): Slot | undefined {
    return this.slots[this.find(name)] as Slot | undefined;
  }

  pos(name: string): Pos {
    return this.positions?.[this.find(name)] ?? NO_POS;
  }

  /** Adds an attribute, or replaces the one of that name. */
  set(name: string, slot: Slot, pos: Pos = NO_POS): this {
    let index = this.find(name);
    if (index === 0) {
      index = this.names.push(name) - 1;
      this.slots.push(slot);
      if (this.index !== undefined) this.index.set(name, index);
    } else this.slots[index] = slot;
    if (pos !== NO_POS) {
      this.positions ??= [];
      this.positions[index] = pos;
    } else if (this.positions) this.positions[index] = NO_POS;
    return this;
  }

  /** Adds an attribute unless there is one of that name (as listToAttrs does). */
  setIfAbsent(name: string, slot: Slot, pos: Pos = NO_POS): this {
    return this.has(name) ? this : this.set(name, slot, pos);
  }

  build(): Attrs {
    if (this.names.length === 1) return Attrs.empty;
    return new Attrs(Shape.withIndex(this.names, this.index, this.positions), this.slots);
  }

  /** 0 where there is no such name yet. */
  private find(name: string): number {
    const { names } = this;
    if (this.index === undefined) {
      if (names.length <= SCAN_LIMIT + 1) {
        for (let i = names.length - 1; i > 0; i--) if (names[i] === name) return i;
        return 0;
      }
      this.index = new Map();
      for (let i = 1; i < names.length; i++) this.index.set(names[i]!, i);
    }
    return this.index.get(name) ?? 0;
  }
}

/** Entries in byte order of their names; for callers that have entries and no set. */
export function sortEntries<T>(entries: Iterable<readonly [string, T]>): (readonly [string, T])[] {
  return [...entries].sort((a, b) => compareBytewise(a[0], b[0]));
}
