/** Putting files and texts into the store. */
import { type Hash, parseHashAllowEmpty } from '../derivation/hash-string.ts';
import { checkStoreName, isStorePath, makeFixedOutputPath, splitStorePath } from '../derivation/store-path.ts';
import { asMet } from '../errors/name-order.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import { renderWarning } from '../errors/render.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceAttrs, forceBool, forceFunction, forceString, forceStringNoContext, traced } from '../runtime/coerce.ts';
import { coerceToPath } from '../runtime/coerce-path.ts';
import { encodeContextElement, StringContext } from '../runtime/context.ts';
import { ContextBuilder, contextOf } from '../runtime/context-builder.ts';
import { orderedElements } from '../runtime/context-order.ts';
import type { EvalContext } from '../runtime/eval-context.ts';
import { call2 } from '../runtime/function.ts';
import type { AddPathOptions } from '../runtime/host.ts';
import { baseName, joinPath, parentPath } from '../runtime/path-text.ts';
import { ContextString, type Slot, stringText, type Value } from '../runtime/value.ts';
import { checkedPath } from './access.ts';

/** A store path as a string that depends on it. */
export function storePathString(path: string, storePath = path): Value {
  return new ContextString(path, StringContext.single(storePath));
}

function toFile(ctx: EvalContext, nameSlot: Slot, s: Slot): Value {
  const name = forceStringNoContext(nameSlot, NO_POS, 'while evaluating the first argument passed to builtins.toFile');
  const contents = forceString(s, NO_POS, 'while evaluating the second argument passed to builtins.toFile');
  const references = orderedElements(contextOf(contents)).map((element) => {
    if (element.kind === 'opaque') return element.path;
    const shown = encodeContextElement(element).replace(`${ctx.host.store.storeDir}/`, '');
    throw new NixError(
      `files created by builtins.toFile may not reference derivations, but ${name} references ${shown}`,
    );
  });
  checkStoreName(name);
  return storePathString(ctx.host.store.addText(name, stringText(contents), references));
}

interface PathRequest {
  readonly name: string;
  readonly path: string;
  readonly builder: ContextBuilder;
  readonly filter: Slot | undefined;
  readonly method: 'nar' | 'flat';
  readonly expected: Hash | undefined;
}

function addPath(ctx: EvalContext, request: PathRequest): Value {
  const { store } = ctx.host;
  const { name, method, expected } = request;
  let { path } = request;
  try {
    const context = request.builder.build();
    if (context !== undefined) path = ctx.realisePath(path, context.elements, NO_POS);
    checkedPath(ctx, path);
    checkStoreName(name);
    const expectedPath = expected && makeFixedOutputPath(name, { method, ...expected }, undefined, store.storeDir);
    if (expectedPath !== undefined && store.isValidPath(expectedPath)) {
      ctx.host.allow?.(expectedPath);
      return storePathString(expectedPath);
    }
    const storePath = store.addPath({
      path: ctx.host.realPath(path),
      name,
      method,
      ...filterOption(request.filter),
    });
    if (expectedPath !== undefined && expectedPath !== storePath)
      throw new NixError(`store path mismatch in (possibly filtered) path added from '${path}'`);
    return storePathString(storePath);
  } catch (error) {
    throw traced(error, `while adding path '${path}'`, NO_POS);
  }
}

function filterOption(filter: Slot | undefined): Pick<AddPathOptions, 'filter'> {
  if (filter === undefined) return {};
  return {
    filter: (path, type) =>
      forceBool(
        call2(filter, path, type, NO_POS),
        NO_POS,
        'while evaluating the return value of the path filter function',
      ),
  };
}

function filterSource(ctx: EvalContext, filter: Slot, source: Slot): Value {
  const builder = new ContextBuilder();
  const path = coerceToPath(
    ctx,
    NO_POS,
    source,
    builder,
    "while evaluating the second argument (the path to filter) passed to 'builtins.filterSource'",
  );
  forceFunction(filter, NO_POS, 'while evaluating the first argument passed to builtins.filterSource');
  return addPath(ctx, { name: baseName(path), path, builder, filter, method: 'nar', expected: undefined });
}

