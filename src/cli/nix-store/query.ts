/**
 * nix-store --query: what the store knows of paths. Exactly one question; without one, --outputs.
 * Source: Nix manual, "nix-store --query".
 */
import { type StoreAccess, withStore } from '../../api/store/store-access.ts';
import { StoreQueries, textBytes } from '../../api/store-queries.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { Invocation } from '../main.ts';
import type { Flag } from '../options.ts';
import { writeOut } from '../terminal.ts';
import { dotGraph, graphMl, referenceTree } from './graphs.ts';
import { accessOptions, readStoreWords, type StoreOptions } from './store-flags.ts';

type Question =
  | 'outputs'
  | 'requisites'
  | 'references'
  | 'referrers'
  | 'referrersClosure'
  | 'deriver'
  | 'validDerivers'
  | 'binding'
  | 'hash'
  | 'size'
  | 'tree'
  | 'graph'
  | 'graphMl'
  | 'resolve'
  | 'roots';

interface QueryOptions {
  question: Question | undefined;
  binding: string;
  useOutput: boolean;
  includeOutputs: boolean;
  forceRealise: boolean;
}

type Options = StoreOptions & QueryOptions;

function question(names: string[], asked: Question, doc: string): Flag<Options> {
  return { names, doc, apply: (options) => ask(options, asked, names[0]!) };
}

function ask(options: QueryOptions, asked: Question, flag: string): void {
  if (options.question !== undefined && options.question !== asked)
    throw new NixError(`query type '${flag}' conflicts with earlier flag`, { class: 'UsageError' });
  options.question = asked;
}

const flags: readonly Flag<Options>[] = [
  question(['--outputs'], 'outputs', 'the outputs of derivations'),
  question(['--requisites', '-R'], 'requisites', 'the closure: everything that the paths need'),
  question(['--references'], 'references', 'what the paths refer to'),
  question(['--referrers', '--referers'], 'referrers', 'what refers to the paths'),
  question(['--referrers-closure', '--referers-closure'], 'referrersClosure', 'everything that needs the paths'),
  question(['--deriver', '-d'], 'deriver', 'the derivation that each path was built from'),
  question(['--valid-derivers'], 'validDerivers', 'the derivations in the store that have the path as an output'),
  {
    names: ['--binding', '-b'],
    values: ['NAME'],
    doc: 'the variable NAME of the derivation',
    apply: (o, name) => {
      ask(o, 'binding', '--binding');
      o.binding = name!;
    },
  },
  question(['--hash'], 'hash', 'the hash of the contents (NAR)'),
  question(['--size'], 'size', 'the size of the contents (NAR) in bytes'),
  question(['--tree'], 'tree', 'the references as a tree'),
  question(['--graph'], 'graph', "the references as a graph for Graphviz' dot"),
  question(['--graphml'], 'graphMl', 'the references as a GraphML graph'),
  question(['--resolve'], 'resolve', 'the store path that a link leads to'),
  question(['--roots'], 'roots', 'the roots of the garbage collector that keep the paths'),
  { names: ['--use-output', '-u'], doc: 'of a derivation, mean its outputs', apply: (o) => void (o.useOutput = true) },
  {
    names: ['--include-outputs'],
    doc: 'with the outputs of derivations',
    apply: (o) => void (o.includeOutputs = true),
  },
  {
    names: ['--force-realise', '--force-realize', '-f'],
    doc: 'realise the paths first',
    apply: (o) => void (o.forceRealise = true),
  },
];

export function query(invocation: Invocation): Promise<number> | number {
  const read = readStoreWords<QueryOptions>(
    invocation,
    'PATH...',
    { question: undefined, binding: '', useOutput: false, includeOutputs: false, forceRealise: false },
    flags,
  );
  if (!read) return 0;
  const { options, words } = read;
  return withStore(accessOptions(options), async (access) => {
    const paths = words.map((word) => access.storePath(word));
    if (options.forceRealise) await realiseFirst(access, paths, options);
    for (const line of answer(new StoreQueries(access), options, paths)) writeOut(textBytes(`${line}\n`));
    return 0;
  });
}

function* answer(queries: StoreQueries, options: Options, paths: readonly string[]): Generator<string> {
  const meant = () => (options.useOutput ? paths.flatMap((path) => queries.outputs(path)) : paths);
  switch (options.question ?? 'outputs') {
    case 'outputs':
      for (const path of paths) yield* queries.outputs(path);
      return;
    case 'requisites':
      yield* queries.requisites(meant(), options.includeOutputs);
      return;
    case 'references':
      yield* queries.references(meant());
      return;
    case 'referrers':
      yield* queries.referrers(meant());
      return;
    case 'referrersClosure':
      yield* queries.referrersClosure(meant());
      return;
    case 'deriver':
      for (const path of paths) yield queries.deriver(path) ?? 'unknown-deriver';
      return;
    case 'validDerivers':
      yield* queries.validDerivers(paths);
      return;
    case 'binding':
      for (const path of paths) yield queries.binding(path, options.binding);
      return;
    case 'hash':
      for (const path of meant()) yield queries.hash(path);
      return;
    case 'size':
      for (const path of meant()) yield String(queries.size(path));
      return;
    case 'tree':
      yield* referenceTree(paths, (path) => queries.directReferences(path));
      return;
    case 'graph':
      yield* dotGraph(meant(), queries);
      return;
    case 'graphMl':
      yield* graphMl(meant(), queries);
      return;
    case 'resolve':
      yield* paths;
      return;
    case 'roots':
      for (const { from, path } of queries.rootsOf(meant())) yield `${from} -> ${path}`;
      return;
  }
}

async function realiseFirst(access: StoreAccess, paths: readonly string[], options: Options): Promise<void> {
  const { realisePaths } = await import('../../api/store/realise-paths.ts');
  const { createReporter } = await import('../report.ts');
  const wanted = paths.map((path) => ({ path, outputs: [] }));
  await realisePaths(access, wanted, { reporter: createReporter(options) });
}
