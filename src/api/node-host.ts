/**
 * The Node host: real files, the environment, the clock, and the store. What stands on `/nix/store` only in memory yet
 * (toFile, derivations of this evaluation) can be read like a file.
 */
import { NixError } from '../errors/nix-error.ts';
import type { FileType, Host } from '../runtime/host.ts';
import { homeOf, noHome } from '../store/home.ts';
import type { NodeFiles } from './node-files.ts';
import type { NodeStore } from './node-store.ts';

export type MessageKind = 'trace' | 'warning' | 'notice';

export class NodeHost implements Host {
  readonly files: NodeFiles;
  readonly store: NodeStore;
  private readonly print: (kind: MessageKind, text: string) => void;
  private readonly startedAt = Math.floor(Date.now() / 1000);

  constructor(files: NodeFiles, store: NodeStore, print: (kind: MessageKind, text: string) => void) {
    this.files = files;
    this.store = store;
    this.print = print;
  }

  readFile(path: string): Uint8Array {
    return this.store.pendingText(path) ?? this.files.readFile(path);
  }

  fileState(path: string): string | undefined {
    return this.store.pendingText(path) ? undefined : this.files.fileState(path);
  }

  fileType(path: string): FileType | undefined {
    return this.store.pendingText(path) ? 'regular' : this.files.fileType(path);
  }

  readDirectory(path: string): ReadonlyMap<string, FileType> {
    return this.files.readDirectory(path);
  }

  readLink(path: string): string {
    return this.files.readLink(path);
  }

  realPath(path: string): string {
    return this.store.pendingText(path) ? path : this.files.realPath(path);
  }

  getEnv(name: string): string | undefined {
    return process.env[name];
  }

  currentTime(): number {
    return this.startedAt;
  }

  homeDirectory(): string {
    const home = process.env.HOME ?? homeOf({});
    if (!home.startsWith('/') || home === noHome)
      throw new NixError('cannot determine your home directory', { hint: 'Set HOME to an absolute path.' });
    return home;
  }

  message(kind: MessageKind, text: string): void {
    this.print(kind, text);
  }
}
