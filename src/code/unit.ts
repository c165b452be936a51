/**
 * A unit is one compiled file or expression: flat code (opcodes.ts), the tables that its operands index, and what is
 * needed to show positions. Nothing in it refers to a session, so a unit may come from the cache and be used by several.
 *
 * Every code offset is a position: `posBase + offset` (errors/position.ts). Which place in the source it stands for is
 * looked up in a side table when somebody asks, and only then is the source text wanted.
 */
import { type Position, reservePositions } from '../errors/position.ts';
import type { Source } from '../errors/source.ts';

export class Unit {
  readonly code: Int32Array;
  /** Names of attributes, formals and lambdas; texts of strings and paths. */
  readonly texts: readonly string[];
  /** Floats, and ints that do not fit an operand. */
  readonly numbers: readonly (number | bigint)[];
  /** Pairs of code offset and source offset, by rising code offset. */
  private readonly positions: () => Int32Array;
  private readonly loadSource: () => Source;
  readonly posBase: number;
  /** What the machine made of tables in the code (shapes, lambdas, constants), by operand `memo`. */
  readonly memo: unknown[];

  constructor(options: {
    code: Int32Array;
    texts: readonly string[];
    numbers: readonly (number | bigint)[];
    memoSize: number;
    positions: () => Int32Array;
    source: () => Source;
  }) {
    this.code = options.code;
    this.texts = options.texts;
    this.numbers = options.numbers;
    this.positions = options.positions;
    this.loadSource = options.source;
    this.memo = new Array(options.memoSize).fill(undefined);
    this.posBase = reservePositions(this.code.length + 1, (offset) => this.resolve(offset));
  }

  get source(): Source {
    return this.loadSource();
  }

  private resolve(offset: number): Position | undefined {
    const table = this.positions();
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
