/**
 * Expressions as text, the way `nix-instantiate --parse` shows them: fully parenthesized, attributes sorted by bytes,
 * sugar gone. What it prints parses to the same tree again, apart from what lowering has resolved (relative paths).
 *
 * Each kind gives the pieces it is made of; a work list prints them, so that depth costs no stack.
 */
import { compareBytewise } from '../base/order.ts';
import type { AttrName, AttrsNode, Formals, Node, NodeKind } from './nodes.ts';

type Piece = string | Node;
type Printers = { readonly [Kind in NodeKind]: (node: Extract<Node, { kind: Kind }>) => Piece[] };

export function printExpression(root: Node): string {
  return printPieces([root]);
}

/** `a.b."${c}"`: as in messages and after a dot. */
export function printAttrPath(path: readonly AttrName[]): string {
  return printPieces(attrPath(path));
}

function printPieces(pieces: Piece[]): string {
  const out: string[] = [];
  const pending = pieces.reverse();
  for (let piece = pending.pop(); piece !== undefined; piece = pending.pop()) {
    if (typeof piece === 'string') out.push(piece);
    else {
      const parts = (printers[piece.kind] as (node: Node) => Piece[])(piece);
      for (let i = parts.length - 1; i >= 0; i--) pending.push(parts[i]!);
    }
  }
  return out.join('');
}

const printers: Printers = {
  int: ({ value }) => [String(value)],
  float: ({ value }) => [printFloat(value)],
  string: ({ value }) => [printString(value)],
  path: ({ value }) => [value],
  variable: ({ name }) => [printName(name)],
  curPos: () => ['__curPos'],
  select: ({ subject, path, fallback }) => [
    '(',
    subject,
    ').',
    ...attrPath(path),
    ...(fallback ? [' or (', fallback, ')'] : []),
  ],
  hasAttr: ({ subject, path }) => ['((', subject, ') ? ', ...attrPath(path), ')'],
  attrs: (node) => [node.recursive ? 'rec { ' : '{ ', ...bindings(node), '}'],
  list: ({ items }) => ['[ ', ...items.flatMap((item) => ['(', item, ') ']), ']'],
  lambda: ({ arg, formals, body }) => [
    '(',
    ...(formals ? formalSet(formals) : []),
    formals && arg !== undefined ? ' @ ' : '',
    arg === undefined ? '' : printName(arg),
    ': ',
    body,
    ')',
  ],
  call: ({ callee, args }) => ['(', callee, ...args.flatMap((arg) => [' ', arg]), ')'],
  let: ({ attrs, body }) => ['(let ', ...bindings(attrs), 'in ', body, ')'],
  with: ({ scope, body }) => ['(with ', scope, '; ', body, ')'],
  if: ({ condition, then, otherwise }) => ['(if ', condition, ' then ', then, ' else ', otherwise, ')'],
  assert: ({ condition, body }) => ['assert ', condition, '; ', body],
  not: ({ operand }) => ['(! ', operand, ')'],
  binary: ({ operator, left, right }) => ['(', left, ` ${operator} `, right, ')'],
  concat: ({ parts }) => ['(', ...parts.flatMap(({ node }, i) => (i === 0 ? [node] : [' + ', node])), ')'],
};

function bindings({ attrs, dynamic, inheritFrom }: AttrsNode): Piece[] {
  const sorted = [...attrs].sort(([a], [b]) => compareBytewise(a, b));
  const inherited: string[] = [];
  const inheritedFrom: string[][] = inheritFrom.map(() => []);
  const plain: Piece[] = [];
  for (const [name, def] of sorted) {
    if (def.kind === 'inherited') inherited.push(printName(name));
    else if (def.kind === 'inheritedFrom') inheritedFrom[def.from]!.push(printName(name));
    else plain.push(`${printName(name)} = `, def.value, '; ');
  }
  return [
    inherited.length > 0 ? `inherit ${inherited.join(' ')}; ` : '',
    ...inheritedFrom.flatMap((names, i): Piece[] =>
      names.length > 0 ? ['inherit (', inheritFrom[i]!, `) ${names.join(' ')}; `] : [],
    ),
    ...plain,
    ...dynamic.flatMap(({ name, value }): Piece[] => ['"${', name, '}" = ', value, '; ']),
  ];
}

function formalSet({ formals, ellipsis }: Formals): Piece[] {
  const sorted = [...formals].sort((a, b) => compareBytewise(a.name, b.name));
  const pieces: Piece[] = ['{ '];
  for (const { name, fallback } of sorted) {
    if (pieces.length > 1) pieces.push(', ');
    pieces.push(printName(name));
    if (fallback) pieces.push(' ? ', fallback);
  }
  if (ellipsis) pieces.push(sorted.length > 0 ? ', ...' : '...');
  return [...pieces, ' }'];
}

function attrPath(path: readonly AttrName[]): Piece[] {
  return path.flatMap((step, i): Piece[] => [
    i === 0 ? '' : '.',
    ...('name' in step ? [printName(step.name)] : ['"${', step.expr, '}"']),
  ]);
}

/** Keywords, except `or`, that a name has to be quoted for. */
const reserved = new Set(['if', 'then', 'else', 'assert', 'with', 'let', 'in', 'rec', 'inherit']);

function printName(name: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_'-]*$/.test(name) && !reserved.has(name) ? name : printString(name);
}

function printString(text: string): string {
  const escaped = text.replace(/["\\\n\r\t]|\$(?=\{)/g, (c) => escapes[c]!);
  return `"${escaped}"`;
}

const escapes: { readonly [character: string]: string } = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  $: '\\$',
};

/** Six significant digits, as C's %g. */
function printFloat(value: number): string {
  if (value === 0) return '0';
  const exponent = Number(value.toExponential(5).split('e')[1]);
  if (exponent >= -4 && exponent < 6) return String(Number(value.toPrecision(6)));
  const [digits, power] = value.toExponential(5).split('e') as [string, string];
  const sign = power.startsWith('-') ? '-' : '+';
  return `${Number(digits)}e${sign}${power.replace(/^[+-]/, '').padStart(2, '0')}`;
}
