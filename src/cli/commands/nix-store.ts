/**
 * nix-store: asks and changes the store. One flag, wherever it stands, says which operation is meant; the other words are
 * its flags and arguments. As `nixlet store` the operation may also be its first word: `nixlet store gc`.
 * Source: Nix manual, "nix-store".
 */
import { NixError } from '../../errors/nix-error.ts';
import type { Invocation } from '../main.ts';
import { type Flag, splitShortFlags } from '../options.ts';
import { writeOut } from '../terminal.ts';

type Run = (invocation: Invocation) => Promise<number> | number;

interface Operation {
  readonly names: readonly string[];
  readonly doc: string;
  readonly load: () => Promise<Run>;
}

const operations: readonly Operation[] = [
  {
    names: ['--realise', '--realize', '-r'],
    doc: 'build derivations, fetch paths',
    load: async () => (await import('../nix-store/realise.ts')).realise,
  },
  {
    names: ['--query', '-q'],
    doc: 'what the store knows of paths',
    load: async () => (await import('../nix-store/query.ts')).query,
  },
  { names: ['--add', '-A'], doc: 'add files', load: async () => (await import('../nix-store/add.ts')).add },
  {
    names: ['--add-fixed'],
    doc: 'add files as fixed outputs',
    load: async () => (await import('../nix-store/add.ts')).addFixed,
  },
  {
    names: ['--print-fixed-path'],
    doc: 'the path that fixed content would have',
    load: async () => (await import('../nix-store/add.ts')).printFixedPath,
  },
  {
    names: ['--delete'],
    doc: 'delete paths that nothing needs',
    load: async () => (await import('../nix-store/garbage.ts')).deletePaths,
  },
  {
    names: ['--gc'],
    doc: 'delete everything that nothing needs',
    load: async () => (await import('../nix-store/garbage.ts')).collectGarbage,
  },
  {
    names: ['--optimise', '--optimize'],
    doc: 'says how to share identical files',
    load: async () => (await import('../nix-store/garbage.ts')).optimise,
  },
  {
    names: ['--verify'],
    doc: 'look for damage',
    load: async () => (await import('../nix-store/validity.ts')).verifyAll,
  },
  {
    names: ['--verify-path'],
    doc: 'compare paths with their hashes',
    load: async () => (await import('../nix-store/validity.ts')).verifyPaths,
  },
  {
    names: ['--repair-path'],
    doc: 'not there yet',
    load: async () => (await import('../nix-store/no-repair.ts')).repairPath,
  },
  {
    names: ['--check-validity'],
    doc: 'are the paths valid?',
    load: async () => (await import('../nix-store/validity.ts')).checkPaths,
  },
  {
    names: ['--dump'],
    doc: 'write files as a NAR to standard output',
    load: async () => (await import('../nix-store/archive.ts')).dump,
  },
  {
    names: ['--restore'],
    doc: 'make files from a NAR on standard input',
    load: async () => (await import('../nix-store/archive.ts')).restore,
  },
  {
    names: ['--export'],
    doc: 'write paths for --import to standard output',
    load: async () => (await import('../nix-store/archive.ts')).exportStream,
  },
  {
    names: ['--import'],
    doc: 'add what --export wrote',
    load: async () => (await import('../nix-store/archive.ts')).importStream,
  },
  {
    names: ['--dump-db'],
    doc: 'print what is recorded of paths',
    load: async () => (await import('../nix-store/validity.ts')).dumpDb,
  },
  {
    names: ['--load-db'],
    doc: 'take over what --dump-db printed',
    load: async () => (await import('../nix-store/validity.ts')).loadDb,
  },
  {
    names: ['--register-validity'],
    doc: 'make files of the store valid',
    load: async () => (await import('../nix-store/validity.ts')).registerValidity,
  },
  { names: ['--init'], doc: 'accepted; a store makes itself', load: async () => () => 0 },
  {
    names: ['--print-env'],
    doc: "a derivation's variables for a shell",
    load: async () => (await import('../nix-store/derivation.ts')).printEnv,
  },
  {
    names: ['--read-log', '-l'],
    doc: 'the log of a build',
    load: async () => (await import('../nix-store/derivation.ts')).readLog,
  },
];

/** Flags whose letters may stand together in one word: `-qR`, `-rvv`. */
const letters: Flag<unknown> = {
  names: [...operations.flatMap((operation) => operation.names), '-R', '-d', '-u', '-f', '-v', '-k', '-K', '-Q'],
  doc: '',
  apply() {},
};

export async function run({ program, args }: Invocation): Promise<number> {
  const words = splitShortFlags([letters], operationAsFlag(program, args));
  const found = new Set(operations.filter((operation) => operation.names.some((name) => words.includes(name))));
  const [operation, second] = found;
  if (second) throw new NixError('only one operation may be specified', { class: 'UsageError' });
  if (!operation) {
    if (words.includes('--help')) return help(program);
    throw new NixError('no operation specified', {
      class: 'UsageError',
    });
  }
  const rest = words.filter((word) => !operation.names.includes(word));
  const runOperation = await operation.load();
  return runOperation({ program: `${program} ${operation.names[0]}`, args: rest });
}

/** `nixlet store gc` is `nixlet store --gc`. */
function operationAsFlag(program: string, args: readonly string[]): readonly string[] {
  const flag = `--${args[0]}`;
  const known = operations.some((operation) => operation.names.includes(flag));
  return program === 'store' && known ? [flag, ...args.slice(1)] : args;
}

function help(program: string): number {
  const width = Math.max(...operations.map(({ names }) => names.join(', ').length));
  const rows = operations.map(({ names, doc }) => `  ${names.join(', ').padEnd(width)}  ${doc}`);
  writeOut(`Usage: ${program} OPERATION [FLAG...] [ARGUMENT...]\n\n${rows.join('\n')}\n
${program} OPERATION --help lists the flags of an operation.\n`);
  return 0;
}
