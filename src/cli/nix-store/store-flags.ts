/** Flags that every operation of nix-store has: those of building commands that are not about evaluating. */
import { readFileSync } from 'node:fs';
import type { StoreAccessOptions } from '../../api/store/store-access.ts';
import { type BuildOptions, buildFlags, buildOptions } from '../common-flags.ts';
import type { Invocation } from '../main.ts';
import { describeFlags, type Flag, readFlags, splitShortFlags } from '../options.ts';
import { writeError, writeOut } from '../terminal.ts';

export interface StoreOptions extends BuildOptions {
  /** --add-root */
  root: string | undefined;
  noOutput: boolean;
  /** Read further arguments from standard input. */
  stdin: boolean;
}

const shared = new Set(
  (
    '--option --store -v --quiet --help -j --cores --timeout --max-silent-time --log-lines -k -K --fallback ' +
    '--no-sandbox -Q --system --debian-mirror -L --log-format --builders --extra-experimental-features'
  ).split(' '),
);

const storeFlags: readonly Flag<StoreOptions>[] = [
  ...(buildFlags.filter((flag) => flag.names.some((name) => shared.has(name))) as readonly Flag<StoreOptions>[]),
  {
    names: ['--add-root'],
    values: ['PATH'],
    doc: 'link the result here, as a root of the garbage collector',
    apply: (o, path) => void (o.root = path),
  },
  { names: ['--indirect'], doc: 'accepted; roots are indirect', apply: () => {} },
  { names: ['--no-output'], doc: 'do not print paths', apply: (o) => void (o.noOutput = true) },
  { names: ['--stdin'], doc: 'read further arguments from standard input', apply: (o) => void (o.stdin = true) },
];

/**
 * Reads the words after an operation; `undefined`: help was asked for, and has been printed. `usage`: what follows the flags.
 */
export function readStoreWords<Extra extends object>(
  { program, args }: Invocation,
  usage: string,
  extra: Extra,
  flags: readonly Flag<StoreOptions & Extra>[] = [],
): { readonly options: StoreOptions & Extra; readonly words: string[] } | undefined {
  const options = { ...buildOptions(), root: undefined, noOutput: false, stdin: false, ...extra };
  const all = [...flags, ...(storeFlags as readonly Flag<StoreOptions & Extra>[])];
  const words = readFlags(all, splitShortFlags(all, args), options);
  if (options.help) {
    writeOut(`Usage: ${program} [FLAG...] ${usage}\n\n${describeFlags(all)}\n`);
    return undefined;
  }
  if (options.stdin && !process.stdin.isTTY)
    words.push(
      ...readFileSync(0, 'utf8')
        .split(/\s+/)
        .filter((word) => word !== ''),
    );
  return { options, words };
}

export function accessOptions({ storeRoot, settings }: StoreOptions): StoreAccessOptions {
  return { storeRoot, settings, onMessage: writeError };
}
