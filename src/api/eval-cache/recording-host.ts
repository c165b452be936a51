/**
 * A host that notes what an evaluation asks of another host, and what it was told. `observations` is undefined once
 * something was asked whose answer is different every time (builtins.currentTime): such an evaluation is not remembered.
 */
import { toHex } from '../../base/hash.ts';
import type { Derivation } from '../../derivation/derivation.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { AddPathOptions, FetchRequest, FetchResult, FileType, Host, HostStore } from '../../runtime/host.ts';
import {
  digestBytes,
  digestFailure,
  digestFetch,
  digestListing,
  digestOf,
  digestVariable,
  homeText,
  type Observation,
  type Question,
} from './observation.ts';

export class RecordingHost implements Host {
  readonly store: HostStore;
  private readonly host: Host;
  private readonly noted = new Map<string, Observation>();
  private repeatable = true;

  constructor(host: Host) {
    this.host = host;
    this.store = new RecordingStore(host.store, this);
  }

  get observations(): Observation[] | undefined {
    return this.repeatable ? [...this.noted.values()] : undefined;
  }

  readFile(path: string): Uint8Array {
    return this.note(['file', path], () => this.host.readFile(path), digestBytes);
  }

  fileState(path: string): string | undefined {
    return this.host.fileState?.(path);
  }

  fileKnown(path: string, sha256: Uint8Array): void {
    const key = `file ${path}`;
    if (!this.noted.has(key)) this.noted.set(key, ['file', path, digestOf(sha256)]);
  }

  fileType(path: string): FileType | undefined {
    return this.note(
      ['type', path],
      () => this.host.fileType(path),
      (type) => type ?? 'none',
    );
  }

  readDirectory(path: string): ReadonlyMap<string, FileType> {
    return this.note(['directory', path], () => this.host.readDirectory(path), digestListing);
  }

  readLink(path: string): string {
    return this.note(
      ['link', path],
      () => this.host.readLink(path),
      (target) => target,
    );
  }

  realPath(path: string): string {
    return this.note(
      ['real', path],
      () => this.host.realPath(path),
      (real) => real,
    );
  }

  getEnv(name: string): string | undefined {
    return this.note(['env', name], () => this.host.getEnv(name), digestVariable);
  }

  homeDirectory(): string | undefined {
    return this.note(['home'], () => this.host.homeDirectory(), homeText);
  }

  currentTime(): number {
    this.repeatable = false;
    return this.host.currentTime();
  }

  message(kind: 'trace' | 'warning' | 'notice', text: string): void {
    this.host.message(kind, text);
  }

  /** Asks, and notes the first answer to each question. */
  note<T>(question: Question, ask: () => T, digest: (answer: T) => string, key = question.join(' ')): T {
    const known = this.noted.has(key);
    try {
      const answer = ask();
      if (!known) this.noted.set(key, [...question, digest(answer)] as unknown as Observation);
      return answer;
    } catch (error) {
      if (!known && error instanceof NixError)
        this.noted.set(key, [...question, digestFailure(error)] as unknown as Observation);
      throw error;
    }
  }
}

class RecordingStore implements HostStore {
  readonly storeDir: string;
  private readonly store: HostStore;
  private readonly recorder: RecordingHost;
  private sources = 0;
  /** Added by this very evaluation: no news from outside. */
  private readonly own = new Set<string>();

  constructor(store: HostStore, recorder: RecordingHost) {
    this.store = store;
    this.recorder = recorder;
    this.storeDir = store.storeDir;
  }

  addPath(options: AddPathOptions): string {
    const { path, name, method, filter, expected } = options;
    const decisions: Record<string, boolean> | undefined = filter ? {} : undefined;
    const watched =
      filter &&
      ((inner: string, type: FileType) => {
        const decision = filter(inner, type);
        decisions![`${type} ${inner}`] = decision;
        return decision;
      });
    const question = {
      path,
      name,
      method,
      decisions,
      expected: expected && ([expected.algorithm, toHex(expected.digest)] as const),
    };
    return this.recorder.note(
      ['source', question],
      () => this.store.addPath({ ...options, ...(watched ? { filter: watched } : {}) }),
      (storePath) => storePath,
      // With a filter each call is a question of its own: filters are functions, and cannot be compared.
      `source ${filter ? this.sources++ : JSON.stringify(question)}`,
    );
  }

  addText(name: string, text: string, references: readonly string[]): string {
    const path = this.store.addText(name, text, references);
    this.own.add(path);
    return path;
  }

  addDerivation(drv: Derivation): string {
    const path = this.store.addDerivation(drv);
    this.own.add(path);
    return path;
  }

  /** What a store path holds never changes; that it is there is another matter. */
  readDerivation(drvPath: string): Derivation {
    if (!this.own.has(drvPath)) this.isValidPath(drvPath);
    return this.store.readDerivation(drvPath);
  }

  isValidPath(path: string): boolean {
    if (this.own.has(path)) return true;
    return this.recorder.note(['valid', path], () => this.store.isValidPath(path), String);
  }

  ensurePath(path: string): void {
    this.store.ensurePath(path);
    this.isValidPath(path);
  }

  references(path: string): readonly string[] {
    if (!this.own.has(path)) this.isValidPath(path);
    return this.store.references(path);
  }

  realise(elements: readonly string[]): ReadonlyMap<string, string> {
    const paths = this.store.realise(elements);
    for (const path of paths.values()) this.isValidPath(path);
    return paths;
  }

  fetch(request: FetchRequest): FetchResult {
    const expected = request.expected && ([request.expected.algorithm, toHex(request.expected.digest)] as const);
    const question: Question = ['fetch', { ...request, expected }];
    return this.recorder.note(question, () => this.store.fetch(request), digestFetch, JSON.stringify(question));
  }
}
