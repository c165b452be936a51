/**
 * Values as JSON (builtins.toJSON, --json, structured attributes), without white space, keys in byte order. Sets with
 * __toString or outPath become what those lead to; paths are copied to the store. Functions are an error.
 */
import { ByteBuffer } from '../base/byte-buffer.ts';
import { NixError } from '../errors/nix-error.ts';
import type { Pos } from '../errors/position.ts';
import { Attrs, slotAt } from './attrs.ts';
import { traced } from './coerce.ts';
import { peelToStringOutPath } from './coerce-string.ts';
import type { ContextBuilder } from './context-builder.ts';
import type { EvalContext } from './eval-context.ts';
import { formatFloatJson } from './float.ts';
import { Lambda } from './function.ts';
import { jsonString, writeJsonString } from './json-string.ts';
import type { Shape } from './shape.ts';
import { callDepthExceeded, calls } from './stack.ts';
import { copyPathToStore } from './store-copy.ts';
import { DONE, force, peek, Thunk } from './thunk.ts';
import { describeType } from './type-names.ts';
import { ContextString, isInt, isList, NixFloat, NixPath, type Slot, type Value } from './value.ts';

export interface JsonPrinting {
  /** Force what is not evaluated yet, the default; else it is an error. */
  readonly strict?: boolean;
  /** Paths become store paths, the default. */
  readonly copyToStore?: boolean;
}

/** Contexts of all strings go to `builder`. */
export function printJsonValue(
  ctx: EvalContext,
  slot: Slot,
  pos: Pos,
  builder: ContextBuilder,
  { strict = true, copyToStore = true }: JsonPrinting = {},
): string {
  const printer = new JsonPrinter(ctx, builder, strict);
  printer.print(slot, pos, copyToStore);
  return printer.out.finish();
}

/** What sets of one shape have in common. */
interface Layout {
  /** Neither `__toString` nor `outPath`: it is a set in JSON, too. */
  readonly isPlain: boolean;
  /** Indices in the shape, in byte order of the names. */
  readonly order: readonly number[];
  /** What stands before each value. */
  readonly before: readonly string[];
}

class JsonPrinter {
  readonly out = new ByteBuffer();
  private readonly ctx: EvalContext;
  private readonly builder: ContextBuilder;
  private readonly strict: boolean;
  private readonly layouts = new Map<Shape, Layout>();

  constructor(ctx: EvalContext, builder: ContextBuilder, strict: boolean) {
    this.ctx = ctx;
    this.builder = builder;
    this.strict = strict;
  }

  print(slot: Slot, pos: Pos, copyToStore: boolean): void {
    const depth = calls.depth;
    if (depth > calls.max) throw callDepthExceeded(pos);
    calls.depth = depth + 1;
    const value = this.strict ? force(slot, pos) : peek(slot);
    if (value === undefined) throw notJson('a thunk', pos);
    this.printForced(value, pos, copyToStore);
    calls.depth = depth;
  }

  private printForced(value: Value, pos: Pos, copyToStore: boolean): void {
    const { out } = this;
    if (typeof value === 'string') writeJsonString(out, value);
    else if (value === null || typeof value === 'boolean' || isInt(value)) out.text(String(value));
    else if (value instanceof ContextString) {
      this.builder.add(value.context);
      writeJsonString(out, value.value);
    } else if (value instanceof Attrs) {
      // To merge the layers of a derivation would be a waste: only its outPath is wanted.
      const layout = value.below === undefined ? this.layoutOf(value.shape) : undefined;
      if (layout?.isPlain) this.printAttrs(value, layout, copyToStore);
      else this.printPeeled(value, pos, copyToStore);
    } else if (isList(value)) this.printList(value, pos, copyToStore);
    else if (value instanceof NixFloat) out.text(formatFloatJson(value.value));
    else if (value instanceof NixPath)
      writeJsonString(out, copyToStore ? copyPathToStore(this.ctx, value.path, this.builder) : value.path);
    else throw notJson(describeType(value), value instanceof Lambda ? value.info.pos : pos);
  }

  private printPeeled(value: Attrs, pos: Pos, copyToStore: boolean): void {
    peelToStringOutPath(pos, value, true, (peeled, viaToString) => {
      if (!(peeled instanceof Attrs)) return this.print(peeled, pos, copyToStore && !viaToString);
      peeled.keys(); // Merges its layers.
      return this.printAttrs(peeled, this.layoutOf(peeled.shape), copyToStore);
    });
  }

  private layoutOf(shape: Shape): Layout {
    let layout = this.layouts.get(shape);
    if (layout === undefined) this.layouts.set(shape, (layout = makeLayout(shape)));
    return layout;
  }

  /** All its attributes are in one layer. */
  private printAttrs({ shape, slots }: Attrs, { order, before }: Layout, copyToStore: boolean): void {
    const { out } = this;
    if (order.length === 0) {
      out.text('{}');
      return;
    }
    for (let i = 0; i < order.length; i++) {
      const index = order[i]!;
      const pos = shape.pos(index);
      out.text(before[i]!);
      try {
        this.print(slotAt(shape, slots, index), pos, copyToStore);
        settle(slots as Slot[], index);
      } catch (error) {
        throw traced(error, `while evaluating attribute '${shape.names[index]}'`, pos);
      }
    }
    out.byte(CLOSE_BRACE);
  }

  private printList(list: readonly Slot[], pos: Pos, copyToStore: boolean): void {
    const { out } = this;
    out.byte(OPEN_BRACKET);
    for (let i = 0; i < list.length; i++) {
      if (i > 0) out.byte(COMMA);
      try {
        this.print(list[i]!, pos, copyToStore);
        settle(list as Slot[], i);
      } catch (error) {
        throw traced(error, `while evaluating list element at index ${i}`, pos);
      }
    }
    out.byte(CLOSE_BRACKET);
  }
}

const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const CLOSE_BRACE = 0x7d;

/** The place holds the value from now on, if that is known: the thunk is garbage. */
function settle(slots: Slot[], index: number): void {
  const slot = slots[index];
  if (slot instanceof Thunk && slot.offset === DONE) slots[index] = slot.payload as Value;
}

function makeLayout(shape: Shape): Layout {
  const names = shape.sortedKeys();
  return {
    isPlain: shape.find('__toString') === 0 && shape.find('outPath') === 0,
    order: names.map((name) => shape.find(name)),
    before: names.map((name, i) => `${i === 0 ? '{' : ','}${jsonString(name)}:`),
  };
}

function notJson(what: string, pos: Pos): NixError {
  return new NixError(`cannot convert ${what} to JSON`, { class: 'TypeError', pos });
}
