/** What exists only with experimental features that nixlet has no implementation of: it says so when it is called. */
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceAttrs, forceBool, forceStringNoContext } from '../runtime/coerce.ts';
import { coerceToStorePath } from '../runtime/coerce-path.ts';
import { ContextBuilder } from '../runtime/context-builder.ts';
import type { EvalContext } from '../runtime/eval-context.ts';
import type { Slot } from '../runtime/value.ts';

function notImplemented(what: string, hint: string): NixError {
  return new NixError(`nixlet does not implement '${what}'`, { class: 'Error', hint });
}

/** Arguments are checked as C++ Nix does, so that mistakes in them are found here, too. */
function fetchClosure(ctx: EvalContext, arg: Slot): never {
  const attrs = forceAttrs(arg, NO_POS, 'while evaluating the argument passed to builtins.fetchClosure');
  const given = new Set<string>();
  let inputAddressed = false;
  attrs.forEach((name, slot, pos) => {
    const context = `while evaluating the attribute '${name}' passed to builtins.fetchClosure`;
    if (name === 'fromPath') coerceToStorePath(ctx, pos, slot, new ContextBuilder(), context);
    else if (name === 'fromStore') forceStringNoContext(slot, pos, context);
    else if (name === 'inputAddressed') inputAddressed = forceBool(slot, pos, context);
    else if (name !== 'toPath')
      throw new NixError(`attribute '${name}' isn't supported in call to 'fetchClosure'`, { class: 'Error' });
    given.add(name);
  });
  for (const name of ['fromPath', 'fromStore'])
    if (!given.has(name))
      throw new NixError(`attribute '${name}' is missing in call to 'fetchClosure'`, { class: 'Error' });
  if (inputAddressed && given.has('toPath'))
    throw new NixError(
      "attribute 'inputAddressed' is set to true, but 'toPath' is also set. Please remove one of them",
      { class: 'Error' },
    );
  throw notImplemented(
    'builtins.fetchClosure',
    'Fetch the path with `nix-store --realise`, and use builtins.storePath.',
  );
}

const noFlakes = 'Use the default.nix of the source, fetched with fetchTarball or fetchGit, instead.';

export const flakeBuiltins: readonly Builtin[] = [
  {
    name: 'fetchClosure',
    args: ['args'],
    feature: 'fetch-closure',
    doc: 'Fetches a store path with its closure from a binary cache. Not implemented.',
    run: (ctx, _pos, args) => fetchClosure(ctx, args),
  },
  {
    name: 'getFlake',
    args: ['args'],
    feature: 'flakes',
    doc: 'The outputs of a flake. Not implemented.',
    run: (_ctx, _pos, args) => {
      forceStringNoContext(args, NO_POS, 'while evaluating the argument passed to builtins.getFlake');
      throw notImplemented('builtins.getFlake', noFlakes);
    },
  },
  {
    name: 'parseFlakeRef',
    args: ['flake-ref'],
    feature: 'flakes',
    doc: 'A flake reference, taken apart. Not implemented.',
    run: (_ctx, _pos, reference) => {
      forceStringNoContext(reference, NO_POS, 'while evaluating the argument passed to builtins.parseFlakeRef');
      throw notImplemented('builtins.parseFlakeRef', noFlakes);
    },
  },
  {
    name: 'flakeRefToString',
    args: ['attrs'],
    feature: 'flakes',
    doc: 'A flake reference as text. Not implemented.',
    run: (_ctx, _pos, attrs) => {
      forceAttrs(attrs, NO_POS, 'while evaluating the argument passed to builtins.flakeRefToString');
      throw notImplemented('builtins.flakeRefToString', noFlakes);
    },
  },
];
