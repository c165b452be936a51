/** Paths and URLs that builtins are given, checked: may this evaluation look there? (eval/restricted-host.ts) */
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import { traced } from '../runtime/coerce.ts';
import { coerceToPath } from '../runtime/coerce-path.ts';
import { ContextBuilder } from '../runtime/context-builder.ts';
import type { EvalContext } from '../runtime/eval-context.ts';
import type { Slot } from '../runtime/value.ts';

/** The path, if it may be looked at. */
export function checkedPath(ctx: EvalContext, path: string): string {
  ctx.host.checkAccess?.(path);
  return path;
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
  return allowed.endsWith('/') || /^[a-z][a-z0-9+.-]*:$/.test(allowed) || uri[allowed.length] === '/';
}
