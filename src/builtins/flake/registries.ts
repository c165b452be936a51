/**
 * Registries give sources short names (`nixpkgs`): the user's own, the system's, and a global one, which is fetched.
 *
 *     { "version": 2, "flakes": [ { "from": { "type": "indirect", "id": ... }, "to": { ... }, "exact": false } ] }
 *
 * What an entry's `to` gives is looked up again, until it is a source that can be fetched.
 */
import { decodeBytes } from '../../base/bytes.ts';
import { NixError } from '../../errors/nix-error.ts';
import { renderWarning } from '../../errors/render.ts';
import { warning } from '../../errors/warning.ts';
import type { EvalContext } from '../../runtime/eval-context.ts';
import { printFlakeReference, type SourceAttributes } from '../flake-reference.ts';

interface Entry {
  readonly from: SourceAttributes;
  readonly to: SourceAttributes;
  readonly exact: boolean;
}

/** `global`: inputs of flakes mean the same for everybody, so only the global registry counts. */
export type RegistryUse = 'all' | 'global' | 'none';

const MAX_STEPS = 100;

/** The source, with the `dir` that its entry adds. */
export function lookUpSource(ctx: EvalContext, attrs: SourceAttributes, use: RegistryUse): SourceAttributes {
  if (use === 'none') {
    if (attrs.type !== 'indirect') return attrs;
    throw new NixError(
      `'${printFlakeReference(attrs)}' is an indirect flake reference, but registry lookups are not allowed`,
      { class: 'Error' },
    );
  }
  const { dir, ...plain } = attrs;
  let found: SourceAttributes = plain;
  let directory = dir;
  for (let step = 0; found.type === 'indirect'; step++) {
    if (step >= MAX_STEPS)
      throw new NixError(`cycle detected in flake registry for '${printFlakeReference(found)}'`, { class: 'Error' });
    const next = applyRegistries(ctx, found, use);
    if (next === undefined)
      throw new NixError(`cannot find flake '${printFlakeReference(found)}' in the flake registries`, {
        class: 'Error',
      });
    const { dir: added, ...rest } = next;
    found = rest;
    directory = added ?? directory;
  }
  return directory === undefined ? found : { ...found, dir: directory };
}

function applyRegistries(ctx: EvalContext, attrs: SourceAttributes, use: RegistryUse): SourceAttributes | undefined {
  for (const read of use === 'all' ? [userRegistry, systemRegistry, globalRegistry] : [globalRegistry])
    for (const { from, to, exact } of read(ctx)) {
      if (same(from, attrs)) return to;
      if (exact) continue;
      const { ref, rev, ...name } = attrs;
      if (!same(from, name)) continue;
      return withVersion(to, ref, rev);
    }
  return undefined;
}

type Version = string | number | boolean | undefined;

function withVersion(to: SourceAttributes, ref: Version, rev: Version): SourceAttributes {
  const shown = printFlakeReference(to);
  if (to.type === 'path' || to.type === 'tarball' || to.type === 'file') {
    if (ref !== undefined)
      throw new NixError(`don't know how to set branch/tag name of input '${shown}' to '${ref}'`, { class: 'Error' });
    if (rev !== undefined)
      throw new NixError(`don't know how to set revision of input '${shown}' to '${rev}'`, { class: 'Error' });
    return to;
  }
  const { ref: ownRef, rev: ownRev, ...rest } = to;
  const forge = to.type !== 'git' && to.type !== 'indirect' && to.type !== 'hg';
  const newRev = rev ?? (ref === undefined ? ownRev : undefined);
  const newRef = ref ?? (rev !== undefined && forge ? undefined : ownRef);
  return {
    ...rest,
    ...(newRef === undefined ? {} : { ref: newRef }),
    ...(newRev === undefined ? {} : { rev: newRev }),
  };
}

function same(a: SourceAttributes, b: SourceAttributes): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function userRegistry(ctx: EvalContext): readonly Entry[] {
  const { host } = ctx;
  const own = host.getEnv('NIX_CONFIG_HOME') ?? host.getEnv('XDG_CONFIG_HOME')?.concat('/nix');
  const home = host.getEnv('HOME');
  const directory = own ?? (home === undefined ? undefined : `${home}/.config/nix`);
  return directory === undefined ? [] : readRegistry(ctx, `${directory}/registry.json`);
}

function systemRegistry(ctx: EvalContext): readonly Entry[] {
  return readRegistry(ctx, `${ctx.host.getEnv('NIX_CONF_DIR') ?? '/etc/nix'}/registry.json`);
}

function globalRegistry(ctx: EvalContext): readonly Entry[] {
  const { flakeRegistry = '' } = ctx.settings;
  if (flakeRegistry === '') return [];
  if (flakeRegistry.startsWith('/')) return readRegistry(ctx, flakeRegistry);
  const { store } = ctx.host;
  return readRegistry(ctx, store.fetch({ kind: 'file', url: flakeRegistry, name: 'flake-registry.json' }).storePath);
}

function readRegistry(ctx: EvalContext, path: string): readonly Entry[] {
  const host = ctx.host.unrestricted ?? ctx.host;
  if (host.fileType(path) === undefined) return [];
  try {
    const { version, flakes } = JSON.parse(decodeBytes(host.readFile(path)));
    if (version !== 2)
      throw new NixError(`flake registry '${path}' has unsupported version ${version}`, { class: 'Error' });
    return (flakes as Partial<Entry>[]).map(({ from = {}, to = {}, exact = false }) => ({ from, to, exact }));
  } catch (error) {
    const doing = error instanceof SyntaxError ? 'parse' : 'read';
    ctx.host.message(
      'warning',
      renderWarning(warning(`cannot ${doing} flake registry '${path}': ${(error as Error).message}`)),
    );
    return [];
  }
}
