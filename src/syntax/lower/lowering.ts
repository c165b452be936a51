/**
 * From what the parser reports to the nodes of nodes.ts: surface forms become the calls and concatenations that they
 * mean, each with the position that C++ Nix gives it (parser.y), because errors show them.
 *
 * Calls are flat: `f a b` is one call of two arguments, and so is `(f a) b`, since Nix appends to whatever call it finds
 * as the callee.
 */
import type { TokenType } from 'chevrotain';
import type { Actions, FormalSet, Head, Part } from '../../../grammar/actions.ts';
import type { DocComment } from '../../../grammar/lexer.ts';
import * as t from '../../../grammar/tokens.ts';
import type { AttrName, BinaryOperator, LambdaNode, Node, Offset } from '../nodes.ts';
import { type AttrsBuilder, bind, inherit, type Locate, newAttrs } from './attrs.ts';
import { SyntaxFault } from './fault.ts';
import { lowerFormals } from './formals.ts';
import { stripIndentation } from './indentation.ts';
import { type Doubt, type LintSettings, Lints } from './lints.ts';
import { literalPath } from './paths.ts';

export interface LoweringOptions {
  readonly basePath: string;
  readonly homeDirectory?: string;
  readonly pureEval?: boolean;
  readonly lint?: LintSettings;
  readonly warn?: (doubt: Doubt) => void;
}

/** `pos` is the operator's place. */
type Builder = (pos: Offset, left: Node, right: Node, leftStart: Offset, rightStart: Offset) => Node;

export class Lowering implements Actions<Node, AttrsBuilder, AttrName> {
  private readonly text: string;
  private readonly docs: ReadonlyMap<number, DocComment>;
  private readonly locate: Locate;
  private readonly options: LoweringOptions;
  private readonly lints: Lints;
  /** Calls of the form `f or`, and where they end, until it is known that they are harmless. */
  private readonly strayOrs = new Map<Node, Offset>();

  constructor(text: string, docs: ReadonlyMap<number, DocComment>, locate: Locate, options: LoweringOptions) {
    this.text = text;
    this.docs = docs;
    this.locate = locate;
    this.options = options;
    this.lints = new Lints(options.lint ?? {}, options.warn);
  }

  integer(text: string, pos: Offset): Node {
    const value = Number(text);
    return { kind: 'int', value: Number.isSafeInteger(value) ? value : BigInt(text), pos };
  }

  float(text: string, pos: Offset): Node {
    return { kind: 'float', value: Number(text), pos };
  }

  variable(name: string, pos: Offset): Node {
    return name === '__curPos' ? { kind: 'curPos', pos } : variable(name, pos);
  }

  uri(value: string, pos: Offset): Node {
    this.lints.uri(value, pos);
    return { kind: 'string', value, pos };
  }

  searchPath(value: string, pos: Offset): Node {
    const name: Node = { kind: 'string', value, pos };
    return { kind: 'call', callee: variable('__findFile', pos), args: [variable('__nixPath', pos), name], pos };
  }

  string(parts: readonly Part<Node>[], start: Offset): Node {
    if (parts.length === 0) return { kind: 'string', value: '', pos: start };
    const first = parts[0]!;
    if (parts.length === 1 && 'text' in first) return { kind: 'string', value: first.text, pos: start };
    return { kind: 'concat', forceString: true, parts: parts.map(lowerPart), pos: first.start };
  }

  indentedString(parts: readonly Part<Node>[], start: Offset): Node {
    const stripped = stripIndentation(parts);
    if (stripped.length === 0) return { kind: 'string', value: '', pos: start };
    const only = stripped[0]!.node;
    if (stripped.length === 1 && only.kind === 'string') return only;
    return { kind: 'concat', forceString: true, parts: stripped, pos: start };
  }

  path(text: string, isHome: boolean, rest: readonly Part<Node>[], pos: Offset): Node {
    const head: Node = { kind: 'path', value: this.pathValue(text, isHome, pos), pos };
    if (rest.length === 0) return head;
    return { kind: 'concat', forceString: false, parts: [{ node: head, pos }, ...rest.map(lowerPart)], pos };
  }

