/** A store as the store commands work on it: opened by root and settings, without anything of an evaluation. */
import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseStorePath } from '../../derivation/store-path.ts';
import { NixError } from '../../errors/nix-error.ts';
import { defaultRoot } from '../../store/local/layout.ts';
import { LocalStore } from '../../store/local/local-store.ts';
import { applySetting, type Settings } from '../settings.ts';
import { readSettings } from '../settings-files.ts';

export interface StoreAccessOptions {
  /** Directory that holds nix/store; by default `/` where it can be written, else one of the user's. */
  readonly storeRoot?: string | undefined;
  /** Settings, by name and text, over those of files and environment. */
  readonly settings?: readonly (readonly [string, string])[];
  readonly onMessage?: (text: string) => void;
}

export class StoreAccess {
  readonly store: LocalStore;
  readonly settings: Settings;
  /** What relative paths are relative to. */
  readonly directory = process.cwd();
  private readonly say: (text: string) => void;

  constructor(options: StoreAccessOptions) {
    this.say = options.onMessage ?? ((line) => process.stderr.write(`${line}\n`));
    this.settings = readSettings(process.env, (text) => this.warn(text));
    for (const [name, text] of options.settings ?? []) {
      const warning = applySetting(this.settings, name, text);
      if (warning !== undefined) this.warn(warning);
    }
    this.store = new LocalStore({
      root: options.storeRoot === undefined ? defaultRoot() : resolve(this.directory, options.storeRoot),
    });
  }

  /** A line for standard error. */
  message(text: string): void {
    this.say(text);
  }

  warn(text: string): void {
    this.say(`warning: ${text}`);
  }

  /** The store path that a path lies in, is, or links to (`./result`). It need not be valid. */
  storePath(text: string): string {
    let path = resolve(this.directory, text);
    for (;;) {
      const logical = this.store.logicalPath(path);
      const object = logical === undefined ? undefined : /^\/nix\/store\/[^/]+/.exec(logical)?.[0];
      if (object !== undefined) return parseStorePath(object, this.store.storeDir);
      const link = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined;
      if (link === undefined)
        throw new NixError(`path '${path}' is not in the Nix store`, {
          class: 'Error',
          hint: 'Name a path of the store, or a link to one (such as ./result).',
        });
      path = resolve(dirname(path), link);
    }
  }

  close(): void {
    this.store.close();
  }
}

/** Opens a store for the time of `use`. */
export async function withStore(
  options: StoreAccessOptions,
  use: (access: StoreAccess) => number | Promise<number>,
): Promise<number> {
  const access = new StoreAccess(options);
  try {
    return await use(access);
  } finally {
    access.close();
  }
}
