/**
 * Values as `nix eval`, the REPL and error messages print them. Nothing is forced unless `force` says so; then an error in
 * a member is printed in its place. With `indent`, members stand on lines of their own as in C++ Nix's pretty printer;
 * with `width` besides, a value that fits on one line of that many columns is printed on one.
 *
 * The printer writes pieces: text, and places where the pretty form breaks the line and the plain form has a space. So one
 * pass over the value, which may evaluate things and must not do that twice, serves both forms.
 */
import { compareBytewise } from '../base/order.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import { Attrs } from './attrs.ts';
import { isDerivation } from './coerce.ts';
import { positionText } from './describe.ts';
import { formatFloat } from './float.ts';
import { Lambda, Primop, PrimopApp } from './function.ts';
import { type Paint, paint } from './print-color.ts';
import { elided, printName, quoteStringUpTo } from './print-text.ts';
import { callDepthExceeded, calls } from './stack.ts';
import { force, isBlackHole, peek } from './thunk.ts';
import {
  isInt,
  isList,
  isNixString,
  type List,
  NixFloat,
  NixPath,
  type Slot,
  stringText,
  type Value,
} from './value.ts';

export interface PrintOptions {
  readonly force?: boolean;
  /** Derivations as «derivation /nix/store/...drv» (only with `force`). */
  readonly derivationPaths?: boolean;
  /** A set or list that has been printed is «repeated». */
  readonly trackRepeated?: boolean;
  readonly maxDepth?: number;
  /** Limits on the whole of what is printed. */
  readonly maxAttrs?: number;
  readonly maxListItems?: number;
  /** In bytes. */
  readonly maxStringLength?: number;
  /** Spaces per level of the pretty form; 0 is the plain form, all on one line. */
  readonly indent?: number;
  /** Columns within which the plain form is preferred. */
  readonly width?: number;
  /** What to do with errors; at the top only, print those below; or print them all. Default: 'print'. */
  readonly errors?: 'throw' | 'throwAtTop' | 'print';
  readonly colors?: boolean;
}

export function printValue(slot: Slot, options: PrintOptions = {}): string {
  const printer = new Printer(options);
  printer.print(slot, 0);
  return printer.finish();
}

interface Break {
  readonly indent: number;
}

class Printer {
  private readonly options: PrintOptions;
  private readonly paint: Paint;
  private readonly pieces: (string | Break)[] = [];
  private readonly seen: Set<unknown> | undefined;
  private readonly maxDepth: number;
  private readonly maxAttrs: number;
  private readonly maxListItems: number;
  private attrsPrinted = 0;
  private itemsPrinted = 0;
  private indent = 0;

  constructor(options: PrintOptions) {
    this.options = options;
    this.paint = paint(options.colors ?? false);
    this.seen = options.trackRepeated ? new Set() : undefined;
    this.maxDepth = options.maxDepth ?? Infinity;
    this.maxAttrs = options.maxAttrs ?? Infinity;
    this.maxListItems = options.maxListItems ?? Infinity;
  }

  finish(): string {
    const { width } = this.options;
    if (width !== undefined) {
      const plain = this.pieces.map((piece) => (typeof piece === 'string' ? piece : ' ')).join('');
      if (this.paint.width(plain) <= width) return plain;
    }
    return this.pieces.map((piece) => (typeof piece === 'string' ? piece : `\n${' '.repeat(piece.indent)}`)).join('');
  }

  print(slot: Slot, depth: number): void {
    if (depth > calls.max) throw callDepthExceeded(NO_POS);
    try {
      const value = this.options.force ? force(slot) : peek(slot);
      if (value === undefined) this.printThunk(slot);
      else this.printForced(slot, value, depth);
    } catch (error) {
      if (!(error instanceof NixError) || error.class === 'StackOverflowError') throw error;
      const { errors = 'print' } = this.options;
      if (errors === 'throw' || (errors === 'throwAtTop' && depth === 0)) throw error;
      this.write(this.paint.error(`«error: ${error.message}»`));
    }
  }

  private printForced(slot: Slot, value: Value, depth: number): void {
    const { paint } = this;
    if (value === null) this.write(paint.constant('null'));
    else if (typeof value === 'boolean' || isInt(value)) this.write(paint.constant(String(value)));
    else if (value instanceof NixFloat) this.write(paint.constant(formatFloat(value.value)));
    else if (isNixString(value))
      this.write(paint.string(quoteStringUpTo(stringText(value), this.options.maxStringLength ?? Infinity)));
    else if (value instanceof NixPath) this.write(paint.path(value.path));
    else if (value instanceof Attrs) this.printAttrs(value, depth);
    else if (isList(value)) this.printList(slot, value, depth);
    else this.write(paint.fn(`«${describeFunction(value)}»`));
  }

