/** How time and memory grow with the number of packages evaluated in one process, beside C++ Nix. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../test/support/peers.ts';
import { compare, head, nixlet, row, time } from './measure.ts';
import { asManyCalls, samplePackages, totalLength } from './packages.ts';

export function benchGrowth(runs: number, nixpkgs: string | undefined): void {
  if (!findProgram('nix-instantiate') || nixpkgs === undefined) {
    process.stdout.write('needs nix-instantiate, and --nixpkgs DIR\n');
    return;
  }
  const packages = samplePackages(nixpkgs, 5000);
  head('packages', 'nixlet s', 'C++ Nix s', 'ratio', 'nixlet MiB', 'C++ Nix MiB', 'ratio');
  const work = mkdtempSync(join(tmpdir(), 'nixlet-bench-'));
  try {
    for (const count of [1, 10, 100, 1000, 5000]) {
      const file = join(work, `${count}.nix`);
      writeFileSync(file, totalLength(packages.slice(0, count)));
      const args = ['--eval', '--strict', '-I', `nixpkgs=${nixpkgs}`, file];
      const { ours, theirs, ratio, ourMemory, theirMemory } = compare(
        count < 1000 ? runs : Math.min(runs, 3),
        () => nixlet(['nix-instantiate', ...asManyCalls, '--no-eval-cache', ...args]),
        () => time('nix-instantiate', args),
      );
      row(String(count), ours, theirs, ratio, ourMemory, theirMemory, ourMemory / theirMemory);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
