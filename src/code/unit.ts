/**
 * A unit is one compiled file or expression: flat code (opcodes.ts), the tables that its operands index, and what is
 * needed to show positions. A session loads it once; `session` and `memo` are that session's.
 *
 * Every code offset is a position: `posBase + offset` (errors/position.ts). Which place in the source it stands for is
 * looked up in a side table when somebody asks, and only then is the source text wanted.
 */
import { type Position, reservePositions } from '../errors/position.ts';
import type { Source } from '../errors/source.ts';
import { readPositions } from './positions.ts';

export interface PackedTables {
  /** Where instructions stand in the source, packed (positions.ts). */
  readonly packedPositions: Uint8Array;
  /** Pairs of a lambda's code offset and the text of its doc comment. */
  readonly docs: Int32Array;
}

/** What running the code never needs. */
export class SideTables {
  private readonly load: () => PackedTables;
  private loaded: PackedTables | undefined;
  private unpacked: Int32Array | undefined;

  constructor(load: () => PackedTables) {
    this.load = load;
  }

  get packed(): PackedTables {
    this.loaded ??= this.load();
    return this.loaded;
  }

  /** Pairs of code offset and source offset, by rising code offset. */
  get positions(): Int32Array {
    this.unpacked ??= readPositions(this.packed.packedPositions);
    return this.unpacked;
  }
}

export interface UnitParts {
  readonly code: Int32Array;
  /** Where the whole expression's code starts. */
  readonly entry: number;
  /** Names of attributes, formals and lambdas; texts of strings and paths. Missing ones are asked of `decodeText`. */
  readonly texts: (string | undefined)[];
  readonly decodeText?: (index: number) => string;
  /** Floats, and ints that do not fit an operand. */
  readonly numbers: readonly (number | bigint)[];
  /** Number of memo cells. */
  readonly memos: number;
  readonly side: SideTables;
  readonly source: () => Source;
}

export class Unit {
  readonly code: Int32Array;
  readonly entry: number;
  readonly texts: (string | undefined)[];
  readonly numbers: readonly (number | bigint)[];
  /** What the machine made of instructions (shapes, lambdas, globals), by their operand `memo`. */
  readonly memo: unknown[];
  readonly posBase: number;
  /** The directory that relative paths in it start from. */
  basePath = '/';
  /** The session that loaded it (runtime/machine-load.ts says what the machine wants of it). */
  session: unknown = undefined;
  readonly side: SideTables;
  private readonly decodeText: ((index: number) => string) | undefined;
  private readonly loadSource: () => Source;

  constructor(parts: UnitParts) {
    this.code = parts.code;
    this.entry = parts.entry;
    this.texts = parts.texts;
    this.decodeText = parts.decodeText;
    this.numbers = parts.numbers;
    this.memo = new Array(parts.memos);
    this.side = parts.side;
    this.loadSource = parts.source;
    this.posBase = reservePositions(this.code.length + 1, (offset) => this.resolve(offset));
  }

  text(index: number): string {
    return this.texts[index] ?? (this.texts[index] = this.decodeText!(index));
  }

  get source(): Source {
    return this.loadSource();
  }

  /** The doc comment of the lambda at an offset. */
  documentation(lambda: number): string | undefined {
    const { docs } = this.side.packed;
    for (let i = 0; i < docs.length; i += 2) if (docs[i] === lambda) return this.text(docs[i + 1]!);
    return undefined;
  }

  private resolve(offset: number): Position | undefined {
    const table = this.side.positions;
    let low = 0;
    let high = table.length / 2 - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const at = table[2 * middle]!;
      if (at === offset) return { source: this.source, offset: table[2 * middle + 1]! };
      if (at < offset) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }
}