function pathBuiltin(ctx: EvalContext, args: Slot): Value {
  const attrs = forceAttrs(args, NO_POS, "while evaluating the argument passed to 'builtins.path'");
  const builder = new ContextBuilder();
  let path: string | undefined;
  let name = '';
  let filter: Slot | undefined;
  let method: 'nar' | 'flat' = 'nar';
  let expected: Hash | undefined;
  for (const key of asMet(attrs.keys())) {
    const slot = attrs.get(key)!;
    const pos = attrs.pos(key);
    const context = `while evaluating the \`${key}\` attribute passed to builtins.path`;
    switch (key) {
      case 'path':
        path = coerceToPath(ctx, pos, slot, builder, "while evaluating the 'path' attribute passed to 'builtins.path'");
        break;
      case 'name':
        name = forceStringNoContext(slot, pos, context);
        break;
      case 'filter':
        forceFunction(slot, pos, 'while evaluating the `filter` parameter passed to builtins.path');
        filter = slot;
        break;
      case 'recursive':
        method = forceBool(slot, pos, context) ? 'nar' : 'flat';
        break;
      case 'sha256':
        expected = parseExpectedHash(ctx, forceStringNoContext(slot, pos, context));
        break;
      default:
        throw new NixError(`unsupported argument '${key}' to 'builtins.path'`, { pos });
    }
  }
  if (path === undefined)
    throw new NixError("missing required 'path' attribute in the first argument to 'builtins.path'");
  return addPath(ctx, { name: name === '' ? baseName(path) : name, path, builder, filter, method, expected });
}

/** SHA-256 in any notation; an empty text stands for a hash that is not known yet. */
export function parseExpectedHash(ctx: EvalContext, text: string): Hash {
  const { hash, warning } = parseHashAllowEmpty(text, 'sha256');
  if (warning !== undefined) ctx.host.message('warning', renderWarning({ message: warning, pos: NO_POS }));
  return hash;
}

/** Every link on the way is followed; what is not there has none. */
function withoutLinks(ctx: EvalContext, path: string): string {
  if (path === '/' || ctx.host.fileType(path) !== undefined) return ctx.host.realPath(path);
  return joinPath(withoutLinks(ctx, parentPath(path)), `/${baseName(path)}`);
}

function storePathBuiltin(ctx: EvalContext, slot: Slot): Value {
  if (ctx.settings.pureEval) throw new NixError("'builtins.storePath' is not allowed in pure evaluation mode");
  const builder = new ContextBuilder();
  const { storeDir } = ctx.host.store;
  const context = "while evaluating the first argument passed to 'builtins.storePath'";
  let path = coerceToPath(ctx, NO_POS, slot, builder, context);
  // A link that lies in the store itself is meant as it is.
  if (!isStorePath(path, storeDir)) path = withoutLinks(ctx, checkedPath(ctx, path));
  const inStore = splitStorePath(path, storeDir);
  if (inStore === undefined) throw new NixError(`path '${path}' is not in the Nix store`);
  ctx.host.store.ensurePath(inStore.storePath);
  builder.addElement(inStore.storePath);
  return builder.string(path);
}

export const storeFileBuiltins: readonly Builtin[] = [
  {
    name: 'toFile',
    args: ['name', 's'],
    type: 'string → string → string',
    doc: 'Puts a text into the store and gives its path. The text may mention other such files and sources, but nothing that must be built first.',
    example: {
      expr: 'builtins.unsafeDiscardStringContext (builtins.toFile "greeting" "hello")',
      value: '"/nix/store/5akl8zsmda0yrr63v4khwgskih2g2hsh-greeting"',
    },
    run: (ctx, _pos, name, s) => toFile(ctx, name, s),
  },
  {
    name: 'path',
    args: ['args'],
    type: '{ path; name ?; filter ?; recursive ?; sha256 ? } → string',
    doc: 'Puts a file or directory into the store: `path`, and if wanted its `name` there, a `filter` (called with path and type of each object, as for `filterSource`), `recursive = false` for a single file hashed flat, and the `sha256` that the result must have.',
    example: {
      expr: 'builtins.path { path = builtins.toFile "a" "text"; name = "b"; }',
      value: '"/nix/store/s6hqh8ap5fynz4gimmi2ahi7yzmbx62x-b"',
    },
    run: (ctx, _pos, args) => pathBuiltin(ctx, args),
  },
  {
    name: 'filterSource',
    args: ['e1', 'e2'],
    type: '(string → string → bool) → path → string',
    doc: 'Puts the directory *e2* into the store without the objects for which the function *e1*, called with path and type, gives `false`.',
    run: (ctx, _pos, e1, e2) => filterSource(ctx, e1, e2),
  },
  {
    name: 'storePath',
    args: ['path'],
    type: 'path → string',
    doc: 'A string that depends on a store path which is there already, without copying it again. Not in pure mode.',
    example: {
      expr: 'builtins.hasContext (builtins.storePath (builtins.toFile "a" "text"))',
      value: 'true',
    },
    run: (ctx, _pos, path) => storePathBuiltin(ctx, path),
  },
];
