/**
 * The store half of the Node host. While an expression is evaluated nothing is written that a mere evaluation does not
 * need: store paths are computed, derivations and texts are kept in memory. `write` puts all of them into the store at
 * once, inputs first. Sources (`src = ./.`) are copied when they are met, unless the evaluation is read-only, because
 * nobody could say later that they are still the same.
 */
import { readFileSync } from 'node:fs';
import { encodeBytes } from '../base/bytes.ts';
import { type HashAlgorithm, hashBytes } from '../base/hash.ts';
import type { Derivation } from '../derivation/derivation.ts';
import { contentAddressedPath, printContentAddress } from '../derivation/content-address.ts';
import { equalDigests, type Hash, printHash } from '../derivation/hash-string.ts';
import { derivationFile, outputPath } from '../derivation/output-paths.ts';
import { textPath } from '../derivation/store-path.ts';
import { NixError } from '../errors/nix-error.ts';
import { decodeContextElement } from '../runtime/context.ts';
import type { AddPathOptions, FetchRequest, FetchResult, HostStore } from '../runtime/host.ts';
import { dumpPath, hashPath } from '../store/nar/dump.ts';
import { narOfTree } from '../store/nar/tree.ts';
import { readDerivation, type Store } from '../store/store.ts';
import { fileError, type NodeFiles } from './node-files.ts';

/** What waits for `write`, in the order in which it was made: inputs come before what uses them. */
interface PendingText {
  readonly text: string;
  readonly references: readonly string[];
}

export interface NodeStoreOptions {
  readonly files: NodeFiles;
  /** Opened on first use: many evaluations never ask the store for anything. */
  readonly open: () => Store;
  readonly readOnly: boolean;
  /** Builds and fetches, synchronously (import from derivation): output paths of 'built' elements, by element. */
  readonly realise: (elements: readonly string[]) => ReadonlyMap<string, string>;
  readonly fetch: (request: FetchRequest) => FetchResult;
}

export class NodeStore implements HostStore {
  readonly storeDir = '/nix/store';
  private readonly options: NodeStoreOptions;
  private opened: Store | undefined;
  private readonly pending = new Map<string, PendingText>();
  private readonly derivations = new Map<string, Derivation>();
  /** Computed but not copied (read-only evaluation). */
  private readonly computed = new Set<string>();

  constructor(options: NodeStoreOptions) {
    this.options = options;
  }

  get store(): Store {
    this.opened ??= this.options.open();
    return this.opened;
  }

  addPath({ path, name, method, filter, expected }: AddPathOptions): string {
    if (method !== 'nar' && method !== 'flat')
      throw new NixError(`cannot add path '${path}' to the store with method '${method}'`, { class: 'StoreError' });
    const algorithm = expected?.algorithm ?? 'sha256';
    if (expected) {
      const wanted = contentAddressedPath(name, { method, hash: expected });
      if (this.isValidPath(wanted)) return wanted;
    }
    const physical = String(this.options.files.physical(path));
    // The filter sees the path that the expression named, wherever the store's files lie.
    const shown = filter && physical !== path ? (p: string, t: Parameters<typeof filter>[1]) => filter(path + p.slice(physical.length), t) : filter;
    const digest = contentDigest(physical, method, algorithm, shown);
    const hash = { algorithm, digest };
    if (expected && !equalDigests(digest, expected.digest))
      throw new NixError(
        `hash mismatch in path '${path}':\n  specified: ${printHash(expected, 'sri')}\n     got:    ${printHash(hash, 'sri')}`,
        { class: 'StoreError', exitCode: 102 },
      );
    const storePath = contentAddressedPath(name, { method, hash });
    if (this.options.readOnly) {
      this.computed.add(storePath);
      return storePath;
    }
    this.store.addNar(
      { path: storePath, references: [], ca: printContentAddress({ method, hash }) },
      method === 'nar' ? dumpPath(physical, shown) : dumpPath(physical),
    );
    return storePath;
  }

