/** Evaluation against C++ Nix, as whole processes. With a nixpkgs checkout: real packages; always: compute kernels. */
import { findProgram } from '../../test/support/peers.ts';
import { head, median, nixlet, row, time } from './measure.ts';

const kernels: readonly (readonly [string, string])[] = [
  ['1 + 1', '1 + 1'],
  ['fib 25', 'let fib = n: if n < 2 then n else fib (n - 1) + fib (n - 2); in fib 25'],
  ["foldl' over 1,000,000", "builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 1000000)"],
  [
    'sort 200,000',
    'builtins.length (builtins.sort (a: b: a < b) (builtins.genList (x: (x * 7919) - (x * 7919 / 200003) * 200003) 200000))',
  ],
  [
    '// on a set of 10,000, 2,000 times',
    'builtins.length (builtins.attrNames (builtins.foldl\' (s: i: s // { ${toString i} = i; }) (builtins.listToAttrs (builtins.genList (i: { name = "n${toString i}"; value = i; }) 10000)) (builtins.genList (i: i) 2000)))',
  ],
  [
    'mapAttrs chain',
    "builtins.foldl' (s: _: builtins.mapAttrs (_: v: v + 1) s) (builtins.listToAttrs (builtins.genList (i: { name = toString i; value = i; }) 1000)) (builtins.genList (i: i) 100) == { }",
  ],
  [
    'string building',
    'builtins.stringLength (builtins.concatStringsSep "," (builtins.genList (i: "item ${toString i}") 300000))',
  ],
  [
    'replaceStrings',
    'builtins.stringLength (builtins.replaceStrings [ "a" "bc" ] [ "xy" "" ] (builtins.concatStringsSep "" (builtins.genList (i: "abcabc") 100000)))',
  ],
  [
    'regex',
    'builtins.length (builtins.filter (x: x != null) (builtins.genList (i: builtins.match "([a-z]+)-([0-9]+)(\\\\.[0-9]+)*" "package-${toString i}.2.3") 50000))',
  ],
  [
    'genericClosure',
    'builtins.length (builtins.genericClosure { startSet = [ { key = 0; } ]; operator = x: if x.key > 100000 then [ ] else [ { key = x.key + 1; } ]; })',
  ],
  [
    'toJSON, fromJSON',
    'builtins.length (builtins.fromJSON (builtins.toJSON (builtins.genList (i: { a = i; b = "text ${toString i}"; c = [ 1 2 3 ]; }) 60000)))',
  ],
  ['recursion 9,000 deep', 'let f = n: if n == 0 then 0 else 1 + f (n - 1); in f 9000'],
];

export function benchEval(runs: number, nixpkgs: string | undefined): void {
  if (!findProgram('nix-instantiate')) {
    process.stdout.write('nix-instantiate is not here: nothing to compare with\n');
    return;
  }
  head('expression', 'nixlet s', 'C++ Nix s', 'ratio');
  const packages = nixpkgs
    ? ['hello', 'git', 'firefox', 'python3Packages.numpy'].map(
        (name) =>
          [
            name,
            `(import ${nixpkgs} { config = { }; overlays = [ ]; system = "x86_64-linux"; }).${name}.drvPath`,
          ] as const,
      )
    : [];
  for (const [name, text] of [...packages, ...kernels]) {
    const args = ['--eval', '--strict', '-E', text];
    const ours: number[] = [];
    const theirs: number[] = [];
    nixlet(['nix-instantiate', ...args]); // fills the code cache
    for (let i = 0; i < runs; i++) {
      ours.push(nixlet(['nix-instantiate', ...args]).seconds);
      theirs.push(time('nix-instantiate', args).seconds);
    }
    row(name, median(ours), median(theirs), median(ours.map((seconds, i) => seconds / theirs[i]!)));
  }
}
