/** A fixed, arbitrary choice of nixpkgs' top-level packages: the same names in the same order for a checkout. */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';

/** For nixlet: the Nix of the comparison knows no limit on calls, and a few packages need more than the usual one. */
export const asManyCalls = ['--max-call-depth', '1000000'];

const set = 'import <nixpkgs> { config = { allowAliases = false; }; overlays = [ ]; }';

/** An expression: how long the .drv paths of these packages are together. What tryEval catches counts nothing. */
export function totalLength(names: readonly string[]): string {
  return `
    let
      pkgs = ${set};
      length = name:
        let value = pkgs.\${name}; in
        if builtins.isAttrs value && (value.type or null) == "derivation" then builtins.stringLength value.drvPath else 0;
      add = sum: name: let tried = builtins.tryEval (length name); in if tried.success then sum + tried.value else sum;
    in builtins.foldl' add 0 ${listOf(names)}`;
}

/** Names that C++ Nix evaluates, or for which it raises an error that tryEval catches. */
export function samplePackages(nixpkgs: string, count: number): string[] {
  const evaluate = (text: string) =>
    spawnSync('nix-instantiate', ['--eval', '--strict', '--json', '-I', `nixpkgs=${nixpkgs}`, '-E', text], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
  const all = evaluate(`builtins.attrNames (${set})`);
  if (all.status !== 0) throw new Error(all.stderr);
  const key = (name: string) => createHash('sha256').update(name).digest('hex');
  const shuffled = (JSON.parse(all.stdout) as string[])
    .map((name) => ({ name, key: key(name) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ name }) => name);
  /** Those that stop no evaluation: whatever fails is halved until it is one name. */
  const evaluable = (names: readonly string[]): readonly string[] => {
    if (evaluate(totalLength(names)).status === 0) return names;
    if (names.length === 1) return [];
    const half = names.length >> 1;
    return [...evaluable(names.slice(0, half)), ...evaluable(names.slice(half))];
  };
  const found: string[] = [];
  for (let i = 0; found.length < count && i < shuffled.length; i += 200)
    found.push(...evaluable(shuffled.slice(i, i + 200)));
  return found.slice(0, count);
}

function listOf(names: readonly string[]): string {
  return `[ ${names.map((name) => JSON.stringify(name).replaceAll('$', '\\$')).join(' ')} ]`;
}
