/**
 * `<name>`: the first entry of a search path whose prefix matches and that has the file. What no entry has is looked for
 * among the few files that come with the evaluator, `<nix/...>`.
 */
import { NixError } from '../errors/nix-error.ts';
import type { Pos } from '../errors/position.ts';
import { renderWarning } from '../errors/render.ts';
import { warning } from '../errors/warning.ts';
import type { EvalSettings } from '../runtime/eval-context.ts';
import type { Host } from '../runtime/host.ts';
import { absolutePath, canonicalPath } from '../runtime/path-text.ts';
import { internalPath } from './internal-files.ts';

export interface LookupEntry {
  readonly prefix: string;
  readonly path: string;
}

const address = /^channel:|^(?:https?|file|channel|git|s3|ssh):\/\//;

/** Does it stand for a tarball? */
export function isTarballAddress(text: string): boolean {
  return address.test(text);
}

export class LookupPath {
  private readonly host: Host;
  private readonly settings: EvalSettings;
  private readonly flakeTree: (reference: string) => string;
  /** Entry -> where it is; undefined for one that is not there, which is told once. */
  private readonly resolved = new Map<string, string | undefined>();

  /** `flakeTree` fetches what is after `flake:`. */
  constructor(host: Host, settings: EvalSettings, flakeTree: (reference: string) => string) {
    this.host = host;
    this.settings = settings;
    this.flakeTree = flakeTree;
  }

  /** @throws NixError of class ThrownError (so tryEval catches it) where no entry has it. */
  find(entries: readonly LookupEntry[], name: string, pos: Pos): string {
    for (const entry of entries) {
      const found = this.findIn(entry, name);
      if (found !== undefined) return found;
    }
    const { searchPath, lastSearchPath = [] } = this.settings;
    for (const entry of sameEntries(entries, searchPath) ? lastSearchPath : []) {
      const found = this.findIn(entry, name);
      if (found !== undefined) return found;
    }
    if (name.startsWith('nix/')) return internalPath(name.slice(4));
    const message = this.settings.pureEval
      ? `cannot look up '<${name}>' in pure evaluation mode (use '--impure' to override)`
      : `file '${name}' was not found in the Nix search path (add it using $NIX_PATH or -I)`;
    throw new NixError(message, { class: 'ThrownError', pos });
  }

  private findIn({ prefix, path }: LookupEntry, name: string): string | undefined {
    const suffix = suffixAfter(prefix, name);
    if (suffix === undefined) return undefined;
    const root = this.resolve(path);
    return root === undefined ? undefined : this.existing(canonicalPath(suffix === '' ? root : `${root}/${suffix}`));
  }

  private resolve(path: string): string | undefined {
    if (this.resolved.has(path)) return this.resolved.get(path);
    const root = this.fetched(path) ?? this.local(path);
    this.resolved.set(path, root);
    return root;
  }

  private fetched(path: string): string | undefined {
    if (path.startsWith('flake:')) return this.flakeTree(path.slice('flake:'.length));
    return isTarballAddress(path) ? this.download(path) : undefined;
  }

  private local(path: string): string | undefined {
    const absolute = absolutePath(path, this.settings.directory);
    if (this.existing(absolute) !== undefined) return absolute;
    this.warn(`Nix search path entry '${path}' does not exist, ignoring`);
    return undefined;
  }

  /** A URL, or `channel:name`, which the fetcher understands. */
  private download(url: string): string | undefined {
    try {
      return this.host.store.fetch({ kind: 'tarball', url, name: 'source' }).storePath;
    } catch (error) {
      if (!(error instanceof NixError)) throw error;
      this.warn(`Nix search path entry '${url}' cannot be downloaded, ignoring`);
      return undefined;
    }
  }

  private warn(message: string): void {
    this.host.message('warning', renderWarning(warning(message)));
  }

  /** The path with all links resolved; undefined where there is nothing. */
  private existing(path: string): string | undefined {
    try {
      const real = this.host.realPath(path);
      return this.host.fileType(real) === undefined ? undefined : real;
    } catch (error) {
      if (error instanceof NixError && error.class !== 'RestrictedPathError') return undefined;
      throw error;
    }
  }
}

/** A program may look things up in another list than its own session's. */
function sameEntries(a: readonly LookupEntry[], b: readonly LookupEntry[]): boolean {
  return (
    a === b ||
    (a.length === b.length && a.every(({ prefix, path }, i) => prefix === b[i]!.prefix && path === b[i]!.path))
  );
}

/** `nixpkgs/lib` for the prefix `nixpkgs` is `lib`; undefined: it does not match. */
function suffixAfter(prefix: string, name: string): string | undefined {
  if (prefix === '') return name;
  if (name === prefix) return '';
  return name.startsWith(`${prefix}/`) ? name.slice(prefix.length + 1) : undefined;
}
