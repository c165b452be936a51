/** nix-store --realise: builds derivations, fetches paths, prints where they are. Source: Nix manual. */
import { makeLink, parsePathWithOutputs, realisePaths } from '../../api/store/realise-paths.ts';
import { withStore } from '../../api/store/store-access.ts';
import type { Invocation } from '../main.ts';
import type { Flag } from '../options.ts';
import { createReporter } from '../report.ts';
import { writeOut } from '../terminal.ts';
import { noRepair } from './no-repair.ts';
import { accessOptions, readStoreWords, type StoreOptions } from './store-flags.ts';

interface RealiseOptions {
  ignoreUnknown: boolean;
}

const flags: readonly Flag<StoreOptions & RealiseOptions>[] = [
  { names: ['--dry-run'], doc: 'show what would be built, and stop', apply: (o) => void (o.dryRun = true) },
  { names: ['--check'], doc: 'build again and compare with what is there', apply: (o) => void (o.check = true) },
  { names: ['--repair'], doc: 'not there yet', apply: (o) => void (o.repair = true) },
  { names: ['--ignore-unknown'], doc: 'leave out what cannot be had', apply: (o) => void (o.ignoreUnknown = true) },
];

export function realise(invocation: Invocation): Promise<number> | number {
  const read = readStoreWords<RealiseOptions>(invocation, 'PATH...', { ignoreUnknown: false }, flags);
  if (!read) return 0;
  const { options, words } = read;
  if (options.repair) throw noRepair();
  return withStore(accessOptions(options), async (access) => {
    const wanted = words.map((word) => parsePathWithOutputs(access, word));
    const { dryRun, check, ignoreUnknown } = options;
    const reporter = createReporter(options);
    const results = await realisePaths(access, wanted, { reporter, dryRun, check, ignoreUnknown });
    if (dryRun || ignoreUnknown) return 0;
    if (options.root === undefined && results.length > 0)
      access.warn("you did not specify '--add-root'; the result might be removed by the garbage collector");
    for (const [index, paths] of results.entries()) {
      const lines = paths.map(({ path, outputName }) => {
        if (options.root === undefined) return path;
        const number = index > 0 ? `-${index + 1}` : '';
        const output = outputName === '' || outputName === 'out' ? '' : `-${outputName}`;
        return makeLink(access, path, `${options.root}${number}${output}`);
      });
      if (!options.noOutput) for (const line of lines.sort()) writeOut(`${line}\n`);
    }
    return 0;
  });
}
