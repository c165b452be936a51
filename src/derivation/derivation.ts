/**
 * A derivation as data: what a .drv file says. Its text form is aterm/*.ts, its JSON form json.ts, its hashes
 * hash-modulo.ts. Maps are in byte order of their keys whenever they are written.
 * Source: Nix manual, "Store Derivation" and "Derivation ATerm format".
 */

export type DerivationOutput =
  /** The path is known from the inputs (the ordinary case). */
  | { readonly kind: 'inputAddressed'; readonly path: string }
  /** Fixed output: `method` and algorithm as in the ATerm ("sha256", "r:sha256", "text:sha256"), digest in base 16. */
  | { readonly kind: 'fixed'; readonly path: string; readonly method: string; readonly digest: string }
  /** Content-addressed once built (ca-derivations). */
  | { readonly kind: 'floating'; readonly method: string }
  /** Before hashing: the path is to be filled in. */
  | { readonly kind: 'deferred' }
  /** impure-derivations */
  | { readonly kind: 'impure'; readonly method: string };

export interface Derivation {
  /** The name, without `.drv`. */
  readonly name: string;
  readonly outputs: ReadonlyMap<string, DerivationOutput>;
  /** .drv path -> names of the outputs that are needed. */
  readonly inputDrvs: ReadonlyMap<string, ReadonlySet<string>>;
  readonly inputSrcs: ReadonlySet<string>;
  readonly system: string;
  readonly builder: string;
  readonly args: readonly string[];
  /** Environment; structured attributes stand in it as `__json`. */
  readonly env: ReadonlyMap<string, string>;
}
