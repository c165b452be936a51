/**
 * npm run bench [-- SECTION...] [--nixpkgs DIR] [--runs N]
 *
 *   build     an article-like application to an image: from an empty store (downloads apart), unchanged, after an edit
 *   size      its image next to that of the same application on a Debian base made by debootstrap and APT (needs root)
 *   kernels   eleven compute kernels against C++ Nix's nix-instantiate (needs nix-instantiate)
 *   eval      packages, an image and a NixOS system of nixpkgs against nix-instantiate: caches filled, empty, nothing changed
 *   growth    1 to 5,000 packages in one process, time and memory, against nix-instantiate
 *
 * Measures dist/ (made by `npm ci` and `npm run build`), which is what users run; without it the sources, which start slower.
 * Figures are medians of --runs (default 5) runs; ratios are taken pair by pair. Nothing here passes or fails.
 */
import { parseArgs } from 'node:util';
import { benchBuild } from './build.ts';
import { benchEval } from './eval.ts';
import { benchGrowth } from './growth.ts';
import { benchKernels } from './kernels.ts';
import { benchSize } from './size.ts';

const { values, positionals } = parseArgs({
  options: { nixpkgs: { type: 'string' }, runs: { type: 'string', default: '5' } },
  allowPositionals: true,
});
const runs = Number(values.runs);
const sections = positionals.length > 0 ? positionals : ['build', 'size', 'kernels', 'eval', 'growth'];
for (const section of sections) {
  process.stdout.write(`\n## ${section}\n\n`);
  if (section === 'build') benchBuild(runs);
  else if (section === 'size') benchSize();
  else if (section === 'kernels') benchKernels(runs);
  else if (section === 'growth') benchGrowth(runs, values.nixpkgs);
  else if (section === 'eval') benchEval(runs, values.nixpkgs);
  else throw new Error(`no section ${section}`);
}
