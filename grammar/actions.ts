/**
 * What the parser reports, and to whom: the parser knows the shape of the language, the receiver builds whatever tree it
 * wants. `N` is an expression, `B` a set of bindings under construction. Every offset is that of the first character of
 * what it names. Calls come in the order in which Nix's own parser would reduce, so that of two errors the same one is
 * found first.
 */
import type { NixToken } from './tokens.ts';

/** A step of an attribute path: a plain name, or the parts of a string, or `${expression}`. */
export type Name<N> =
  | { readonly kind: 'name'; readonly text: string; readonly start: number }
  | { readonly kind: 'string'; readonly parts: readonly Part<N>[]; readonly start: number }
  | { readonly kind: 'dynamic'; readonly expression: N; readonly start: number };

/** A name after `inherit`, which is never dynamic. */
export interface InheritedName {
  readonly text: string;
  readonly start: number;
}

/** Part of a string or path: literal text (its token) or an interpolated expression. */
export type Part<N> = NixToken | { readonly expression: N; readonly startOffset: number };

export interface Formal<N> {
  readonly name: NixToken;
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
      readonly arg: NixToken | undefined;
      readonly set: FormalSet<N> | undefined;
      readonly start: number;
    }
  | { readonly kind: 'assert' | 'with'; readonly subject: N; readonly start: number }
  | { readonly kind: 'let'; readonly bindings: B; readonly start: number };

export interface Actions<N, B> {
  integer(token: NixToken): N;
  float(token: NixToken): N;
  variable(token: NixToken): N;
  uri(token: NixToken): N;
  searchPath(token: NixToken): N;
  /** `start` is the opening quote. */
  string(parts: readonly Part<N>[], start: number): N;
  indentedString(parts: readonly Part<N>[], start: number): N;
  /** `first` is of kind Path or HomePath. */
  path(first: NixToken, rest: readonly Part<N>[]): N;
  list(items: N[], start: number): N;

  bindings(): B;
  bind(bindings: B, path: readonly Name<N>[], value: N, start: number, valueStart: number): void;
  /** Called for each name as it is read. */
  inheritedName(name: Name<N>): InheritedName;
  inherit(bindings: B, source: N | undefined, names: readonly InheritedName[]): void;
  attributeSet(bindings: B, recursive: boolean, start: number): N;
  /** `let { ... body = ...; }` */
  legacyLet(bindings: B, start: number): N;

  select(subject: N, path: readonly Name<N>[], fallback: N | undefined, start: number): N;
  /** `subject or`, where `or` is an ordinary argument; `end` is where it ends. */
  applyOr(subject: N, start: number, end: number): N;
  apply(callee: N, argument: N, start: number): N;
  /** Called for what becomes an argument, a list item or a fallback; and for what starts an application. */
  argument(node: N): void;
  head(node: N): void;

  not(operand: N, start: number): N;
  negate(operand: N, start: number): N;
  binary(operator: NixToken, left: N, right: N, leftStart: number, rightStart: number): N;
  hasAttribute(subject: N, path: readonly Name<N>[]): N;
  /** `|>` or `<|`, at `start`. */
  pipe(callee: N, argument: N, start: number): N;
  conditional(condition: N, then: N, otherwise: N, start: number): N;
  /** The body of a lambda, assert, with or let. */
  wrap(head: Head<N, B>, body: N): N;
}
