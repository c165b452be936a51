/** nix-store --gc, --delete, --optimise: making room. Source: Nix manual. */
import {
  type CollectRequest,
  collect,
  deleteAnyway,
  garbage,
  garbageRoots,
  livingPaths,
} from '../../api/store/maintenance.ts';
import { withStore } from '../../api/store/store-access.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { Invocation } from '../main.ts';
import type { Flag } from '../options.ts';
import { writeError, writeOut } from '../terminal.ts';
import { accessOptions, readStoreWords, type StoreOptions } from './store-flags.ts';

interface GcOptions {
  print: 'roots' | 'live' | 'dead' | undefined;
  maxFreed: number | undefined;
}

type Options = StoreOptions & GcOptions;

const flags: readonly Flag<Options>[] = [
  { names: ['--print-roots'], doc: 'print the roots, delete nothing', apply: (o) => void (o.print = 'roots') },
  { names: ['--print-live'], doc: 'print what is alive, delete nothing', apply: (o) => void (o.print = 'live') },
  { names: ['--print-dead'], doc: 'print what would go, delete nothing', apply: (o) => void (o.print = 'dead') },
  {
    names: ['--max-freed'],
    values: ['BYTES'],
    doc: 'stop once so many bytes are free (K, M, G, T may follow)',
    apply: (o, text) => void (o.maxFreed = bytes(text!)),
  },
];

export function collectGarbage(invocation: Invocation): Promise<number> | number {
  const read = readStoreWords<GcOptions>(invocation, '', { print: undefined, maxFreed: undefined }, flags);
  if (!read) return 0;
  const { options, words } = read;
  if (words.length > 0) throw new NixError('no arguments expected', { class: 'UsageError' });
  if (options.print && options.maxFreed !== undefined)
    throw new NixError('option --max-freed cannot be combined with --print-live, --print-dead, or --print-roots', {
      class: 'UsageError',
    });
  return withStore(accessOptions(options), async (access) => {
    switch (options.print) {
      case 'roots':
        for (const { from, path } of garbageRoots(access)) writeOut(`${from} -> ${path}\n`);
        break;
      case 'live':
        for (const path of livingPaths(access)) writeOut(`${path}\n`);
        break;
      case 'dead':
        for (const path of garbage(access)) writeOut(`${path}\n`);
        break;
      default:
        writeOut(`${await collect(access, { maxFreed: options.maxFreed })}\n`);
    }
    return 0;
  });
}

const deleteFlags: readonly Flag<StoreOptions & { anyway: boolean }>[] = [
  { names: ['--ignore-liveness'], doc: 'even if a root reaches them', apply: (o) => void (o.anyway = true) },
];

export function deletePaths(invocation: Invocation): Promise<number> | number {
  const read = readStoreWords(invocation, 'PATH...', { anyway: false }, deleteFlags);
  if (!read) return 0;
  return withStore(accessOptions(read.options), async (access) => {
    const only = read.words.map((word) => access.storePath(word));
    const request: CollectRequest = { only };
    writeOut(`${read.options.anyway ? deleteAnyway(access, only) : await collect(access, request)}\n`);
    return 0;
  });
}

export function optimise(): number {
  writeError(
    'warning: nixlet does not link identical files of the store to each other: nothing was done.\n' +
      '         Where that matters, put the store on a file system that shares blocks (Btrfs, XFS), or run\n' +
      "         C++ Nix's `nix-store --optimise` on it; it is a store that Nix accepts.",
  );
  return 0;
}

const units: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

function bytes(text: string): number {
  const match = /^(-?\d+)([KMGT]?)$/i.exec(text);
  if (!match) throw new NixError(`'${text}' is not an integer`, { class: 'UsageError' });
  return Math.max(0, Number(match[1]) * (units[match[2]!.toUpperCase()] ?? 1));
}
