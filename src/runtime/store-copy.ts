/**
 * Copying paths to the store, as "${./file}" does: each path once in a session, since files are taken not to change during
 * an evaluation.
 */
import { NixError } from '../errors/nix-error.ts';
import type { ContextBuilder } from './context-builder.ts';
import type { EvalContext } from './eval-context.ts';
import { baseName, joinPath, parentPath } from './path-text.ts';

const copies = new WeakMap<EvalContext, Map<string, string>>();

/** The store path of a file or directory; it goes to the context as well. */
export function copyPathToStore(ctx: EvalContext, path: string, builder: ContextBuilder): string {
  let known = copies.get(ctx);
  if (known === undefined) copies.set(ctx, (known = new Map()));
  let storePath = known.get(path);
  if (storePath === undefined) {
    if (path.endsWith('.drv')) throw new NixError("file names are not allowed to end in '.drv'");
    ctx.host.checkAccess?.(path);
    if (ctx.host.fileType(path) === undefined) throw new NixError(`path '${path}' does not exist`, { class: 'Error' });
    storePath = ctx.host.store.addPath({
      path: resolveParent(ctx, path),
      name: baseName(path) || 'source',
      method: 'nar',
    });
    known.set(path, storePath);
  }
  builder.addElement(storePath);
  return storePath;
}

/** The path with the links of its directory resolved; a link at its end stays one. */
export function resolveParent(ctx: EvalContext, path: string): string {
  if (path === '/') return path;
  return joinPath(ctx.host.realPath(parentPath(path)), `/${baseName(path)}`);
}
