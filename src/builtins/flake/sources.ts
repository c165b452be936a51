/**
 * Sources that a set of attributes describes, brought into the store. What comes back is the description, completed by
 * what was learned (revision, hash, time): the same source again, but for good, is `locked`. A final description (one out
 * of a lock file) is complete as it is: its tree may be in the store already, and if it is, nothing is asked.
 */
import { equalDigests, type Hash, parseHashAllowEmpty, printHash } from '../../derivation/hash-string.ts';
import { checkStoreName, makeFixedOutputPath } from '../../derivation/store-path.ts';
import { NixError } from '../../errors/nix-error.ts';
import { NO_POS } from '../../errors/position.ts';
import { type Attrs, AttrsBuilder } from '../../runtime/attrs.ts';
import { traced } from '../../runtime/coerce.ts';
import type { EvalContext } from '../../runtime/eval-context.ts';
import type { FetchRequest } from '../../runtime/host.ts';
import { printFlakeReference, type SourceAttributes } from '../flake-reference.ts';
import { storePathString } from '../store-files.ts';
import { forgeArchive } from './forges.ts';

export interface FetchedSource {
  readonly storePath: string;
  readonly attrs: SourceAttributes;
}

/** Does the description alone say what the content is? */
export function isLocked({ type, rev, narHash }: SourceAttributes): boolean {
  switch (type) {
    case 'git':
      return rev !== undefined && rev !== '0'.repeat(40);
    case 'github':
    case 'gitlab':
    case 'sourcehut':
    case 'hg':
      return rev !== undefined;
    case 'indirect':
      return false;
  }
  return narHash !== undefined;
}

/** A `path` that starts from where the description stands. */
export function isRelative({ type, path }: SourceAttributes): boolean {
  return type === 'path' && !String(path).startsWith('/');
}

export function fetchSource(ctx: EvalContext, attrs: SourceAttributes, final = false): FetchedSource {
  try {
    const expected = narHashOf(attrs);
    if (final && expected !== undefined) {
      const known = storedTree(ctx, attrs, expected);
      if (known !== undefined) return { storePath: known, attrs };
    }
    const fetched = fetchAnew(ctx, attrs);
    checkHash(attrs, expected, narHashOf(fetched.attrs));
    return final ? { storePath: fetched.storePath, attrs: agreed(attrs, fetched.attrs) } : fetched;
  } catch (error) {
    throw traced(error, `while fetching the input '${printFlakeReference(attrs)}'`, NO_POS);
  }
}

function narHashOf({ narHash }: SourceAttributes): Hash | undefined {
  return typeof narHash === 'string' ? parseHashAllowEmpty(narHash, 'sha256').hash : undefined;
}

function storedTree(ctx: EvalContext, { name = 'source' }: SourceAttributes, hash: Hash): string | undefined {
  const { store } = ctx.host;
  const path = makeFixedOutputPath(String(name), { method: 'nar', ...hash }, undefined, store.storeDir);
  if (!store.isValidPath(path)) return undefined;
  ctx.host.allow?.(path);
  return path;
}

function checkHash(attrs: SourceAttributes, expected: Hash | undefined, got: Hash | undefined): void {
  if (expected === undefined || (got !== undefined && equalDigests(expected.digest, got.digest))) return;
  throw new NixError(
    `NAR hash mismatch in input '${printFlakeReference(attrs)}', expected '${printHash(expected, 'sri')}' but got ${
      got === undefined ? 'none' : `'${printHash(got, 'sri')}'`
    }`,
    { class: 'Error', exitCode: 102 },
  );
}

/** What a final description says must be so; what it does not say, nobody needs. */
function agreed(specified: SourceAttributes, got: SourceAttributes): SourceAttributes {
  for (const [name, value] of Object.entries(specified))
    if (name !== 'narHash' && got[name] !== undefined && got[name] !== value)
      throw new NixError(
        `mismatch in field '${name}' of input '${JSON.stringify(specified)}', got '${JSON.stringify(got)}'`,
        { class: 'Error' },
      );
  return specified;
}

