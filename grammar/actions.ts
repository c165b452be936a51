/**
 * What the parser reports, and to whom: the parser knows the shape of the language, the receiver builds whatever tree it
 * wants. `N` is an expression, `B` a set of bindings under construction, `A` a step of an attribute path. Every offset is
 * that of the first character of what it names. Calls come in the order in which Nix's own parser would reduce, so that
 * of two errors the same one is found first.
 */
/** Part of a string or path: literal text, unescaped, or an interpolated expression. */
export type Part<N> =
  /** Of an indented string: does its white space count when the indentation is looked for? */
  | { readonly text: string; readonly start: number; readonly indented: boolean }
  | { readonly expression: N; readonly start: number };

export interface Formal<N> {
  readonly name: string;
  readonly start: number;
  readonly fallback: N | undefined;
}

export interface FormalSet<N> {
  readonly formals: readonly Formal<N>[];
  readonly ellipsis: boolean;
  readonly start: number;
}

/** What stands before an expression's body and makes it one of these; see `wrap`. */
export type Head<N, B> =
  | {
      readonly kind: 'lambda';
      readonly arg: string | undefined;
      readonly set: FormalSet<N> | undefined;
      readonly start: number;
    }
  | { readonly kind: 'assert' | 'with'; readonly subject: N; readonly start: number }
  | { readonly kind: 'let'; readonly bindings: B; readonly start: number }
  /** `if condition then then else`: the body is what comes after `else`. */
  | { readonly kind: 'if'; readonly condition: N; readonly then: N; readonly start: number };

export interface Actions<N, B, A> {
  integer(text: string, start: number): N;
  float(text: string, start: number): N;
  variable(name: string, start: number): N;
  uri(text: string, start: number): N;
  /** `<text>` */
  searchPath(text: string, start: number): N;
  /** `start` is the opening quote. */
  string(parts: readonly Part<N>[], start: number): N;
  indentedString(parts: readonly Part<N>[], start: number): N;
  /** `text` is its first piece; a home path begins with `~`. */
  path(text: string, isHome: boolean, rest: readonly Part<N>[], start: number): N;
  list(items: N[], start: number): N;

  /** Steps of attribute paths: `a`, `"a${b}"`, `${b}`. */
  name(text: string, start: number): A;
  stringName(parts: readonly Part<N>[], start: number): A;
  dynamicName(expression: N, start: number): A;

  bindings(): B;
  bind(bindings: B, path: readonly A[], value: N, start: number): void;
  /** A name after `inherit`; called as it is read. */
  inheritedName(name: A): A;
  inherit(bindings: B, source: N | undefined, names: readonly A[]): void;
  attributeSet(bindings: B, recursive: boolean, start: number): N;
  /** `let { ... body = ...; }` */
  legacyLet(bindings: B, start: number): N;

  select(subject: N, path: readonly A[], fallback: N | undefined, start: number): N;
  /** `subject or`, where `or` is an ordinary argument; `end` is where it ends. */
  applyOr(subject: N, start: number, end: number): N;
  apply(callee: N, argument: N, start: number): N;
  /** Called for what becomes an argument, a list item or a fallback; and for what starts an application. */
  argument(node: N): void;
  callee(node: N): void;

  not(operand: N, start: number): N;
  negate(operand: N, start: number): N;
  /** `operator` is its token's tokenTypeIdx, `start` its place. */
  binary(operator: number, start: number, left: N, right: N, leftStart: number, rightStart: number): N;
  hasAttribute(subject: N, path: readonly A[]): N;
  /** The body of a lambda, assert, with or let, or the last branch of an if. */
  wrap(head: Head<N, B>, body: N): N;
}

/** For the parser, which only passes things on. */
// biome-ignore lint/suspicious/noExplicitAny: the parser neither knows nor looks at what the receiver builds
export type AnyActions = Actions<any, any, any>;
