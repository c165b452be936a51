/**
 * Values as XML (builtins.toXML, --xml):
 *
 *   <expr> value </expr>
 *   value  <int value=/> <float value=/> <bool value=/> <string value=/> <path value=/> <null/> <unevaluated/>
 *          <list> value* </list>     <attrs> <attr name= path= line= column=> value </attr>* </attrs>
 *          <derivation drvPath= outPath=> attr* or <repeated/> </derivation>
 *          <function path= line= column=> <varpat name=/> or <attrspat name= ellipsis=> <attr name=/>* </attrspat> </function>
 *
 * Two spaces of indentation a level; XML attributes in the order of their names. Positions only where asked for.
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
  printer.element('expr', {}, () => printer.value(slot, pos));
  return `<?xml version='1.0' encoding='utf-8'?>\n${printer.text}`;
}

type XmlAttributes = Readonly<Record<string, string>>;

class XmlPrinter {
  text = '';
  private readonly builder: ContextBuilder;
  private readonly how: XmlPrinting;
  private readonly derivations = new Set<string>();
  private indent = '';

  constructor(builder: ContextBuilder, how: XmlPrinting) {
    this.builder = builder;
    this.how = how;
  }

  element(name: string, attributes: XmlAttributes, content: () => void): void {
    this.text += `${this.indent}<${name}${printAttributes(attributes)}>\n`;
    const outer = this.indent;
    this.indent += '  ';
    content();
    this.indent = outer;
    this.text += `${outer}</${name}>\n`;
  }

  private empty(name: string, attributes: XmlAttributes = {}): void {
    this.text += `${this.indent}<${name}${printAttributes(attributes)} />\n`;
  }

  value(slot: Slot, pos: Pos): void {
    const depth = calls.depth;
    if (depth > calls.max) throw callDepthExceeded(pos);
    calls.depth = depth + 1;
    const value = this.how.strict ? force(slot, pos) : peek(slot);
    if (value === undefined) this.empty('unevaluated');
    else if (value === null) this.empty('null');
    else if (isInt(value)) this.empty('int', { value: String(value) });
    else if (typeof value === 'boolean') this.empty('bool', { value: String(value) });
    else if (value instanceof NixFloat) this.empty('float', { value: formatFloat(value.value) });
    else if (value instanceof NixPath) this.empty('path', { value: value.path });
    else if (isNixString(value)) {
      this.builder.add(contextOf(value));
      this.empty('string', { value: stringText(value) });
    } else if (isList(value))
      this.element('list', {}, () => {
        for (const member of value) this.value(member, pos);
      });
    else if (value instanceof Attrs) this.set(value);
    else if (value instanceof Lambda) this.lambda(value);
    else this.empty('unevaluated');
    calls.depth = depth;
  }

  private set(attrs: Attrs): void {
    if (!isDerivation(attrs)) {
      this.element('attrs', {}, () => this.members(attrs));
      return;
    }
    const paths: Record<string, string> = {};
    for (const name of ['drvPath', 'outPath']) {
      const slot = attrs.get(name);
      const value = slot === undefined ? undefined : this.how.strict ? force(slot, attrs.pos(name)) : peek(slot);
      if (value !== undefined && isNixString(value)) paths[name] = stringText(value);
    }
    this.element('derivation', paths, () => {
      const drvPath = paths.drvPath ?? '';
      if (drvPath !== '' && !this.derivations.has(drvPath)) {
        this.derivations.add(drvPath);
        this.members(attrs);
      } else this.empty('repeated');
    });
  }

  private members(attrs: Attrs): void {
    for (const name of attrs.sortedKeys()) {
      const pos = attrs.pos(name);
      this.element('attr', { ...this.location(pos), name }, () => this.value(attrs.get(name)!, pos));
    }
  }

  private lambda(lambda: Lambda): void {
    this.element('function', this.location(lambda.info.pos), () => {
      const formals = functionFormals(lambda);
      const { arg, ellipsis } = lambda.info;
      const named: Record<string, string> = arg === undefined ? {} : { name: arg };
      if (formals === undefined) this.empty('varpat', named);
      else
        this.element('attrspat', ellipsis ? { ellipsis: '1', ...named } : named, () => {
          for (const name of [...formals.keys()].sort(compareBytewise)) this.empty('attr', { name });
        });
    });
  }

  private location(pos: Pos): XmlAttributes {
    const position = this.how.location ? resolvePosition(pos) : undefined;
    if (position === undefined) return {};
    const { line, column } = position.source.lineColumn(position.offset);
    const where = { column: String(column), line: String(line) };
    return position.source.origin.kind === 'file' ? { ...where, path: position.source.origin.path } : where;
  }
}

function printAttributes(attributes: XmlAttributes): string {
  return Object.keys(attributes)
    .sort(compareBytewise)
    .map((name) => ` ${name}="${escapeXml(attributes[name]!)}"`)
    .join('');
}

const entities: Readonly<Record<string, string>> = {
  '"': '&quot;',
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '\n': '&#xA;',
};

function escapeXml(text: string): string {
  return text.replace(/["<>&\n]/g, (char) => entities[char]!);
}
