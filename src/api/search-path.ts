/**
 * Where <nixpkgs> and its like are looked up. In order: -I, then NIX_PATH (or the nix-path setting) where it is set, else
 * the channels of the user and of root; and behind all of them the embedded package set, as <nixpkgs>. An empty NIX_PATH
 * means, as in Nix, no search path at all.
 *
 * Who has set a search path finds exactly that in builtins.nixPath: the embedded set is then not one of its entries.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface SearchPathEntry {
  /** `nixpkgs` in `nixpkgs=/x`; empty for a plain directory. */
  readonly prefix: string;
  /** An absolute path, or a URL / channel: / flake: reference, as given. */
  readonly path: string;
}

const reference = /^(?:channel|flake):|^[a-zA-Z][a-zA-Z0-9+.-]*:\/\//;

export function parseSearchPathEntry(text: string, directory: string): SearchPathEntry {
  const equals = text.indexOf('=');
  const prefix = equals >= 0 ? text.slice(0, equals) : '';
  const path = equals >= 0 ? text.slice(equals + 1) : text;
  return { prefix, path: reference.test(path) ? path : resolve(directory, path) };
}

/** Splits NIX_PATH at its colons; the colon of a URL or of channel: is no separator. */
export function splitNixPath(text: string): string[] {
  const entries: string[] = [];
  let current = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === ':') {
      const body = current.slice(current.indexOf('=') + 1);
      const isReference = text.startsWith('//', i + 1) || body === 'channel' || body === 'flake';
      if (!isReference) {
        entries.push(current);
        current = '';
        continue;
      }
    }
    current += text[i];
  }
  entries.push(current);
  return entries.filter((entry) => entry !== '');
}

export interface SearchPathInputs {
  /** -I, in order. */
  readonly includes: readonly string[];
  readonly nixPath: string | undefined;
  readonly setting: readonly string[];
  readonly home: string | undefined;
  readonly directory: string;
  /** Directory of the embedded package set. */
  readonly embedded: string;
  /** The user's own lock for that set (user-lock.ts), where there is one: the set looks for it as <nixlet-lock>. */
  readonly lock: string | undefined;
}

export interface SearchPath {
  readonly entries: readonly SearchPathEntry[];
  /** Looked at where no entry has the file. */
  readonly last: readonly SearchPathEntry[];
}

export function searchPath(inputs: SearchPathInputs): SearchPath {
  const parse = (text: string) => parseSearchPathEntry(text, inputs.directory);
  const entries = inputs.includes.map(parse);
  const embedded = { prefix: 'nixpkgs', path: inputs.embedded };
  const lock = inputs.lock === undefined ? [] : [{ prefix: 'nixlet-lock', path: inputs.lock }];
  if (inputs.nixPath === '') return { entries, last: lock };
  if (inputs.nixPath !== undefined) entries.push(...splitNixPath(inputs.nixPath).map(parse));
  else if (inputs.setting.length > 0) entries.push(...inputs.setting.map(parse));
  else return { entries: [...entries, ...channels(inputs.home), embedded], last: lock };
  return { entries, last: [embedded, ...lock] };
}

function channels(home: string | undefined): SearchPathEntry[] {
  const root = '/nix/var/nix/profiles/per-user/root/channels';
  const entries = [
    { prefix: '', path: home === undefined ? '' : join(home, '.nix-defexpr', 'channels') },
    { prefix: 'nixpkgs', path: join(root, 'nixpkgs') },
    { prefix: '', path: root },
  ];
  return entries.filter((entry) => entry.path !== '' && existsSync(entry.path));
}