function fetchAnew(ctx: EvalContext, attrs: SourceAttributes): FetchedSource {
  const { type, narHash: _narHash, name = 'source', ...rest } = attrs;
  const text = (key: string): string => {
    const value = attrs[key];
    if (typeof value === 'string') return value;
    throw new NixError(`input attribute '${key}' is ${value === undefined ? 'missing' : 'not a string'}`, {
      class: 'Error',
    });
  };
  const expected = narHashOf(attrs);
  const fetch = (request: Omit<FetchRequest, 'name' | 'expected'>, given = attrs): FetchedSource => {
    checkStoreName(String(name));
    const hashed = expected === undefined || request.kind === 'file' ? {} : { expected };
    const { storePath, attributes } = ctx.host.store.fetch({ ...request, name: String(name), ...hashed });
    const { shortRev: _shortRev, lastModifiedDate: _date, ...learned } = attributes;
    return { storePath, attrs: { ...learned, ...given, narHash: learned.narHash ?? given.narHash ?? '' } };
  };
  switch (type) {
    case 'path': {
      const path = text('path');
      if (!path.startsWith('/'))
        throw new NixError(`cannot fetch input '${printFlakeReference(attrs)}' because it uses a relative path`, {
          class: 'Error',
        });
      return fetch({ kind: 'path', url: path });
    }
    case 'git': {
      const { url: _url, ...options } = rest;
      return fetch({ kind: 'git', url: text('url'), options: textOptions(options) });
    }
    case 'hg': {
      const { url: _url, ...options } = rest;
      return fetch({ kind: 'mercurial', url: text('url'), options: textOptions(options) });
    }
    case 'file':
    case 'tarball':
      return fetch({ kind: type, url: text('url') });
    case 'github':
    case 'gitlab':
    case 'sourcehut': {
      const { url, rev } = forgeArchive(ctx, type, attrs);
      const { ref: _ref, ...locked } = attrs;
      return fetch({ kind: 'tarball', url }, { ...locked, rev });
    }
    case 'indirect':
      throw new NixError(`indirect input '${printFlakeReference(attrs)}' cannot be fetched directly`, {
        class: 'Error',
      });
  }
  throw new NixError(`cannot fetch unsupported input '${JSON.stringify(attrs)}'`, { class: 'Error' });
}

function textOptions(attrs: SourceAttributes): Record<string, string | boolean> {
  return Object.fromEntries(
    Object.entries(attrs).map(([name, value]) => [name, typeof value === 'number' ? String(value) : value]),
  );
}

export interface TreeOptions {
  /** Show an all-zero revision where there is none (fetchGit). */
  readonly emptyRevision?: boolean;
  /** Do not show a revision: what the tree is has changed since. */
  readonly dirty?: boolean;
}

/** outPath and what is known of a tree, as expressions see it. */
export function treeAttrs({ storePath, attrs }: FetchedSource, { emptyRevision, dirty }: TreeOptions = {}): Attrs {
  const tree = new AttrsBuilder().set('outPath', storePathString(storePath));
  const { narHash, rev, revCount, lastModified } = attrs;
  if (typeof narHash === 'string') tree.set('narHash', printHash(parseHashAllowEmpty(narHash, 'sha256').hash, 'sri'));
  if (attrs.type === 'git') tree.set('submodules', attrs.submodules === true);
  if (!dirty) {
    const shown = typeof rev === 'string' ? rev : emptyRevision ? '0'.repeat(40) : undefined;
    if (shown !== undefined) tree.set('rev', shown).set('shortRev', shown.slice(0, 7));
    if (revCount !== undefined) tree.set('revCount', Number(revCount));
    else if (emptyRevision) tree.set('revCount', 0);
  }
  if (attrs.dirtyRev !== undefined)
    tree.set('dirtyRev', String(attrs.dirtyRev)).set('dirtyShortRev', String(attrs.dirtyShortRev));
  if (lastModified !== undefined)
    tree.set('lastModified', Number(lastModified)).set('lastModifiedDate', readableTime(Number(lastModified)));
  return tree.build();
}

/** Year to second without anything in between, UTC. */
function readableTime(seconds: number): string {
  return new Date(seconds * 1000)
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/\D/g, '');
}
