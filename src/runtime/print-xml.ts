/**
 * Values as XML (builtins.toXML, --xml):
 *
 *   <expr> value </expr>
 *   value  <int value=/> <float value=/> <bool value=/> <string value=/> <path value=/> <null/> <unevaluated/>
 *          <list> value* </list>     <attrs> <attr name= path= line= column=> value </attr>* </attrs>
 *          <derivation drvPath= outPath=> attr* or <repeated/> </derivation>
 *          <function path= line= column=> <varpat name=/> or <attrspat name= ellipsis=> <attr name=/>* </attrspat> </function>
 *
 * Two spaces of indentation a level; XML attributes in the order of their names (callers see to it). Positions only where asked for.
 */

import { compareBytewise } from '../base/order.ts';
import { NO_POS, type Pos, resolvePosition } from '../errors/position.ts';
import { Attrs } from './attrs.ts';
import { isDerivation } from './coerce.ts';
import type { ContextBuilder } from './context-builder.ts';
import { contextOf } from './context-builder.ts';
import { formatFloat } from './float.ts';
import { functionFormals, Lambda } from './function.ts';
import { callDepthExceeded, calls } from './stack.ts';
import { force, peek } from './thunk.ts';
import { isInt, isList, isNixString, NixFloat, NixPath, type Slot, stringText } from './value.ts';

export interface XmlPrinting {
  /** Force what is not evaluated yet; else it is <unevaluated/>. */
  readonly strict: boolean;
  readonly location: boolean;
}

/** A whole document. Contexts of all strings go to `builder`. */
export function printXml(slot: Slot, builder: ContextBuilder, how: XmlPrinting, pos: Pos = NO_POS): string {
  const printer = new XmlPrinter(builder, how);
  printer.open('expr', '');
  printer.value(slot, pos);
  printer.close('expr');
  return `<?xml version='1.0' encoding='utf-8'?>\n${printer.finish()}`;
}

/** Lines are gathered by so many: a manual's worth of options is some hundred thousand of them. */
const LINES = 4096;

class XmlPrinter {
  private text = '';
  private lines: string[] = [];
  private readonly builder: ContextBuilder;
  private readonly how: XmlPrinting;
  private readonly derivations = new Set<string>();
  private level = 0;

  constructor(builder: ContextBuilder, how: XmlPrinting) {
    this.builder = builder;
    this.how = how;
  }

  finish(): string {
    this.text += this.lines.join('');
    this.lines = [];
    return this.text;
  }

  /** `attributes` as they are printed, each with a space in front. */
  open(name: string, attributes: string): void {
    this.lines.push(indentation(this.level++), '<', name, attributes, '>\n');
    if (this.lines.length >= LINES) this.finish();
  }

  close(name: string): void {
    this.lines.push(indentation(--this.level), '</', name, '>\n');
  }

  private empty(name: string, attributes = ''): void {
    this.lines.push(indentation(this.level), '<', name, attributes, ' />\n');
  }

  value(slot: Slot, pos: Pos): void {
    const depth = calls.depth;
    if (depth > calls.max) throw callDepthExceeded(pos);
    calls.depth = depth + 1;
    const value = this.how.strict ? force(slot, pos) : peek(slot);
    if (value === undefined) this.empty('unevaluated');
    else if (value === null) this.empty('null');
    else if (isInt(value)) this.empty('int', attribute('value', String(value)));
    else if (typeof value === 'boolean') this.empty('bool', attribute('value', String(value)));
    else if (value instanceof NixFloat) this.empty('float', attribute('value', formatFloat(value.value)));
    else if (value instanceof NixPath) this.empty('path', attribute('value', value.path));
    else if (isNixString(value)) {
      this.builder.add(contextOf(value));
      this.empty('string', attribute('value', stringText(value)));
    } else if (isList(value)) {
      this.open('list', '');
      for (let i = 0; i < value.length; i++) this.value(value[i]!, pos);
      this.close('list');
    } else if (value instanceof Attrs) this.set(value);
    else if (value instanceof Lambda) this.lambda(value);
    else this.empty('unevaluated');
    calls.depth = depth;
  }

  private set(attrs: Attrs): void {
    if (!isDerivation(attrs)) {
      this.open('attrs', '');
      this.members(attrs);
      this.close('attrs');
      return;
    }
    let paths = '';
    let drvPath = '';
    for (const name of ['drvPath', 'outPath']) {
      const slot = attrs.get(name);
      const value = slot === undefined ? undefined : this.how.strict ? force(slot, attrs.pos(name)) : peek(slot);
      if (value === undefined || !isNixString(value)) continue;
      paths += attribute(name, stringText(value));
      if (name === 'drvPath') drvPath = stringText(value);
    }
    this.open('derivation', paths);
    if (drvPath !== '' && !this.derivations.has(drvPath)) {
      this.derivations.add(drvPath);
      this.members(attrs);
    } else this.empty('repeated');
    this.close('derivation');
  }

  private members(attrs: Attrs): void {
    const order = attrs.sortedIndices();
    const { shape } = attrs;
    for (let i = 0; i < order.length; i++) {
      const index = order[i]!;
      const pos = shape.pos(index);
      const name = attribute('name', shape.names[index]!);
      this.open('attr', this.how.location ? this.location(pos, name) : name);
      this.value(attrs.at(index), pos);
      this.close('attr');
    }
  }

  private lambda(lambda: Lambda): void {
    this.open('function', this.location(lambda.info.pos, ''));
    const formals = functionFormals(lambda);
    const { arg, ellipsis } = lambda.info;
    const named = arg === undefined ? '' : attribute('name', arg);
    if (formals === undefined) this.empty('varpat', named);
    else {
      this.open('attrspat', ellipsis ? attribute('ellipsis', '1') + named : named);
      for (const name of [...formals.keys()].sort(compareBytewise)) this.empty('attr', attribute('name', name));
      this.close('attrspat');
    }
    this.close('function');
  }

  /** With the attribute `name`, which belongs in the middle. */
  private location(pos: Pos, name: string): string {
    const position = this.how.location ? resolvePosition(pos) : undefined;
    if (position === undefined) return name;
    const { origin } = position.source;
    const { line, column } = position.source.lineColumn(position.offset);
    const path = origin.kind === 'file' ? attribute('path', origin.path) : '';
    return attribute('column', String(column)) + attribute('line', String(line)) + name + path;
  }
}

const indentations: string[] = [];

function indentation(level: number): string {
  return (indentations[level] ??= '  '.repeat(level));
}

function attribute(name: string, value: string): string {
  return ` ${name}="${escapeXml(value)}"`;
}

const entities: Readonly<Record<string, string>> = {
  '"': '&quot;',
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '\n': '&#xA;',
};

function escapeXml(text: string): string {
  return /["<>&\n]/.test(text) ? text.replace(/["<>&\n]/g, (char) => entities[char]!) : text;
}
