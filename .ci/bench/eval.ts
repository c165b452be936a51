/**
 * Evaluation of nixpkgs against C++ Nix, as whole processes: with the code cache filled (what is compiled is kept, what is
 * computed is not), with no cache at all, and asked again with nothing changed (the evaluation cache).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../test/support/peers.ts';
import { compare, head, median, nixlet, row, time } from './measure.ts';
import { asManyCalls, samplePackages, totalLength } from './packages.ts';

/** `<nixpkgs>` is the checkout. */
const targets: readonly (readonly [string, string])[] = [
  ['hello', '(import <nixpkgs> { }).hello.drvPath'],
  [
    'Python application in an image',
    `let
       pkgs = import <nixpkgs> { };
       app = pkgs.python3Packages.buildPythonApplication {
         pname = "app"; version = "1.0"; src = pkgs.writeTextDir "setup.py" "";
         propagatedBuildInputs = [ pkgs.python3Packages.uvicorn pkgs.python3Packages.starlette ];
       };
       rootOf = if pkgs.lib.versionOlder pkgs.lib.version "22.11" then "contents" else "copyToRoot";
     in (pkgs.dockerTools.buildImage {
       name = "app"; tag = "latest"; \${rootOf} = [ app ]; config.Cmd = [ "\${app}/bin/app" ];
     }).drvPath`,
  ],
  ['firefox', '(import <nixpkgs> { }).firefox.drvPath'],
  [
    'NixOS system',
    `(import <nixpkgs/nixos> { configuration = {
       boot.loader.grub.device = "/dev/sda";
       fileSystems."/" = { device = "/dev/sda1"; fsType = "ext4"; };
       services.openssh.enable = true;
     }; }).config.system.build.toplevel.drvPath`,
  ],
];

export function benchEval(runs: number, nixpkgs: string | undefined): void {
  if (!findProgram('nix-instantiate') || nixpkgs === undefined) {
    process.stdout.write('needs nix-instantiate, and --nixpkgs DIR\n');
    return;
  }
  const node = median(Array.from({ length: 9 }, () => time(process.execPath, ['-e', '0']).seconds));
  const sum = median(Array.from({ length: 9 }, () => nixlet(['eval', '-E', '1 + 1']).seconds));
  process.stdout.write(
    `\`node -e 0\`: ${(node * 1000).toFixed(0)} ms. \`nixlet eval -E '1 + 1'\`: ${(sum * 1000).toFixed(0)} ms, ` +
      `${(sum / node).toFixed(1)} times as long.\n\n`,
  );
  head('', 'nixlet s', 'C++ Nix s', 'ratio', 'without caches s', 'ratio', 'unchanged s', 'nixlet MiB', 'C++ Nix MiB');
  const packages = samplePackages(nixpkgs, 300);
  for (const [name, text] of [...targets, ['300 packages', totalLength(packages)] as const]) {
    const args = ['--eval', '--strict', '-I', `nixpkgs=${nixpkgs}`, '-E', text];
    const evaluate = (flags: readonly string[], env?: NodeJS.ProcessEnv) =>
      nixlet(['nix-instantiate', ...asManyCalls, ...flags, ...args], env ? { env } : {});
    const warm = compare(
      runs,
      () => evaluate(['--no-eval-cache']),
      () => time('nix-instantiate', args),
    );
    const cold = median(Array.from({ length: Math.min(runs, 3) }, () => withoutCaches((env) => evaluate([], env))));
    evaluate([]);
    const unchanged = median(Array.from({ length: runs }, () => evaluate([]).seconds));
    const { ours, theirs, ratio, ourMemory, theirMemory } = warm;
    row(name, ours, theirs, ratio, cold, cold / theirs, unchanged, ourMemory, theirMemory);
  }
}

function withoutCaches(evaluate: (env: NodeJS.ProcessEnv) => { readonly seconds: number }): number {
  const home = mkdtempSync(join(tmpdir(), 'nixlet-bench-'));
  try {
    return evaluate({ XDG_CACHE_HOME: home }).seconds;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
