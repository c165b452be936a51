/**
 * Which files an evaluation may look at. In pure and in restricted mode only the store is open, and in restricted mode
 * whatever the search path names. All builtins that take a path come through here.
 */
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import { traced } from '../runtime/coerce.ts';
import { coerceToPath } from '../runtime/coerce-path.ts';
import { ContextBuilder } from '../runtime/context-builder.ts';
import type { EvalContext } from '../runtime/eval-context.ts';
import type { Slot } from '../runtime/value.ts';

/** The path, if it may be looked at. */
export function checkedPath(ctx: EvalContext, path: string): string {
  const { pureEval, restrictEval, searchPath, lastSearchPath = [] } = ctx.settings;
  if (!pureEval && !restrictEval) return path;
  if (isWithin(path, ctx.host.store.storeDir)) return path;
  const open = (entry: { readonly path: string }) => isWithin(path, entry.path) || isWithin(entry.path, path);
  if (restrictEval && [...searchPath, ...lastSearchPath].some(open)) return path;
  throw new NixError(
    `access to absolute path '${path}' is forbidden in ${
      pureEval ? "pure evaluation mode (use '--impure' to override)" : 'restricted mode'
    }`,
    { class: 'RestrictedPathError' },
  );
}

/** A path that a builtin is to read: what it stands for has been built if need be. */
export function realisePath(ctx: EvalContext, slot: Slot): string {
  const builder = new ContextBuilder();
  const path = coerceToPath(ctx, NO_POS, slot, builder, 'while realising the context of a path');
  const context = builder.build();
  try {
    return checkedPath(ctx, context === undefined ? path : ctx.realisePath(path, context.elements, NO_POS));
  } catch (error) {
    throw traced(error, `while realising the context of path '${path}'`, NO_POS);
  }
}

/** URLs: in restricted mode only those below an allowed one. */
export function checkUri(ctx: EvalContext, uri: string): void {
  const { restrictEval, allowedUris } = ctx.settings;
  if (!restrictEval || allowedUris.some((allowed) => isBelowUri(uri, allowed))) return;
  const path = uri.startsWith('/') ? uri : uri.startsWith('file://') ? uri.slice('file://'.length) : undefined;
  if (path !== undefined) checkedPath(ctx, path);
  else throw new NixError(`access to URI '${uri}' is forbidden in restricted mode`, { class: 'RestrictedPathError' });
}

function isBelowUri(uri: string, allowed: string): boolean {
  if (uri === allowed) return true;
  if (!uri.startsWith(allowed) || allowed === '') return false;
  // A whole scheme ("github:"), or a prefix that ends where a component does.
  return /[/:]$/.test(allowed) || uri[allowed.length] === '/';
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
}
