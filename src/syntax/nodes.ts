/**
 * The syntax tree, after lowering: what the language means, with its surface sugar gone. Every `pos` is an offset into
 * the file's Source. The tree mirrors C++ Nix's Expr classes (nixexpr.hh), so that --parse, positions in errors and
 * "while evaluating" traces can agree with it:
 *
 * - `a + b` and string interpolation are both `concat` (forceString tells them apart), as ExprConcatStrings;
 * - `a - b`, `a * b`, `a / b`, `a < b` and their mirrored forms, and unary minus, are calls of the variables `__sub`,
 *   `__mul`, `__div`, `__lessThan`, so that a lexical rebinding of those names works as in Nix;
 * - `a > b` is `__lessThan b a`; `a <= b` is `!(__lessThan b a)`; `a >= b` is `!(__lessThan a b)`;
 * - `<x>` is `__findFile __nixPath "x"`; `let { ... }` is `(rec { ... }).body`; `x |> f` and `f <| x` are calls;
 * - nested attribute paths (`a.b.c = 1`) are merged into nested `attrs` nodes, and `inherit (e) x` keeps `e` once.
 */

export type Offset = number;

export type Node =
  | { readonly kind: 'int'; readonly value: number | bigint; readonly pos: Offset }
  | { readonly kind: 'float'; readonly value: number; readonly pos: Offset }
  /** A string without interpolation. */
  | { readonly kind: 'string'; readonly value: string; readonly pos: Offset }
  /** An absolute, canonical path (relative ones are resolved against the file's directory when parsed). */
  | { readonly kind: 'path'; readonly value: string; readonly pos: Offset }
  | VariableNode
  | SelectNode
  | { readonly kind: 'hasAttr'; readonly subject: Node; readonly path: readonly AttrName[]; readonly pos: Offset }
  | AttrsNode
  | { readonly kind: 'list'; readonly items: readonly Node[]; readonly pos: Offset }
  | LambdaNode
  | { readonly kind: 'call'; readonly callee: Node; readonly args: readonly Node[]; readonly pos: Offset }
  | { readonly kind: 'let'; readonly attrs: AttrsNode; readonly body: Node; readonly pos: Offset }
  | { readonly kind: 'with'; readonly scope: Node; readonly body: Node; readonly pos: Offset }
  | {
      readonly kind: 'if';
      readonly condition: Node;
      readonly then: Node;
      readonly otherwise: Node;
      readonly pos: Offset;
    }
  | { readonly kind: 'assert'; readonly condition: Node; readonly body: Node; readonly pos: Offset }
  | { readonly kind: 'not'; readonly operand: Node; readonly pos: Offset }
  | BinaryNode
  | ConcatNode
  /** __curPos */
  | { readonly kind: 'curPos'; readonly pos: Offset };

export interface VariableNode {
  readonly kind: 'variable';
  readonly name: string;
  readonly pos: Offset;
}

/** `subject.path` or `subject.path or fallback`. */
export interface SelectNode {
  readonly kind: 'select';
  readonly subject: Node;
  readonly path: readonly AttrName[];
  readonly fallback: Node | undefined;
  readonly pos: Offset;
}

/** One step of an attribute path: a fixed name, or an expression (`${e}`, `"a${b}"`). */
export type AttrName = { readonly name: string; readonly pos: Offset } | { readonly expr: Node; readonly pos: Offset };

export interface AttrsNode {
  readonly kind: 'attrs';
  readonly recursive: boolean;
  /** Fixed names in order of appearance. A name stands once (duplicates are syntax errors). */
  readonly attrs: ReadonlyMap<string, AttrDef>;
  /** `${name} = value;`, in order of appearance. */
  readonly dynamic: readonly { readonly name: Node; readonly value: Node; readonly pos: Offset }[];
  /** The sources of `inherit (source) ...`, each evaluated at most once; AttrDef.from indexes into it. */
  readonly inheritFrom: readonly Node[];
  readonly pos: Offset;
}

export type AttrDef =
  | { readonly kind: 'plain'; readonly value: Node; readonly pos: Offset }
  /** `inherit x;`: the variable x of the scope around the set. `value` is that variable. */
  | { readonly kind: 'inherited'; readonly value: VariableNode; readonly pos: Offset }
  /** `inherit (source) x;` */
  | { readonly kind: 'inheritedFrom'; readonly from: number; readonly pos: Offset };

export interface LambdaNode {
  readonly kind: 'lambda';
  /** `x: ...`, or the name before or after `@`. */
  readonly arg: string | undefined;
  readonly formals: Formals | undefined;
  readonly body: Node;
  /** The name of the attribute or variable that it is bound to, for messages; set by lowering as Nix's setName does. */
  name: string | undefined;
  readonly pos: Offset;
  /** The doc comment right before it or before its binding, for `:doc`. */
  doc?: string;
}

export interface Formals {
  readonly formals: readonly Formal[]; // in order of appearance
  readonly ellipsis: boolean;
}

export interface Formal {
  readonly name: string;
  readonly fallback: Node | undefined;
  readonly pos: Offset;
}

export type BinaryOperator = '==' | '!=' | '&&' | '||' | '->' | '//' | '++';

export interface BinaryNode {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Node;
  readonly right: Node;
  /** Position of the operator. */
  readonly pos: Offset;
}

export interface ConcatNode {
  readonly kind: 'concat';
  /** True for interpolation ("a${b}"), false for `+` and for interpolated paths. */
  readonly forceString: boolean;
  readonly parts: readonly { readonly node: Node; readonly pos: Offset }[];
  readonly pos: Offset;
}

export type NodeKind = Node['kind'];
