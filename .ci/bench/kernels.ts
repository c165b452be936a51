/** Eleven compute kernels against C++ Nix: each does one thing that expressions in the wild do a lot of. */
import { findProgram } from '../../test/support/peers.ts';
import { compare, geometricMean, head, nixlet, row, time } from './measure.ts';

const kernels: readonly (readonly [string, string])[] = [
  ['recursion: fib 31', 'let fib = n: if n < 2 then n else fib (n - 1) + fib (n - 2); in fib 31'],
  ["foldl' over 3,000,000", "builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 3000000)"],
  [
    'sort 200,000 ints',
    'builtins.length (builtins.sort (a: b: a < b) (builtins.genList (x: x * 7919 - x * 7919 / 200003 * 200003) 200000))',
  ],
  [
    '`//` of one on a set of 10,000, 5,000 times',
    'builtins.length (builtins.attrNames (builtins.foldl\' (s: i: s // { ${toString i} = i; }) (builtins.listToAttrs (builtins.genList (i: { name = "n${toString i}"; value = i; }) 10000)) (builtins.genList (i: i) 5000)))',
  ],
  [
    'mapAttrs on 1,000, 800 times',
    'builtins.foldl\' (a: b: a + b) 0 (builtins.attrValues (builtins.foldl\' (s: _: builtins.mapAttrs (_: v: v + 1) s) (builtins.listToAttrs (builtins.genList (i: { name = "n${toString i}"; value = i; }) 1000)) (builtins.genList (i: i) 800)))',
  ],
  [
    'string building: 2,000,000 interpolations',
    'builtins.stringLength (builtins.concatStringsSep "," (builtins.genList (i: "item ${toString i}") 2000000))',
  ],
  [
    'replaceStrings in 3 MB, 8 times',
    'let text = builtins.concatStringsSep "" (builtins.genList (i: "abcabc") 500000); in builtins.foldl\' (a: i: a + builtins.stringLength (builtins.replaceStrings [ "a" "bc" "xyz" ] [ "xy" "${toString i}" "z" ] text)) 0 (builtins.genList (i: i) 8)',
  ],
  [
    'regular expressions: 500,000 matches',
    'builtins.length (builtins.filter (x: x != null) (builtins.genList (i: builtins.match "([a-z]+)-([0-9]+)(\\\\.[0-9]+)*" "package-${toString i}.2.3") 500000))',
  ],
  [
    'genericClosure of 600,000',
    'builtins.length (builtins.genericClosure { startSet = [ { key = 0; } ]; operator = x: if x.key >= 599999 then [ ] else [ { key = x.key + 1; } ]; })',
  ],
  [
    'toJSON and fromJSON of 10 MB',
    'let text = builtins.toJSON (builtins.genList (i: { name = "package-${toString i}"; version = i; tags = [ "one" "two" null true ]; }) 160000); in builtins.stringLength text + builtins.length (builtins.fromJSON text)',
  ],
  [
    'recursion 9,000 deep, 300 times',
    "let down = n: if n == 0 then 0 else 1 + down (n - 1); in builtins.foldl' (a: _: a + down 9000) 0 (builtins.genList (x: x) 300)",
  ],
];

export function benchKernels(runs: number): void {
  if (!findProgram('nix-instantiate')) {
    process.stdout.write('nix-instantiate is not here: nothing to compare with\n');
    return;
  }
  head('kernel', 'nixlet s', 'C++ Nix s', 'ratio', 'nixlet MiB', 'C++ Nix MiB');
  const ratios: number[] = [];
  for (const [name, text] of kernels) {
    const args = ['--eval', '--strict', '-E', text];
    const { ours, theirs, ratio, ourMemory, theirMemory } = compare(
      runs,
      () => nixlet(['nix-instantiate', '--no-eval-cache', ...args]),
      () => time('nix-instantiate', args),
    );
    ratios.push(ratio);
    row(name, ours, theirs, ratio, ourMemory, theirMemory);
  }
  row('geometric mean', '', '', geometricMean(ratios), '', '');
}
