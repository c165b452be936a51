/** Fetching trees under version control: fetchGit, fetchMercurial, and fetchTree, which covers all kinds of source. */
import { checkStoreName } from '../derivation/store-path.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import { renderWarning } from '../errors/render.ts';
import { warning } from '../errors/warning.ts';
import { Attrs, AttrsBuilder } from '../runtime/attrs.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceStringNoContext } from '../runtime/coerce.ts';
import { coerceToString, plainText } from '../runtime/coerce-string.ts';
import { ContextBuilder } from '../runtime/context-builder.ts';
import type { EvalContext } from '../runtime/eval-context.ts';
import type { FetchResult } from '../runtime/host.ts';
import { force } from '../runtime/thunk.ts';
import { describeType } from '../runtime/type-names.ts';
import { isInt, isNixString, NixPath, type Slot, type Value } from '../runtime/value.ts';
import { checkUri } from './access.ts';
import { lookUpSource } from './flake/registries.ts';
import { fetchSource, isLocked, treeAttrs } from './flake/sources.ts';
import { checkedSource, printFlakeReference, type SourceAttributes, sourceFromUrl } from './flake-reference.ts';
import { parseSourceUrl } from './source-url.ts';
import { parseExpectedHash, storePathString } from './store-files.ts';

/** A set of strings, Booleans and numbers, as the fetchers take it. */
function readOptions(ctx: EvalContext, attrs: Attrs, fetcher: string): SourceAttributes {
  const options: SourceAttributes = {};
  for (const name of attrs.sortedKeys()) {
    const pos = attrs.pos(name);
    const value = force(attrs.get(name)!, pos);
    if (isNixString(value) || value instanceof NixPath)
      options[name] = coerceToString(ctx, pos, value, new ContextBuilder(), '', plainText);
    else if (typeof value === 'boolean') options[name] = value;
    else if (isInt(value)) {
      if (value < 0) throw new NixError(`negative value given for '${fetcher}' argument '${name}': ${value}`);
      options[name] = Number(value);
    } else
      throw new NixError(
        `argument '${name}' to '${fetcher}' is ${describeType(value)} while a string, Boolean or integer is expected`,
        { class: 'TypeError' },
      );
  }
  return options;
}

function fetchGit(ctx: EvalContext, arg: Slot): Value {
  const value = force(arg, NO_POS);
  let options: SourceAttributes;
  if (value instanceof Attrs) {
    if (value.has('type')) throw new NixError("unexpected argument 'type'");
    options = readOptions(ctx, value, 'fetchGit');
  } else {
    const context = "while evaluating the first argument passed to 'fetchGit'";
    options = { url: coerceToString(ctx, NO_POS, value, new ContextBuilder(), context, plainText) };
  }
  if (options.submodules !== true) options.exportIgnore ??= true;
  return fetchGitTree(ctx, options);
}

function fetchGitTree(ctx: EvalContext, source: SourceAttributes): Value {
  const options = Object.entries(source).map(([key, value]) => [key, typeof value === 'number' ? `${value}` : value]);
  const { url, name = 'source', ...rest } = Object.fromEntries(options) as Record<string, string | boolean>;
  if (typeof url !== 'string') throw new NixError("input attribute 'url' is missing", { class: 'Error' });
  checkStoreName(String(name));
  if (ctx.settings.pureEval && typeof rest.rev !== 'string' && rest.narHash === undefined)
    throw new NixError(`in pure evaluation mode, 'fetchGit' doesn't fetch unlocked input 'git+${url}'`);
  checkUri(ctx, url);
  const expected = typeof rest.narHash === 'string' ? parseExpectedHash(ctx, rest.narHash) : undefined;
  const result = ctx.host.store.fetch({
    kind: 'git',
    url,
    name: String(name),
    options: rest,
    ...(expected && { expected }),
  });
  return gitTree(result, rest.submodules === true);
}

/** outPath and what the fetcher found out about the tree; where there is no commit, one of zeros. */
function gitTree({ storePath, attributes }: FetchResult, submodules: boolean): Value {
  const tree = new AttrsBuilder().set('outPath', storePathString(storePath)).set('submodules', submodules);
  for (const [name, value] of Object.entries(attributes)) tree.set(name, value);
  if (!tree.has('rev')) {
    tree.set('rev', '0'.repeat(40)).set('shortRev', '0'.repeat(7));
    if (!tree.has('revCount')) tree.set('revCount', 0);
  }
  return tree.build();
}