  addText(name: string, text: string, references: readonly string[]): string {
    const path = textPath(name, text, references);
    if (!this.pending.has(path)) this.pending.set(path, { text, references });
    return path;
  }

  addDerivation(drv: Derivation): string {
    const { path, references, text } = derivationFile(drv);
    if (!this.derivations.has(path)) {
      this.derivations.set(path, drv);
      this.pending.set(path, { text, references });
    }
    return path;
  }

  readDerivation(drvPath: string): Derivation {
    return this.derivations.get(drvPath) ?? readDerivation(this.store, drvPath);
  }

  isValidPath(path: string): boolean {
    return this.pending.has(path) || this.computed.has(path) || this.store.pathInfo(path) !== undefined;
  }

  /** The text of a path that is only in memory yet. */
  pendingText(path: string): Uint8Array | undefined {
    const pending = this.pending.get(path);
    return pending && encodeBytes(pending.text);
  }

  /** Writes these paths, and whatever of memory they refer to, into the store; without argument everything. */
  write(paths: Iterable<string> = this.pending.keys()): void {
    const done = new Set<string>();
    // An explicit stack: derivations nest deeply.
    const stack: { path: string; entered: boolean }[] = [...paths].reverse().map((path) => ({ path, entered: false }));
    for (let top = stack.pop(); top; top = stack.pop()) {
      const pending = this.pending.get(top.path);
      if (!pending || done.has(top.path)) continue;
      if (!top.entered) {
        stack.push({ path: top.path, entered: true });
        for (const reference of pending.references) stack.push({ path: reference, entered: false });
        continue;
      }
      done.add(top.path);
      this.writeText(top.path, pending);
      this.pending.delete(top.path);
    }
  }

  private writeText(path: string, { text, references }: PendingText): void {
    if (this.store.pathInfo(path)) return;
    const bytes = encodeBytes(text);
    const ca = printContentAddress({ method: 'text', hash: textHash(bytes) });
    this.store.addNar({ path, references, ca }, narOfTree({ type: 'regular', executable: false, contents: bytes }));
  }

  realise(elements: readonly string[]): ReadonlyMap<string, string> {
    const roots = elements.map(decodeContextElement).map((e) => (e.kind === 'opaque' ? e.path : e.drvPath));
    this.write(roots);
    const built = elements.filter((element) => !this.isRealised(element));
    const known = new Map<string, string>();
    for (const element of elements) {
      const path = this.knownPath(element);
      if (path !== undefined) known.set(element, path);
    }
    if (built.length > 0) for (const [element, path] of this.options.realise(built)) known.set(element, path);
    return known;
  }

  private knownPath(element: string): string | undefined {
    const decoded = decodeContextElement(element);
    if (decoded.kind === 'opaque') return decoded.path;
    if (decoded.kind === 'drvDeep') return decoded.drvPath;
    const output = this.readDerivation(decoded.drvPath).outputs.get(decoded.output);
    return output && outputPath(output);
  }

  private isRealised(element: string): boolean {
    const path = this.knownPath(element);
    return path !== undefined && (this.store.pathInfo(path) !== undefined || this.computed.has(path));
  }

  fetch(request: FetchRequest): FetchResult {
    return this.options.fetch(request);
  }
}

/** SHA-256 and its like of a file's content, or of the NAR of what is there. */
function contentDigest(path: string, method: 'flat' | 'nar', algorithm: HashAlgorithm, filter: AddPathOptions['filter']): Uint8Array {
  if (method === 'nar') return hashPath(path, algorithm, filter).digest;
  try {
    return hashBytes(algorithm, readFileSync(path));
  } catch (error) {
    throw fileError(error, path);
  }
}

function textHash(bytes: Uint8Array): Hash {
  return { algorithm: 'sha256', digest: hashBytes('sha256', bytes) };
}
