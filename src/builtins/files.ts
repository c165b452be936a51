/** Reading files and directories, and the texts of paths. */
import { decodeBytes } from '../base/bytes.ts';
import { splitStorePath, storePathHashPart } from '../derivation/store-path.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import { AttrsBuilder } from '../runtime/attrs.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceAttrs, forceList, forceStringNoContext, getAttr } from '../runtime/coerce.ts';
import { coerceToPath } from '../runtime/coerce-path.ts';
import { coerceToString, plainText } from '../runtime/coerce-string.ts';
import { StringContext } from '../runtime/context.ts';
import { ContextBuilder, withContext } from '../runtime/context-builder.ts';
import type { EvalContext } from '../runtime/eval-context.ts';
import type { FileType } from '../runtime/host.ts';
import { parentPath } from '../runtime/path-text.ts';
import { force } from '../runtime/thunk.ts';
import { isNixString, NixPath, type Slot, stringText, type Value } from '../runtime/value.ts';
import { realisePath } from './access.ts';

/** A file of the store brings those of its object's references along that its text mentions. */
function readFile(ctx: EvalContext, slot: Slot): Value {
  const path = realisePath(ctx, slot);
  const text = decodeBytes(ctx.host.readFile(path));
  if (text.includes('\0'))
    throw new NixError(`the contents of the file '${path}' cannot be represented as a Nix string`);
  const inStore = splitStorePath(path, ctx.host.store.storeDir);
  if (inStore === undefined || !ctx.host.store.isValidPath(inStore.storePath)) return text;
  const references = ctx.host.store.references(inStore.storePath);
  return withContext(text, StringContext.of(references.filter((path) => text.includes(storePathHashPart(path)))));
}

function readDir(ctx: EvalContext, slot: Slot): Value {
  const path = realisePath(ctx, slot);
  const real = ctx.host.realPath(path);
  const type = ctx.host.fileType(real);
  if (type === undefined) throw new NixError(`path '${path}' does not exist`, { class: 'Error' });
  if (type !== 'directory') throw new NixError(`'${real}' is not a directory`, { class: 'Error' });
  const entries = new AttrsBuilder();
  for (const [name, entryType] of ctx.host.readDirectory(real)) entries.set(name, entryType);
  return entries.build();
}

function readFileType(ctx: EvalContext, slot: Slot): Value {
  const path = realisePath(ctx, slot);
  const type = ctx.host.fileType(path);
  if (type === undefined) throw new NixError(`path '${path}' does not exist`, { class: 'Error' });
  return type;
}

/** A string that ends with a slash asks for a directory, and a link at its end is followed. */
function pathExists(ctx: EvalContext, slot: Slot): boolean {
  const value = force(slot, NO_POS);
  const directory = isNixString(value) && /\/\.?$/.test(stringText(value));
  let path: string;
  let type: FileType | undefined;
  try {
    path = realisePath(ctx, value);
    type = ctx.host.fileType(path);
  } catch (error) {
    if (error instanceof NixError && error.class === 'RestrictedPathError') return false;
    throw error;
  }
  if (!directory || type !== 'symlink') return directory ? type === 'directory' : type !== undefined;
  try {
    return ctx.host.fileType(ctx.host.realPath(path)) === 'directory';
  } catch (error) {
    if (error instanceof NixError) return false; // a link that leads nowhere
    throw error;
  }
}

/** What is behind the last slash; of slashes at the end only one is taken off, and others never were. */
export function legacyBaseName(path: string): string {
  if (path === '') return '';
  const end = path.endsWith('/') && path.length > 1 ? path.length - 1 : path.length;
  return path.slice(path.lastIndexOf('/', end - 1) + 1, end);
}

function baseNameOf(ctx: EvalContext, slot: Slot): Value {
  const builder = new ContextBuilder();
  const context = 'while evaluating the first argument passed to builtins.baseNameOf';
  return builder.string(legacyBaseName(coerceToString(ctx, NO_POS, slot, builder, context, plainText)));
}

function dirOf(ctx: EvalContext, slot: Slot): Value {
  const value = force(slot, NO_POS);
  if (value instanceof NixPath) return new NixPath(parentPath(value.path));
  const builder = new ContextBuilder();
  const context = "while evaluating the first argument passed to 'builtins.dirOf'";
  const text = coerceToString(ctx, NO_POS, value, builder, context, plainText);
  const slash = text.lastIndexOf('/');
  return builder.string(slash < 0 ? '.' : slash === 0 ? '/' : text.slice(0, slash));
}

function findFile(ctx: EvalContext, searchPath: Slot, name: Slot): Value {
  const entries = forceList(searchPath, NO_POS, 'while evaluating the first argument passed to builtins.findFile');
  const resolved = entries.map((slot) => searchPathEntry(ctx, slot));
  const wanted = forceStringNoContext(name, NO_POS, 'while evaluating the second argument passed to builtins.findFile');
  return new NixPath(ctx.findFile(resolved, wanted, NO_POS));
}