  private pathValue(literal: string, isHome: boolean, pos: Offset): string {
    const { basePath, homeDirectory, pureEval } = this.options;
    if (!isHome) {
      this.lints.path(literal, pos);
      return literalPath(literal, basePath);
    }
    if (pureEval) throw new SyntaxFault(`the path '${literal}' can not be resolved in pure mode`, pos);
    this.lints.path(literal, pos);
    if (homeDirectory === undefined) throw new SyntaxFault('cannot determine the home directory of the user', pos);
    return homeDirectory + literal.slice(1);
  }

  list(items: Node[], start: Offset): Node {
    return { kind: 'list', items, pos: start };
  }

  bindings(): AttrsBuilder {
    return newAttrs(0);
  }

  bind(set: AttrsBuilder, path: readonly AttrName[], value: Node, start: Offset): void {
    bind(set, path, value, start, this.locate);
    if (value.kind === 'lambda') this.document(value, start);
  }

  name(name: string, pos: Offset): AttrName {
    return { name, pos };
  }

  stringName(parts: readonly Part<Node>[], pos: Offset): AttrName {
    const value = this.string(parts, pos);
    return value.kind === 'string' ? { name: value.value, pos } : { expr: value, pos };
  }

  /** A string without interpolation is a fixed name, also within `${}`. */
  dynamicName(expr: Node, pos: Offset): AttrName {
    return expr.kind === 'string' ? { name: expr.value, pos } : { expr, pos };
  }

  inheritedName(name: AttrName): AttrName {
    if ('expr' in name) throw new SyntaxFault('dynamic attributes not allowed in inherit', name.pos);
    return name;
  }

  inherit(set: AttrsBuilder, source: Node | undefined, names: readonly AttrName[]): void {
    inherit(set, source, names, this.locate);
  }

  attributeSet(set: AttrsBuilder, recursive: boolean, start: Offset): Node {
    set.recursive = recursive;
    set.pos = start;
    return set;
  }

  legacyLet(set: AttrsBuilder, start: Offset): Node {
    const subject = this.attributeSet(set, true, start);
    return { kind: 'select', subject, path: [{ name: 'body', pos: start }], fallback: undefined, pos: start };
  }

  select(subject: Node, path: readonly AttrName[], fallback: Node | undefined, start: Offset): Node {
    return { kind: 'select', subject, path, fallback, pos: start };
  }

  applyOr(subject: Node, start: Offset, end: Offset): Node {
    const node: Node = { kind: 'call', callee: subject, args: [variable('or', start)], pos: start };
    this.strayOrs.set(node, end);
    return node;
  }

  argument(node: Node): void {
    const end = this.strayOrs.size > 0 ? this.strayOrs.get(node) : undefined;
    if (end === undefined) return;
    const message =
      `at ${this.locate(node.pos)}: This expression uses \`or\` as an identifier in a way that will change in a future Nix release.\n` +
      'Wrap this entire expression in parentheses to preserve its current meaning:\n' +
      `    (${this.text.slice(node.pos, end)})\n` +
      'Give feedback at https://github.com/NixOS/nix/pull/11121';
    this.options.warn?.({ message, offset: undefined });
  }

  callee(node: Node): void {
    if (this.strayOrs.size > 0) this.strayOrs.delete(node);
  }

  apply(callee: Node, argument: Node, start: Offset): Node {
    return apply(callee, argument, start);
  }

  not(operand: Node, start: Offset): Node {
    return { kind: 'not', operand, pos: start };
  }

  negate(operand: Node, start: Offset): Node {
    const zero: Node = { kind: 'int', value: 0, pos: start };
    return { kind: 'call', callee: variable('__sub', start), args: [zero, operand], pos: start };
  }

  binary(operator: number, pos: Offset, left: Node, right: Node, leftStart: Offset, rightStart: Offset): Node {
    return operators[operator]!(pos, left, right, leftStart, rightStart);
  }

  hasAttribute(subject: Node, path: readonly AttrName[]): Node {
    return { kind: 'hasAttr', subject, path, pos: subject.pos };
  }