  private printThunk(slot: Slot): void {
    this.write(isBlackHole(slot) ? this.paint.error('«potential infinite recursion»') : this.paint.hole('«thunk»'));
  }

  private printAttrs(attrs: Attrs, depth: number): void {
    if (this.repeated(attrs.isEmpty ? Attrs.empty : attrs)) return;
    if (this.options.force && this.options.derivationPaths && isDerivation(attrs)) {
      this.printDerivation(attrs);
      return;
    }
    if (depth >= this.maxDepth) {
      this.write('{ ... }');
      return;
    }
    const names = this.maxAttrs === Infinity ? attrs.sortedKeys() : importantFirst(attrs.sortedKeys());
    const members = names.map((name) => attrs.get(name)!);
    const pretty = this.isPretty(members);
    this.write('{');
    this.indent += this.options.indent ?? 0;
    for (let i = 0; i < names.length; i++) {
      this.space(pretty);
      if (this.attrsPrinted >= this.maxAttrs) {
        this.write(this.paint.faint(elided(names.length - i, 'attribute')));
        break;
      }
      this.write(`${printName(names[i]!)} = `);
      this.print(members[i]!, depth + 1);
      this.write(';');
      this.attrsPrinted++;
    }
    this.indent -= this.options.indent ?? 0;
    this.space(pretty);
    this.write('}');
  }

  private printList(slot: Slot, list: List, depth: number): void {
    // A list counts as printed only if it is the same variable's: two expressions may share one array.
    if (list.length > 0 && this.repeated(slot)) return;
    if (depth >= this.maxDepth) {
      this.write('[ ... ]');
      return;
    }
    const pretty = this.isPretty(list);
    this.write('[');
    this.indent += this.options.indent ?? 0;
    for (let i = 0; i < list.length; i++) {
      this.space(pretty);
      if (this.itemsPrinted >= this.maxListItems) {
        this.write(this.paint.faint(elided(list.length - i, 'item')));
        break;
      }
      this.print(list[i]!, depth + 1);
      this.itemsPrinted++;
    }
    this.indent -= this.options.indent ?? 0;
    this.space(pretty);
    this.write(']');
  }

  private printDerivation(attrs: Attrs): void {
    const drvPath = attrs.get('drvPath');
    const path = drvPath === undefined ? undefined : force(drvPath, attrs.pos('drvPath'));
    const text = path !== undefined && isNixString(path) ? ` ${stringText(path)}` : '';
    this.write(this.paint.path(`«derivation${text}»`));
  }

  /** Members get lines of their own when there are several, or one that has members itself. It is forced for that. */
  private isPretty(members: readonly Slot[]): boolean {
    if (!this.options.indent || members.length === 0) return false;
    if (members.length > 1) return true;
    const only = force(members[0]!);
    return only instanceof Attrs || isList(only);
  }

  private repeated(key: unknown): boolean {
    if (this.seen === undefined) return false;
    if (!this.seen.has(key)) {
      this.seen.add(key);
      return false;
    }
    this.write(this.paint.hole('«repeated»'));
    return true;
  }

  private space(pretty: boolean): void {
    this.pieces.push(pretty ? { indent: this.indent } : ' ');
  }

  private write(text: string): void {
    this.pieces.push(text);
  }
}

/** For instance: lambda f @ /a.nix:1:2 */
export function describeFunction(value: Value): string {
  if (value instanceof Lambda) {
    const { name, pos } = value.info;
    return `lambda${name === undefined ? '' : ` ${name}`} @ ${positionText(pos)}`;
  }
  if (value instanceof Primop) return `primop ${value.builtin.name}`;
  if (value instanceof PrimopApp) return `partially applied primop ${value.primop.builtin.name}`;
  throw new Error('not a function');
}

/** Where not everything is shown, what says which kind of set it is comes first. */
function importantFirst(names: readonly string[]): readonly string[] {
  const rank = (name: string) => (name === 'type' || name === '_type' ? 0 : 1);
  return [...names].sort((a, b) => rank(a) - rank(b) || compareBytewise(a, b));
}
