/**
 * A host that shows only what an evaluation may see, for pure and restricted mode: directories that are open from the
 * start (the search path), and store objects that the evaluation itself has put there, fetched or built. Everything else
 * is refused, also when it is reached through a link: links are followed here, step by step, and each step is checked. Of
 * a directory above an open one only the way down can be listed.
 */

import { splitStorePath } from '../derivation/store-path.ts';
import { NixError } from '../errors/nix-error.ts';
import type { AddPathOptions, FetchRequest, FetchResult, FileType, Host, HostStore } from '../runtime/host.ts';
import { canonicalPath, parentPath } from '../runtime/path-text.ts';

const MAX_LINKS = 1024;

export interface Restrictions {
  readonly mode: 'pure' | 'restricted';
  /** Absolute paths. */
  readonly open: readonly string[];
}

export class RestrictedHost implements Host {
  readonly store: HostStore;
  /** The same without restrictions, for what the evaluator reads on its own account. */
  readonly unrestricted: Host;
  private readonly mode: Restrictions['mode'];
  private readonly open = new Set<string>();
  /** Directories above open ones. */
  private readonly above = new Set<string>(['/']);

  constructor(host: Host, { mode, open }: Restrictions) {
    this.unrestricted = host;
    this.mode = mode;
    for (const path of open) this.allow(canonicalPath(path));
    this.store = new RestrictedStore(host.store, (path) => this.allow(path));
  }

  allow(path: string): void {
    if (this.open.has(path)) return;
    this.open.add(path);
    for (let at = parentPath(path); !this.above.has(at); at = parentPath(at)) this.above.add(at);
  }

  isAllowed(path: string): boolean {
    if (this.above.has(path) && this.open.size > 0) return true;
    for (let at = path; ; at = parentPath(at)) {
      if (this.open.has(at)) return true;
      if (at === '/') return false;
    }
  }

  checkAccess(path: string): void {
    if (this.isAllowed(path)) return;
    throw new NixError(
      `access to absolute path '${path}' is forbidden in ${
        this.mode === 'pure' ? "pure evaluation mode (use '--impure' to override)" : 'restricted mode'
      }`,
      { class: 'RestrictedPathError' },
    );
  }

  readFile(path: string): Uint8Array {
    return this.unrestricted.readFile(this.realPath(path));
  }

  /** What may not be seen is not there. */
  fileType(path: string): FileType | undefined {
    const real = this.resolved(path, false);
    return this.isAllowed(real) ? this.unrestricted.fileType(real) : undefined;
  }

  readDirectory(path: string): ReadonlyMap<string, FileType> {
    const real = this.realPath(path);
    const entries = this.unrestricted.readDirectory(real);
    return new Map([...entries].filter(([name]) => this.isAllowed(real === '/' ? `/${name}` : `${real}/${name}`)));
  }

  readLink(path: string): string {
    const real = this.resolved(path, false);
    this.checkAccess(real);
    return this.unrestricted.readLink(real);
  }

  realPath(path: string): string {
    const real = this.resolved(path, true);
    this.checkAccess(real);
    return real;
  }

  /**
   * Without links, but for the last part where `last` is false. What is not there stays as it is, and so does what may
   * not be seen: whatever is open below it has only directories above.
   */
  private resolved(path: string, last: boolean): string {
    let rest = path.split('/').filter((part) => part !== '' && part !== '.');
    let current = '/';
    for (let links = 0; rest.length > 0; ) {
      const part = rest.shift()!;
      if (part === '..') {
        current = parentPath(current);
        continue;
      }
      const next = current === '/' ? `/${part}` : `${current}/${part}`;
      const isLink =
        (last || rest.length > 0) && this.isAllowed(next) && this.unrestricted.fileType(next) === 'symlink';
      if (!isLink) {
        current = next;
        continue;
      }
      if (links++ >= MAX_LINKS) throw new NixError(`infinite symlink recursion in path '${path}'`, { class: 'Error' });
      const target = this.unrestricted.readLink(next);
      if (target.startsWith('/')) current = '/';
      rest = [...target.split('/').filter((step) => step !== '' && step !== '.'), ...rest];
    }
    return current;
  }

  getEnv(name: string): string | undefined {
    return this.unrestricted.getEnv(name);
  }

  currentTime(): number {
    return this.unrestricted.currentTime();
  }

  homeDirectory(): string | undefined {
    return this.unrestricted.homeDirectory();
  }

  message(kind: 'trace' | 'warning' | 'notice', text: string): void {
    this.unrestricted.message(kind, text);
  }
}

/** Opens whatever goes through it. */
class RestrictedStore implements HostStore {
  readonly storeDir: string;
  private readonly store: HostStore;
  private readonly allow: (path: string) => void;

  constructor(store: HostStore, allow: (path: string) => void) {
    this.storeDir = store.storeDir;
    this.store = store;
    this.allow = allow;
  }

  private opened(path: string): string {
    this.allow(path);
    return path;
  }

  addPath(options: AddPathOptions): string {
    return this.opened(this.store.addPath(options));
  }

  addText(name: string, text: string, references: readonly string[]): string {
    return this.opened(this.store.addText(name, text, references));
  }

  addDerivation(drv: Parameters<HostStore['addDerivation']>[0]): string {
    return this.store.addDerivation(drv);
  }

  readDerivation(drvPath: string): ReturnType<HostStore['readDerivation']> {
    return this.store.readDerivation(drvPath);
  }

  isValidPath(path: string): boolean {
    return this.store.isValidPath(path);
  }

  ensurePath(path: string): void {
    this.store.ensurePath(path);
  }

  references(path: string): readonly string[] {
    return this.store.references(path);
  }

  realise(elements: readonly string[]): ReadonlyMap<string, string> {
    const outputs = this.store.realise(elements);
    for (const path of outputs.values()) this.allow(path);
    return outputs;
  }

  fetch(request: FetchRequest): FetchResult {
    const result = this.store.fetch(request);
    this.allowClosure(result.storePath);
    return result;
  }

  private allowClosure(root: string): void {
    const todo = [root];
    const met = new Set<string>();
    for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
      if (met.has(path)) continue;
      met.add(path);
      this.allow(splitStorePath(path, this.storeDir)?.storePath ?? path);
      todo.push(...this.store.references(path));
    }
  }
}