  wrap(head: Head<Node, AttrsBuilder>, body: Node): Node {
    const pos = head.start;
    switch (head.kind) {
      case 'lambda':
        return this.lambda(head.arg, head.set, body, pos);
      case 'assert':
        return { kind: 'assert', condition: head.subject, body, pos };
      case 'with':
        return { kind: 'with', scope: head.subject, body, pos };
      case 'if':
        // biome-ignore lint/suspicious/noThenProperty: nothing awaits a node
        return { kind: 'if', condition: head.condition, then: head.then, otherwise: body, pos };
      case 'let':
        if (head.bindings.dynamic.length > 0) throw new SyntaxFault('dynamic attributes not allowed in let', pos);
        head.bindings.pos = pos;
        return { kind: 'let', attrs: head.bindings, body, pos };
    }
  }

  private lambda(arg: string | undefined, set: FormalSet<Node> | undefined, body: Node, pos: Offset): Node {
    const formals = set && lowerFormals(set, arg, pos);
    const node: LambdaNode = { kind: 'lambda', arg, formals, body, name: undefined, pos, doc: undefined };
    this.document(node, pos);
    return node;
  }

  /** Gives a lambda, and the lambdas that it returns, the comment before `start`, where they have none of their own. */
  private document(lambda: LambdaNode, start: Offset): void {
    const comment = this.docs.size > 0 ? this.docs.get(start) : undefined;
    if (!comment) return;
    const doc = this.text.slice(comment.start, comment.end);
    for (let node: Node = lambda; node.kind === 'lambda' && node.doc === undefined; node = node.body) node.doc = doc;
  }
}

function apply(callee: Node, argument: Node, pos: Offset): Node {
  if (callee.kind !== 'call') return { kind: 'call', callee, args: [argument], pos };
  (callee.args as Node[]).push(argument);
  return callee;
}

function variable(name: string, pos: Offset): Node {
  return { kind: 'variable', name, pos };
}

function lowerPart(part: Part<Node>): { node: Node; pos: Offset } {
  const pos = part.start;
  if ('expression' in part) return { node: part.expression, pos };
  return { node: { kind: 'string', value: part.text, pos }, pos };
}

function strict(operator: BinaryOperator): Builder {
  return (pos, left, right) => ({ kind: 'binary', operator, left, right, pos });
}

function primop(name: string): Builder {
  return (pos, left, right) => ({
    kind: 'call',
    callee: variable(name, pos),
    args: [left, right],
    pos,
  });
}

function mirrored(build: Builder): Builder {
  return (pos, left, right, leftStart, rightStart) => build(pos, right, left, rightStart, leftStart);
}

function negated(build: Builder): Builder {
  return (pos, left, right, leftStart, rightStart) => {
    const operand = build(pos, left, right, leftStart, rightStart);
    return { kind: 'not', operand, pos: operand.pos };
  };
}

const less = primop('__lessThan');

/** By the type of the operator's token. */
const operators: Builder[] = [];
const builders: readonly (readonly [TokenType, Builder])[] = [
  [t.PipeInto, (pos, left, right) => apply(right, left, pos)],
  [t.PipeFrom, (pos, left, right) => apply(left, right, pos)],
  [t.Equal, strict('==')],
  [t.NotEqual, strict('!=')],
  [t.And, strict('&&')],
  [t.Or, strict('||')],
  [t.Implies, strict('->')],
  [t.Update, strict('//')],
  [t.Concat, strict('++')],
  [t.Less, less],
  [t.Greater, mirrored(less)],
  [t.LessEqual, negated(mirrored(less))],
  [t.GreaterEqual, negated(less)],
  [t.Minus, primop('__sub')],
  [t.Star, primop('__mul')],
  [t.Slash, primop('__div')],
  [
    t.Plus,
    (pos, left, right, leftStart, rightStart) => ({
      kind: 'concat',
      forceString: false,
      parts: [
        { node: left, pos: leftStart },
        { node: right, pos: rightStart },
      ],
      pos,
    }),
  ],
];
for (const [type, builder] of builders) operators[type.tokenTypeIdx!] = builder;
