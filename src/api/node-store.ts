/**
 * The store half of the Node host. While an expression is evaluated nothing is written that a mere evaluation does not
 * need: derivations and texts are kept in memory, and `write` puts all of them into the store at once, inputs first.
 * Sources (`src = ./.`) are copied when they are met, unless the evaluation is read-only, because nobody could say later
 * that they are still the same.
 */
import { encodeBytes } from '../base/bytes.ts';
import type { Derivation } from '../derivation/derivation.ts';
import { derivationFile, outputPath } from '../derivation/output-paths.ts';
import { textPath } from '../derivation/store-path.ts';
import { NixError } from '../errors/nix-error.ts';
import { decodeContextElement } from '../runtime/context.ts';
import type { AddPathOptions, FetchRequest, FetchResult, FileType, HostStore } from '../runtime/host.ts';
import { expectedSourcePath, identifySource, type SourceOptions } from '../store/local/add-files.ts';
import type { LocalStore } from '../store/local/local-store.ts';
import { readDerivation } from '../store/store.ts';
import type { NodeFiles } from './node-files.ts';

/** What waits for `write`. */
interface Pending {
  readonly name: string;
  readonly text: string;
  readonly references: readonly string[];
  readonly drv: Derivation | undefined;
}

export interface NodeStoreOptions {
  readonly files: NodeFiles;
  readonly store: LocalStore;
  readonly readOnly: boolean;
  /** Builds and fetches, synchronously (import from derivation). */
  readonly realise: (elements: readonly string[]) => void;
  readonly fetch: (request: FetchRequest) => FetchResult;
  /** Fetches a path, if it can be had. */
  readonly substitute: (path: string) => void;
}

export class NodeStore implements HostStore {
  readonly storeDir = '/nix/store';
  readonly store: LocalStore;
  private readonly options: NodeStoreOptions;
  /** In the order in which they were made. */
  private readonly pending = new Map<string, Pending>();
  private readonly derivations = new Map<string, Derivation>();
  /** One evaluation sees one state of what it fetches. */
  private readonly fetched = new Map<string, FetchResult>();

  constructor(options: NodeStoreOptions) {
    this.options = options;
    this.store = options.store;
  }

  addPath({ path, name, method, filter, expected }: AddPathOptions): string {
    const physical = String(this.options.files.physical(path));
    const source: SourceOptions = {
      path: physical,
      name,
      method,
      // The filter sees the path that the expression named, wherever the store's files lie.
      filter: filter && ((inner: string, type: FileType) => filter(path + inner.slice(physical.length), type)),
      expected,
    };
    const wanted = expectedSourcePath(source);
    if (wanted !== undefined && this.isValidPath(wanted)) return wanted;
    return this.options.readOnly ? identifySource(source).storePath : this.store.addFiles(source);
  }

  addText(name: string, text: string, references: readonly string[]): string {
    const path = textPath(name, text, references);
    if (!this.pending.has(path)) this.pending.set(path, { name, text, references, drv: undefined });
    return path;
  }

  addDerivation(drv: Derivation): string {
    const { path, references, text } = derivationFile(drv);
    if (!this.derivations.has(path)) {
      this.derivations.set(path, drv);
      this.pending.set(path, { name: drv.name, text, references, drv });
    }
    return path;
  }

  readDerivation(drvPath: string): Derivation {
    return this.derivations.get(drvPath) ?? readDerivation(this.store, drvPath);
  }

  isValidPath(path: string): boolean {
    return this.pending.has(path) || this.store.pathInfo(path) !== undefined;
  }

  ensurePath(path: string): void {
    if (this.options.readOnly || this.isValidPath(path)) return;
    this.options.substitute(path);
    if (!this.isValidPath(path))
      throw new NixError(`path '${path}' does not exist and cannot be created`, { class: 'Error' });
  }

  references(path: string): readonly string[] {
    return this.pending.get(path)?.references ?? this.store.pathInfo(path)?.references ?? [];
  }

  /** The text of a path that is only in memory yet. */
  pendingText(path: string): Uint8Array | undefined {
    const pending = this.pending.get(path);
    return pending && encodeBytes(pending.text);
  }

  /** Writes these paths, and whatever of memory they refer to, into the store; without argument everything. */
  write(paths: Iterable<string> = this.pending.keys()): void {
    const order = this.inputsFirst(paths);
    if (order.length === 0) return;
    this.store.batch(() => {
      for (const path of order) {
        const { name, text, references, drv } = this.pending.get(path)!;
        if (drv) this.store.addDerivation(drv);
        else this.store.addText(name, text, references);
      }
    });
    for (const path of order) this.pending.delete(path);
  }

  /** Pending paths under `paths`, each after those that it refers to. An explicit stack: derivations nest deeply. */
  private inputsFirst(paths: Iterable<string>): string[] {
    const done = new Set<string>();
    const order: string[] = [];
    const stack = [...paths].reverse().map((path) => ({ path, entered: false }));
    for (let top = stack.pop(); top; top = stack.pop()) {
      const pending = this.pending.get(top.path);
      if (!pending || done.has(top.path)) continue;
      if (top.entered) {
        done.add(top.path);
        order.push(top.path);
        continue;
      }
      stack.push({ path: top.path, entered: true });
      for (const path of pending.references) stack.push({ path, entered: false });
    }
    return order;
  }

  realise(elements: readonly string[]): ReadonlyMap<string, string> {
    const paths = elements.map(decodeContextElement).map((it) => (it.kind === 'opaque' ? it.path : it.drvPath));
    const unwritten = this.options.readOnly ? paths.find((path) => this.pending.has(path)) : undefined;
    if (unwritten !== undefined) throw new NixError(`path '${unwritten}' is not valid`, { class: 'InvalidPathError' });
    this.write(paths);
    const missing = elements.filter((element) => {
      const path = this.knownPath(element);
      return path === undefined || !this.store.pathInfo(path);
    });
    if (missing.length > 0) this.options.realise(missing);
    const realised = new Map<string, string>();
    for (const element of elements) {
      const path = this.knownPath(element);
      if (path !== undefined) realised.set(element, path);
    }
    return realised;
  }

  private knownPath(element: string): string | undefined {
    const decoded = decodeContextElement(element);
    if (decoded.kind === 'opaque') return decoded.path;
    if (decoded.kind === 'drvDeep') return decoded.drvPath;
    const output = this.readDerivation(decoded.drvPath).outputs.get(decoded.output);
    return (output && outputPath(output)) ?? this.store.derivationOutputs(decoded.drvPath).get(decoded.output);
  }

  fetch(request: FetchRequest): FetchResult {
    const key = JSON.stringify({ ...request, expected: request.expected && [...request.expected.digest] });
    let result = this.fetched.get(key);
    if (!result) this.fetched.set(key, (result = this.options.fetch(request)));
    return result;
  }

  /** What was fetched may have changed (the REPL's :reload). */
  forgetFetched(): void {
    this.fetched.clear();
  }
}
