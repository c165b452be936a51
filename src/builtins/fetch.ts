/** Fetching single files and tarballs. What is in the store already under the given hash is not fetched. */
import type { Hash } from '../derivation/hash-string.ts';
import { makeFixedOutputPath, storeNameProblem } from '../derivation/store-path.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import { Attrs } from '../runtime/attrs.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceStringNoContext } from '../runtime/coerce.ts';
import type { EvalContext } from '../runtime/eval-context.ts';
import { force } from '../runtime/thunk.ts';
import type { Slot, Value } from '../runtime/value.ts';
import { checkUri } from './access.ts';
import { parseExpectedHash, storePathString } from './store-files.ts';

interface Fetcher {
  readonly who: 'fetchurl' | 'fetchTarball';
  readonly kind: 'file' | 'tarball';
  /** Of the store path; that of the URL where it is empty. */
  readonly defaultName: string;
}

const fileFetcher: Fetcher = { who: 'fetchurl', kind: 'file', defaultName: '' };
const tarballFetcher: Fetcher = { who: 'fetchTarball', kind: 'tarball', defaultName: 'source' };

interface Request {
  readonly url: string;
  readonly name: string;
  readonly expected: Hash | undefined;
  /** How the name came about, for the message about a bad one. */
  readonly given: 'name' | 'set' | 'url';
}

function fetch(ctx: EvalContext, fetcher: Fetcher, arg: Slot): Value {
  const { url, name, expected, given } = readRequest(ctx, fetcher, arg);
  checkUri(ctx, url);
  const problem = storeNameProblem(name);
  if (problem !== undefined)
    throw new NixError(`invalid store path name when fetching URL '${url}': ${problem}. ${advice[given](fetcher.who)}`);
  if (ctx.settings.pureEval && expected === undefined)
    throw new NixError(`in pure evaluation mode, '${fetcher.who}' requires a 'sha256' argument`);
  const { store } = ctx.host;
  if (expected !== undefined) {
    const method = fetcher.kind === 'tarball' ? 'nar' : 'flat';
    const path = makeFixedOutputPath(name, { method, ...expected }, undefined, store.storeDir);
    if (store.isValidPath(path)) {
      ctx.host.allow?.(path);
      return storePathString(path);
    }
  }
  return storePathString(store.fetch({ kind: fetcher.kind, url, name, ...(expected && { expected }) }).storePath);
}

const advice: Readonly<Record<Request['given'], (who: string) => string>> = {
  name: (who) =>
    `Please change the value for the 'name' attribute passed to '${who}', so that it can create a valid store path.`,
  set: (who) =>
    `Please add a valid 'name' attribute to the argument for '${who}', so that it can create a valid store path.`,
  url: (who) =>
    `Please pass an attribute set with 'url' and 'name' attributes to '${who}',  so that it can create a valid store path.`,
};

function readRequest(ctx: EvalContext, { who, defaultName }: Fetcher, arg: Slot): Request {
  const value = force(arg, NO_POS);
  if (!(value instanceof Attrs)) {
    const url = forceStringNoContext(value, NO_POS, 'while evaluating the url we should fetch');
    return { url, name: defaultName || urlBaseName(url), expected: undefined, given: 'url' };
  }
  let url: string | undefined;
  let name = defaultName;
  let expected: Hash | undefined;
  value.forEach((key, slot, pos) => {
    if (key === 'url') url = forceStringNoContext(slot, pos, 'while evaluating the url we should fetch');
    else if (key === 'sha256')
      expected = parseExpectedHash(
        ctx,
        forceStringNoContext(slot, pos, 'while evaluating the sha256 of the content we should fetch'),
      );
    else if (key === 'name')
      name = forceStringNoContext(slot, pos, 'while evaluating the name of the content we should fetch');
    else throw new NixError(`unsupported argument '${key}' to '${who}'`);
  });
  if (url === undefined) throw new NixError("'url' argument required");
  return { url, name: name || urlBaseName(url), expected, given: value.has('name') ? 'name' : 'set' };
}

/** What follows the last slash, slashes at the end aside. */
function urlBaseName(url: string): string {
  const trimmed = url.replace(/\/+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

export const fetchBuiltins: readonly Builtin[] = [
  {
    name: 'fetchurl',
    args: ['arg'],
    type: 'string or set → string',
    doc: 'Downloads a file and gives its store path. The argument is a URL, or a set of `url` and, if wanted, `name` and `sha256`. This happens during evaluation; packages use a derivation that fetches instead.',
    run: (ctx, _pos, arg) => fetch(ctx, fileFetcher, arg),
  },
  {
    name: 'fetchTarball',
    args: ['args'],
    type: 'string or set → string',
    global: true,
    doc: 'Downloads an archive, unpacks it and gives the store path of what is in it. The argument is a URL, or a set of `url` and, if wanted, `name` and the `sha256` of the unpacked tree.',
    run: (ctx, _pos, args) => fetch(ctx, tarballFetcher, args),
  },
];
