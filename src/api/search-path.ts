/**
 * Where <nixpkgs> and its like are looked up. In order: -I, the setting nix-path (which NIX_PATH overrides), the channels of
 * the user and of root; and behind all of them the embedded package set, as <nixpkgs>. Pure evaluation has none of them,
 * restricted evaluation no channels.
 *
 * Who has set a search path finds exactly that, and the channels, in builtins.nixPath: the embedded set is then not one of
 * its entries. Who has set an empty NIX_PATH does not get it at all.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { homeOf } from '../store/home.ts';
import type { Environment } from './settings-files.ts';

export interface SearchPathEntry {
  /** `nixpkgs` in `nixpkgs=/x`; empty for a plain directory. */
  readonly prefix: string;
  /** A path, or a URL / channel: / flake: reference, as given. */
  readonly path: string;
}

function parseSearchPathEntry(text: string): SearchPathEntry {
  const equals = text.indexOf('=');
  return equals < 0 ? { prefix: '', path: text } : { prefix: text.slice(0, equals), path: text.slice(equals + 1) };
}

const reference = /^(?:channel|flake):|^(?:https?|file|channel|git|s3|ssh):\/\//;

/** Splits NIX_PATH at its colons. The first colon of a URL, channel: or flake: is no separator; that before a port is. */
export function splitNixPath(text: string): string[] {
  const entries: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf(':', start);
    if (end >= 0) {
      const value = text.lastIndexOf('=', end) + 1;
      if (reference.test(text.slice(Math.max(start, value)))) end = text.indexOf(':', end + 1);
    }
    if (end < 0) end = text.length;
    entries.push(text.slice(start, end));
    start = end + 1;
  }
  // It becomes the text of a setting that is a list of words.
  return entries.flatMap((entry) => entry.split(/\s+/)).filter((entry) => entry !== '');
}

export interface SearchPathInputs {
  /** -I, in order. */
  readonly includes: readonly string[];
  /** The setting, which NIX_PATH has gone into. */
  readonly nixPath: readonly string[];
  /** Is NIX_PATH in the environment? */
  readonly fromEnvironment: boolean;
  readonly mode: 'pure' | 'restricted' | 'open';
  readonly env: Environment;
  /** The setting use-xdg-base-directories. */
  readonly xdg: boolean;
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
  const { nixPath, fromEnvironment, mode } = inputs;
  if (mode === 'pure') return { entries: [], last: [] };
  const entries = [...inputs.includes, ...nixPath].map(parseSearchPathEntry);
  if (mode === 'open') entries.push(...channels(inputs.env, inputs.xdg));
  const embedded = { prefix: 'nixpkgs', path: inputs.embedded };
  const lock = inputs.lock === undefined ? [] : [{ prefix: 'nixlet-lock', path: inputs.lock }];
  if (nixPath.length > 0) return { entries, last: [embedded, ...lock] };
  return { entries: fromEnvironment ? entries : [...entries, embedded], last: lock };
}

function channels(env: Environment, xdg: boolean): SearchPathEntry[] {
  const home = homeOf(env);
  const state = env.NIX_STATE_HOME ?? join(env.XDG_STATE_HOME || join(home, '.local', 'state'), 'nix');
  const root = join(env.NIX_STATE_DIR || '/nix/var/nix', 'profiles', 'per-user', 'root', 'channels');
  const entries = [
    { prefix: '', path: join(xdg ? join(state, 'defexpr') : join(home, '.nix-defexpr'), 'channels') },
    { prefix: 'nixpkgs', path: join(root, 'nixpkgs') },
    { prefix: '', path: root },
  ];
  return entries.filter((entry) => existsSync(entry.path));
}
