/**
 * Values as JSON (builtins.toJSON, --json, structured attributes), without white space, keys in byte order. Sets with
 * __toString or outPath become what those lead to; paths are copied to the store. Functions are an error.
 */
import { byteLength, encodeBytes } from '../base/bytes.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS, type Pos } from '../errors/position.ts';
import { Attrs } from './attrs.ts';
import { traced } from './coerce.ts';
import { peelToStringOutPath } from './coerce-string.ts';
import type { ContextBuilder } from './context-builder.ts';
import type { EvalContext } from './eval-context.ts';
import { formatFloatJson } from './float.ts';
import { Lambda } from './function.ts';
import { callDepthExceeded, calls } from './stack.ts';
import { copyPathToStore } from './store-copy.ts';
import { force, peek } from './thunk.ts';
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
  return printer.parts.join('');
}

class JsonPrinter {
  /** What has been printed. Joined at the end, which makes fewer objects than putting strings together on the way. */
  readonly parts: string[] = [];
  private readonly ctx: EvalContext;
  private readonly builder: ContextBuilder;
  private readonly strict: boolean;

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
    const { parts } = this;
    if (typeof value === 'string') parts.push(jsonString(value));
    else if (value === null || typeof value === 'boolean' || isInt(value)) parts.push(String(value));
    else if (value instanceof ContextString) {
      this.builder.add(value.context);
      parts.push(jsonString(value.value));
    } else if (value instanceof Attrs)
      peelToStringOutPath(pos, value, true, (peeled, viaToString) =>
        peeled instanceof Attrs
          ? this.printAttrs(peeled, copyToStore)
          : this.print(peeled, pos, copyToStore && !viaToString),
      );
    else if (isList(value)) this.printList(value, pos, copyToStore);
    else if (value instanceof NixFloat) parts.push(formatFloatJson(value.value));
    else if (value instanceof NixPath)
      parts.push(jsonString(copyToStore ? copyPathToStore(this.ctx, value.path, this.builder) : value.path));
    else throw notJson(describeType(value), value instanceof Lambda ? value.info.pos : pos);
  }

  private printAttrs(attrs: Attrs, copyToStore: boolean): void {
    const { parts } = this;
    let before = '{';
    for (const name of attrs.sortedKeys()) {
      const pos = attrs.pos(name);
      try {
        parts.push(before, jsonString(name), ':');
        this.print(attrs.get(name)!, pos, copyToStore);
      } catch (error) {
        throw traced(error, `while evaluating attribute '${name}'`, pos);
      }
      before = ',';
    }
    parts.push(before === '{' ? '{}' : '}');
  }

  private printList(list: readonly Slot[], pos: Pos, copyToStore: boolean): void {
    const { parts } = this;
    parts.push('[');
    for (let i = 0; i < list.length; i++) {
      if (i > 0) parts.push(',');
      try {
        this.print(list[i]!, pos, copyToStore);
      } catch (error) {
        throw traced(error, `while evaluating list element at index ${i}`, pos);
      }
    }
    parts.push(']');
  }
}

function notJson(what: string, pos: Pos): NixError {
  return new NixError(`cannot convert ${what} to JSON`, { class: 'TypeError', pos });
}

/** JSON has no strings that are not UTF-8. */
export function jsonString(text: string): string {
  if (text.isWellFormed()) return JSON.stringify(text);
  throw new NixError(`JSON serialization error: [json.exception.type_error.316] ${utf8Problem(text)}`, {
    class: 'Error',
    pos: NO_POS,
  });
}

/** Where a decoder stops: at the first byte that cannot follow those before it. */
function utf8Problem(text: string): string {
  const start = byteLength(text.slice(0, text.search(/\p{Surrogate}/u)));
  const bytes = encodeBytes(text);
  const lead = bytes[start]!;
  const length = lead >= 0xf0 && lead <= 0xf4 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
  const isLead = length > 1 && lead <= 0xf4;
  let at = start;
  for (let i = 1; isLead && i < length; i++) {
    const next = bytes[start + i];
    if (next === undefined) return `incomplete UTF-8 string; last byte: 0x${hex(bytes[bytes.length - 1]!)}`;
    const low = i === 1 && (lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80);
    const high = i === 1 && (lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf);
    at = start + i;
    if (next < (low || 0x80) || next > (high || 0xbf)) break;
  }
  return `invalid UTF-8 byte at index ${at}: 0x${hex(bytes[at]!)}`;
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}