function searchPathEntry(ctx: EvalContext, slot: Slot): { prefix: string; path: string } {
  const entry = forceAttrs(slot, NO_POS, 'while evaluating an element of the list passed to builtins.findFile');
  const attribute = (name: string) =>
    `while evaluating the \`${name}\` attribute of an element of the list passed to builtins.findFile`;
  const prefixSlot = entry.get('prefix');
  const prefix = prefixSlot === undefined ? '' : forceStringNoContext(prefixSlot, NO_POS, attribute('prefix'));
  const builder = new ContextBuilder();
  const pathSlot = getAttr(entry, 'path', 'in an element of the __nixPath');
  const path = coerceToString(ctx, NO_POS, pathSlot, builder, attribute('path'), plainText);
  const context = builder.build();
  return { prefix, path: context === undefined ? path : ctx.realisePath(path, context.elements, NO_POS) };
}

function getEnv(ctx: EvalContext, slot: Slot): Value {
  const name = forceStringNoContext(slot, NO_POS, 'while evaluating the first argument passed to builtins.getEnv');
  const { restrictEval, pureEval } = ctx.settings;
  return restrictEval || pureEval ? '' : (ctx.host.getEnv(name) ?? '');
}

export const fileBuiltins: readonly Builtin[] = [
  {
    name: 'readFile',
    args: ['path'],
    type: 'path → string',
    doc: 'The contents of a file as a string. A file with null bytes cannot be read.',
    example: { expr: 'builtins.readFile (builtins.toFile "a" "text")', value: '"text"' },
    run: (ctx, _pos, path) => readFile(ctx, path),
  },
  {
    name: 'readDir',
    args: ['path'],
    type: 'path → { name :: string }',
    doc: 'What a directory holds: a set of `"regular"`, `"directory"`, `"symlink"` or `"unknown"` by name.',
    run: (ctx, _pos, path) => readDir(ctx, path),
  },
  {
    name: 'readFileType',
    args: ['p'],
    type: 'path → string',
    doc: 'What kind of file a path is: `"regular"`, `"directory"`, `"symlink"` or `"unknown"`. Links are not followed.',
    example: { expr: 'builtins.readFileType (builtins.toFile "a" "text")', value: '"regular"' },
    run: (ctx, _pos, p) => readFileType(ctx, p),
  },
  {
    name: 'pathExists',
    args: ['path'],
    type: 'path → bool',
    doc: 'Is there a file or directory at *path*? A string that ends with `/` asks for a directory.',
    example: { expr: 'builtins.pathExists "/no/such/file"', value: 'false' },
    run: (ctx, _pos, path) => pathExists(ctx, path),
  },
  {
    name: 'toPath',
    args: ['s'],
    type: 'string → string',
    doc: 'The absolute path that a string holds, in its shortest form, as a string. Obsolete: use `/. + "/path"`.',
    example: { expr: 'builtins.toPath "/a/../b//c"', value: '"/b/c"' },
    run: (ctx, _pos, s) => {
      const builder = new ContextBuilder();
      const context = 'while evaluating the first argument passed to builtins.toPath';
      return builder.string(coerceToPath(ctx, NO_POS, s, builder, context));
    },
  },
  {
    name: 'baseNameOf',
    args: ['x'],
    type: 'path or string → string',
    global: true,
    doc: 'The last part of a path or of a string that looks like one: what follows the last slash, a single slash at the end aside.',
    example: { expr: 'map baseNameOf [ /a/b "a/b/" "a/b//" ]', value: '[ "b" "b" "" ]' },
    run: (ctx, _pos, x) => baseNameOf(ctx, x),
  },
  {
    name: 'dirOf',
    args: ['s'],
    type: 'path or string → path or string',
    global: true,
    doc: 'Everything before the last slash of a path or string; a path gives a path.',
    example: { expr: 'map dirOf [ "a/b/c" "a" "/a" ]', value: '[ "a/b" "." "/" ]' },
    run: (ctx, _pos, s) => dirOf(ctx, s),
  },
  {
    name: 'findFile',
    args: ['search-path', 'lookup-path'],
    type: '[{ path; prefix }] → string → path',
    doc: 'The file that `<lookup-path>` means: the first match in a list of sets `{ prefix = ...; path = ...; }`. `<x>` calls it with `builtins.nixPath`.',
    run: (ctx, _pos, searchPath, lookupPath) => findFile(ctx, searchPath, lookupPath),
  },
  {
    name: 'getEnv',
    args: ['s'],
    type: 'string → string',
    doc: 'The value of an environment variable, `""` where it is not set. In pure and in restricted mode always `""`.',
    example: { expr: 'builtins.getEnv "NO_SUCH_VARIABLE_IS_SET"', value: '""' },
    run: (ctx, _pos, s) => getEnv(ctx, s),
  },
];
