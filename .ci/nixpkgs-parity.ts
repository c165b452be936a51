/**
 * node .ci/nixpkgs-parity.ts NIXPKGS [--sample N | --all] [--seed N] [--set EXPR]
 *
 * Asks nixlet and C++ Nix's nix-instantiate for the drvPath of top-level packages of a nixpkgs checkout (or of the set that
 * EXPR gives of `pkgs`: `pkgs.python3Packages`), and prints where they differ. What C++ Nix does not evaluate, be it that
 * the package is broken, unfree or an alias, is left out; nothing is written to a store. docs/conformance.md has the figures.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { nixlet } from './bench/measure.ts';

const { values, positionals } = parseArgs({
  options: {
    sample: { type: 'string', default: '300' },
    all: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    set: { type: 'string', default: 'pkgs' },
  },
  allowPositionals: true,
});
const nixpkgs = positionals[0];
if (nixpkgs === undefined) throw new Error('which nixpkgs?');
const batch = 200;

const prelude = `
  let
    pkgs = import <nixpkgs> { config = { allowAliases = false; }; overlays = [ ]; system = "x86_64-linux"; };
    set = ${values.set};
    drvPath = name:
      let value = set.\${name}; in
      if builtins.isAttrs value && (value.type or null) == "derivation" then builtins.unsafeDiscardStringContext value.drvPath else null;
    one = name: let tried = builtins.tryEval (drvPath name); in if tried.success then tried.value else null;
  in `;

const flags = ['--eval', '--strict', '--json', '-I', `nixpkgs=${nixpkgs}`, '-E'];
const literal = (names: readonly string[]) =>
  `[ ${names.map((name) => JSON.stringify(name).replaceAll('$', '\\$')).join(' ')} ]`;

type Paths = Map<string, string | null>;

function theirs(text: string): unknown {
  const done = spawnSync('nix-instantiate', [...flags, text], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (done.error) throw done.error;
  return done.status === 0 ? JSON.parse(done.stdout) : undefined;
}

/** Errors that tryEval does not catch stop a whole batch: it is halved until one name is left. */
function expected(names: readonly string[]): Paths {
  const paths = theirs(`${prelude} map one ${literal(names)}`) as (string | null)[] | undefined;
  if (paths !== undefined) return new Map(names.map((name, i) => [name, paths[i]!]));
  if (names.length === 1) return new Map();
  const half = names.length >> 1;
  return new Map([...expected(names.slice(0, half)), ...expected(names.slice(half))]);
}

function ours(names: readonly string[]): (string | null)[] {
  const text = `${prelude} map one ${literal(names)}`;
  return JSON.parse(nixlet(['nix-instantiate', '--no-eval-cache', ...flags, text]).stdout) as (string | null)[];
}

const names = theirs(`${prelude} builtins.attrNames set`) as string[] | undefined;
if (names === undefined) throw new Error(`nix-instantiate cannot list ${values.set} of ${nixpkgs}`);
const order = (name: string) => createHash('sha256').update(`${values.seed} ${name}`).digest('hex');
const shuffled = names
  .map((name) => ({ name, order: order(name) }))
  .sort((a, b) => (a.order < b.order ? -1 : 1))
  .map(({ name }) => name)
  .slice(0, values.all ? names.length : Number(values.sample));

let same = 0;
let different = 0;
for (let i = 0; i < shuffled.length; i += batch) {
  const wanted = [...expected(shuffled.slice(i, i + batch))].filter(([, path]) => path !== null);
  const got = ours(wanted.map(([name]) => name));
  wanted.forEach(([name, path], k) => {
    if (got[k] === path) same++;
    else {
      different++;
      process.stdout.write(`${name}\n  C++ Nix ${path}\n  nixlet  ${got[k]}\n`);
    }
  });
  if (process.stderr.isTTY) process.stderr.write(`${Math.min(i + batch, shuffled.length)} of ${shuffled.length}\r`);
}
process.stdout.write(`${same} of ${same + different} identical\n`);
process.exitCode = different === 0 && same > 0 ? 0 : 1;
