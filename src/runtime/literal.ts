/**
 * What a file says without being evaluated: the sets, lists and constants that stand in it as they are. Everything that
 * would have to be computed is a `thunk`. Flakes are read so: what they depend on is known before any of their code runs.
 */
import type { Pos } from '../errors/position.ts';
import type { Value } from './value.ts';

export type Literal =
  | { readonly kind: 'constant'; readonly value: Value }
  | { readonly kind: 'set'; readonly attrs: ReadonlyMap<string, LiteralAttr> }
  | { readonly kind: 'list'; readonly items: readonly Literal[] }
  /** `formals`: the names of its set pattern, where it has one. */
  | { readonly kind: 'function'; readonly formals: readonly string[] | undefined }
  | { readonly kind: 'thunk' };

export interface LiteralAttr {
  readonly value: Literal;
  readonly pos: Pos;
}