function fetchMercurial(ctx: EvalContext, arg: Slot): Value {
  const value = force(arg, NO_POS);
  let url = '';
  let name = 'source';
  const options: Record<string, string | boolean> = {};
  if (value instanceof Attrs) {
    value.forEach((key, slot, pos) => {
      const context = `while evaluating the \`${key}\` attribute passed to builtins.fetchMercurial`;
      if (key === 'url') url = coerceToString(ctx, pos, slot, new ContextBuilder(), context, plainText);
      else if (key === 'rev') {
        const revision = forceStringNoContext(slot, pos, context);
        options[/^[0-9a-f]{40}$/.test(revision) ? 'rev' : 'ref'] = revision;
      } else if (key === 'name') name = forceStringNoContext(slot, pos, context);
      else throw new NixError(`unsupported argument '${key}' to 'fetchMercurial'`, { pos });
    });
    if (url === '') throw new NixError("'url' argument required");
  } else {
    const context = 'while evaluating the first argument passed to builtins.fetchMercurial';
    url = coerceToString(ctx, NO_POS, value, new ContextBuilder(), context, plainText);
  }
  checkUri(ctx, url);
  if (ctx.settings.pureEval && options.rev === undefined)
    throw new NixError("in pure evaluation mode, 'fetchMercurial' requires a Mercurial revision", { class: 'Error' });
  const source = url.includes('://') ? url : `file://${url}`;
  const { storePath, attributes } = ctx.host.store.fetch({ kind: 'mercurial', url: source, name, options });
  const rev = String(attributes.rev ?? '0'.repeat(40));
  const tree = new AttrsBuilder().set('outPath', storePathString(storePath));
  if (attributes.ref !== undefined) tree.set('branch', attributes.ref);
  tree.set('rev', rev).set('shortRev', rev.slice(0, 12));
  if (attributes.revCount !== undefined) tree.set('revCount', attributes.revCount);
  return tree.build();
}

/** What a URL says of the source. */
function urlSource(ctx: EvalContext, value: Value): SourceAttributes {
  const context = "while evaluating the first argument passed to 'fetchTree'";
  const text = coerceToString(ctx, NO_POS, value, new ContextBuilder(), context, plainText);
  if (!ctx.settings.experimentalFeatures.has('flakes'))
    throw new NixError("passing a string argument to 'fetchTree' requires the 'flakes' experimental feature");
  const url = parseSourceUrl(text);
  if (url === undefined) throw new NixError(`'${text}' is not a valid URL`, { class: 'Error' });
  return sourceFromUrl(url, true);
}

function attributesSource(ctx: EvalContext, attrs: Attrs): SourceAttributes {
  if (!attrs.has('type')) throw new NixError("argument 'type' is missing in call to 'fetchTree'");
  const source: SourceAttributes = readOptions(ctx, attrs, 'fetchTree');
  if (source.name !== undefined) throw new NixError("argument 'name' isn’t supported in call to 'fetchTree'");
  if (source.type === 'git') source.shallow ??= true;
  return checkedSource(source);
}

function checkLocalArchive(text: string): void {
  const url = parseSourceUrl(text);
  if (url?.scheme !== 'file' || url.path[0] === '') return;
  const error = new NixError(
    `tarball '${text}' must use an absolute path. The 'file' scheme does not support relative paths.`,
    { class: 'Error' },
  );
  throw error.addTrace(`while fetching the input '${text}'`);
}

function fetchTree(ctx: EvalContext, arg: Slot): Value {
  const value = force(arg, NO_POS);
  let source = value instanceof Attrs ? attributesSource(ctx, value) : urlSource(ctx, value);
  const { pureEval, experimentalFeatures } = ctx.settings;
  if (!pureEval && experimentalFeatures.has('flakes')) source = lookUpSource(ctx, source, 'global');
  const shown = printFlakeReference(source);
  if (pureEval && !isLocked(source)) {
    if (source.narHash === undefined)
      throw new NixError(`in pure evaluation mode, 'fetchTree' doesn't fetch unlocked input '${shown}'`);
    const unlocked = `Input '${shown}' is unlocked (e.g. lacks a Git revision) but is checked by NAR hash.`;
    const text = `${unlocked} This is not reproducible and will break after garbage collection or when shared.`;
    ctx.host.message('warning', renderWarning(warning(text)));
  }
  checkUri(ctx, shown);
  if (source.type === 'tarball') checkLocalArchive(String(source.url));
  return treeAttrs(fetchSource(ctx, source));
}

export const fetchTreeBuiltins: readonly Builtin[] = [
  {
    name: 'fetchGit',
    args: ['args'],
    type: 'string, path or set → set',
    global: true,
    doc: 'Fetches a commit of a Git repository. The argument is a URL or path, or a set of `url` and, if wanted, `rev`, `ref`, `name`, `submodules`, `shallow`, `allRefs`. Gives a set of `outPath`, `rev`, `shortRev`, `revCount`, `lastModified`, `narHash` and the like.',
    run: (ctx, _pos, args) => fetchGit(ctx, args),
  },
  {
    name: 'fetchMercurial',
    args: ['args'],
    type: 'string, path or set → set',
    global: true,
    doc: 'Fetches a revision of a Mercurial repository. The argument is a URL or path, or a set of `url` and, if wanted, `rev` (a revision, branch or tag) and `name`.',
    run: (ctx, _pos, args) => fetchMercurial(ctx, args),
  },
  {
    name: 'fetchTree',
    args: ['input'],
    type: 'string or set → set',
    global: true,
    feature: 'fetch-tree',
    doc: 'Fetches a source tree that a set describes: its `type` is `"git"`, `"tarball"`, `"file"` or `"path"`, and the other attributes depend on it.',
    run: (ctx, _pos, input) => fetchTree(ctx, input),
  },
];
