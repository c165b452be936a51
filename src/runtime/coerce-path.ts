/** Coercion to paths: paths, strings that hold an absolute one, and sets that lead to either by __toString or outPath. */
import { NixError } from '../errors/nix-error.ts';
import type { Pos } from '../errors/position.ts';
import { traced } from './coerce.ts';
import { coerceToString, peelToStringOutPath, plainText } from './coerce-string.ts';
import type { ContextBuilder } from './context-builder.ts';
import type { EvalContext } from './eval-context.ts';
import { canonicalPath } from './path-text.ts';
import { force } from './thunk.ts';
import { NixPath, type Slot } from './value.ts';

/** A canonical absolute path; what a string says about the store goes to `builder`. */
export function coerceToPath(ctx: EvalContext, pos: Pos, slot: Slot, builder: ContextBuilder, context: string): string {
  return peelToStringOutPath(pos, force(slot, pos), false, (peeled) => {
    if (peeled instanceof NixPath) return canonicalPath(peeled.path);
    const text = coerceToString(ctx, pos, peeled, builder, context, plainText);
    if (text[0] !== '/')
      throw traced(new NixError(`string '${text}' doesn't represent an absolute path`), context, pos);
    return canonicalPath(text);
  });
}

/** A path that is exactly one store object's. */
export function coerceToStorePath(
  ctx: EvalContext,
  pos: Pos,
  slot: Slot,
  builder: ContextBuilder,
  context: string,
): string {
  const path = coerceToString(ctx, pos, slot, builder, context, plainText);
  if (isStoreObjectPath(path, ctx.host.store.storeDir)) return path;
  throw traced(new NixError(`path '${path}' is not in the Nix store`), context, pos);
}

/** `<store directory>/<32 digits of Nix base 32>-<name>` */
export function isStoreObjectPath(path: string, storeDir: string): boolean {
  return (
    path.startsWith(`${storeDir}/`) &&
    /^[0-9a-df-np-sv-z]{32}-[0-9a-zA-Z+\-._?=]+$/.test(path.slice(storeDir.length + 1))
  );
}
