/**
 * A store path with what it refers to, from a binary cache. `toPath` wants it rewritten so that its path follows from its
 * content, whose word then needs no trust; otherwise it is taken as it is, and must be what `inputAddressed` says.
 */
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceAttrs, forceBool, forceStringNoContext } from '../runtime/coerce.ts';
import { coerceToStorePath } from '../runtime/coerce-path.ts';
import { ContextBuilder } from '../runtime/context-builder.ts';
import type { EvalContext } from '../runtime/eval-context.ts';
import { force } from '../runtime/thunk.ts';
import type { Slot, Value } from '../runtime/value.ts';
import { storePathString } from './store-files.ts';

interface Request {
  readonly fromStore: string;
  readonly fromPath: string;
  /** '': to be found out. */
  readonly toPath: string | undefined;
  readonly inputAddressed: boolean;
}

function problem(message: string): NixError {
  return new NixError(message, { class: 'Error' });
}

function readRequest(ctx: EvalContext, arg: Slot): Request {
  const attrs = forceAttrs(arg, NO_POS, 'while evaluating the argument passed to builtins.fetchClosure');
  let fromStore: string | undefined;
  let fromPath: string | undefined;
  let toPath: string | undefined;
  let inputAddressed = false;
  for (const name of attrs.sortedKeys()) {
    const slot = attrs.get(name)!;
    const pos = attrs.pos(name);
    const context = `while evaluating the attribute '${name}' passed to builtins.fetchClosure`;
    const storePath = () => coerceToStorePath(ctx, pos, slot, new ContextBuilder(), context);
    if (name === 'fromPath') fromPath = storePath();
    else if (name === 'toPath') toPath = force(slot, pos) === '' ? '' : storePath();
    else if (name === 'fromStore') fromStore = forceStringNoContext(slot, pos, context);
    else if (name === 'inputAddressed') inputAddressed = forceBool(slot, pos, context);
    else throw problem(`attribute '${name}' isn't supported in call to 'fetchClosure'`);
  }
  if (fromPath === undefined) throw problem("attribute 'fromPath' is missing in call to 'fetchClosure'");
  if (inputAddressed && toPath !== undefined)
    throw problem("attribute 'inputAddressed' is set to true, but 'toPath' is also set. Please remove one of them");
  if (fromStore === undefined) throw problem("attribute 'fromStore' is missing in call to 'fetchClosure'");
  return { fromStore, fromPath, toPath, inputAddressed };
}

function checkStore(ctx: EvalContext, url: string): void {
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(url)?.[1];
  const inTest = scheme === 'file' && ctx.host.getEnv('_NIX_IN_TEST') !== undefined;
  if (scheme !== 'http' && scheme !== 'https' && !inTest)
    throw problem("'fetchClosure' only supports http:// and https:// stores");
  if (/\?./.test(url)) throw problem(`'fetchClosure' does not support URL query parameters (in '${url}')`);
}

function fetchClosure(ctx: EvalContext, arg: Slot): Value {
  const { fromStore, fromPath, toPath, inputAddressed } = readRequest(ctx, arg);
  checkStore(ctx, fromStore);
  const { store } = ctx.host;
  const fetch = (path: string, rewrite: boolean) =>
    store.fetch({ kind: 'closure', url: fromStore, name: path, options: { rewrite } });
  if (toPath === undefined) {
    const { attributes } = fetch(fromPath, false);
    if (attributes.ca === true && inputAddressed) throw problem(notInputAddressed(fromPath));
    if (attributes.ca !== true && !inputAddressed) throw problem(unexpectedlyInputAddressed(fromPath));
    return storePathString(fromPath);
  }
  if (toPath === '' || !store.isValidPath(toPath)) {
    const { storePath } = fetch(fromPath, true);
    const yielded = `rewriting '${fromPath}' to content-addressed form yielded '${storePath}'`;
    if (toPath === '') throw problem(`${yielded}\nUse this value for the 'toPath' attribute passed to 'fetchClosure'`);
    if (storePath !== toPath) throw problem(`${yielded}, while '${toPath}' was expected`);
  } else if (fetch(toPath, false).attributes.ca !== true) throw problem(impossibleResult(toPath));
  return storePathString(toPath);
}

const notInputAddressed = (path: string) =>
  `The store object referred to by 'fromPath' at '${path}' is not input-addressed, but 'inputAddressed' is set to 'true'.

Remove the 'inputAddressed' attribute (it defaults to 'false') to expect 'fromPath' to be content-addressed`;

const unexpectedlyInputAddressed = (path: string) =>
  `The 'fromPath' value '${path}' is input-addressed, but 'inputAddressed' is set to 'false' (default).

If you do intend to fetch an input-addressed store path, add

    inputAddressed = true;

to the 'fetchClosure' arguments.

Note that to ensure authenticity input-addressed store paths, users must configure a trusted binary cache public key on their systems. This is not needed for content-addressed paths.`;

const impossibleResult = (path: string) =>
  `The 'toPath' value '${path}' is input-addressed, so it can't possibly be the result of rewriting to a content-addressed path.

Set 'toPath' to an empty string to make Nix report the correct content-addressed path.`;

export const fetchClosureBuiltins: readonly Builtin[] = [
  {
    name: 'fetchClosure',
    args: ['args'],
    type: '{ fromStore; fromPath; toPath ?; inputAddressed ? } → string',
    feature: 'fetch-closure',
    doc: 'Fetches the store path `fromPath`, with everything that it refers to, from the binary cache `fromStore` (an http:// or https:// URL), and gives it. A content-addressed path needs no trusted key; any other one needs `inputAddressed = true` and a trusted signature, or `toPath`: the content-addressed path that it becomes when it is rewritten (`""` to be told).',
    run: (ctx, _pos, args) => fetchClosure(ctx, args),
  },
];
