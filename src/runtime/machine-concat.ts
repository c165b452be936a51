/**
 * `a + b`, "a${b}" and paths with interpolation: one instruction, whose first part decides what it is. A part is coerced
 * before the next one is evaluated, so that of two faulty ones the first is told.
 */
import { wholeText } from '../base/bytes.ts';
import type { Unit } from '../code/unit.ts';
import { NixError } from '../errors/nix-error.ts';
import { coerceToString } from './coerce-string.ts';
import { ContextBuilder } from './context-builder.ts';
import { checkedInt } from './integer.ts';
import type { MachineSession } from './machine-load.ts';
import { canonicalPath } from './path-text.ts';
import { describeType } from './type-names.ts';
import { type Int, isInt, isNixString, NixFloat, NixPath, type Value } from './value.ts';

/** Takes the values of the parts of CONCAT forceString n (part)..., one after the other. */
export class Concatenation {
  private readonly unit: Unit;
  private readonly pc: number;
  private count = 0;
  /** What numbers have come to so far; none where the parts become text. */
  private sum: Int | NixFloat | undefined = undefined;
  private text = '';
  private isPath = false;
  private copyToStore = true;
  private readonly builder = new ContextBuilder();

  constructor(unit: Unit, pc: number) {
    this.unit = unit;
    this.pc = pc;
  }

  add(part: Value): this {
    const i = this.count++;
    const pos = this.unit.posBase + this.pc + 3 + i;
    const forceString = this.unit.code[this.pc + 1] === 1;
    if (i === 0 && !forceString) {
      if (isInt(part) || part instanceof NixFloat) {
        this.sum = part;
        return this;
      }
      this.isPath = part instanceof NixPath;
      // Paths are copied to the store where they become part of a string; not behind a path, nor behind a set.
      this.copyToStore = isNixString(part);
    }
    if (this.sum !== undefined) this.sum = addNumbers(this.sum, part, pos);
    else if (typeof part === 'string') this.text += part;
    else {
      const { context: ctx } = this.unit.session as MachineSession;
      const how = { copyToStore: this.copyToStore, canonicalizePath: forceString || i > 0 };
      this.text += coerceToString(ctx, pos, part, this.builder, 'while evaluating a path segment', how);
    }
    return this;
  }

  /** In place of `add` for parts that are strings without context, whose text is `text`. */
  startWith(text: string, count: number): void {
    this.text = text;
    this.count = count;
  }

  finish(): Value {
    if (this.sum !== undefined) return this.sum;
    if (!this.isPath) return this.builder.string(wholeText(this.text));
    if (!this.builder.isEmpty) {
      const message = 'a string that refers to a store path cannot be appended to a path';
      throw new NixError(message, { pos: this.unit.posBase + this.pc });
    }
    return new NixPath(canonicalPath(wholeText(this.text)));
  }
}

/** Once a float, always a float. */
function addNumbers(sum: Int | NixFloat, part: Value, pos: number): Int | NixFloat {
  if (isInt(part) && isInt(sum)) {
    if (typeof sum === 'number' && typeof part === 'number' && Number.isSafeInteger(sum + part)) return sum + part;
    const exact = checkedInt(BigInt(sum) + BigInt(part));
    if (exact === undefined) throw new NixError(`integer overflow in adding ${sum} + ${part}`, { pos });
    return exact;
  }
  if (isInt(part)) return new NixFloat((sum as NixFloat).value + Number(part));
  if (part instanceof NixFloat) return new NixFloat((isInt(sum) ? Number(sum) : sum.value) + part.value);
  throw new NixError(`cannot add ${describeType(part)} to ${isInt(sum) ? 'an integer' : 'a float'}`, { pos });
}
