/**
 * node .ci/nixpkgs-parity.ts NIXPKGS [--sample N | --all] [--seed N] [--set EXPR] [--batch N]
 * node .ci/nixpkgs-parity.ts NIXPKGS --cases [--only REGEX]
 *
 * Asks nixlet and C++ Nix's nix-instantiate for the drvPath of packages of a nixpkgs checkout (of those that EXPR gives of
 * `pkgs`: `pkgs`, `pkgs.python3Packages`), or for the answers of .ci/nixpkgs-cases.nix, and prints where they differ. NIXPKGS
 * is its directory, or the file in it that gives the packages, for a nixpkgs that refuses the Nix which it is compared with.
 * What C++ Nix does not evaluate, be it that the package is broken, unfree or an alias, is left out; nothing is written to a
 * store. docs/conformance.md has the figures.
 *
 * Two differences are Nix 2.36's and none of parity: packages that write `builtins.nixVersion` down, and recursions deeper
 * than its max-call-depth, which Nix 2.8 did not have; nixlet runs without that limit here.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: {
    sample: { type: 'string', default: '300' },
    all: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    set: { type: 'string', default: 'pkgs' },
    batch: { type: 'string', default: '100' },
    cases: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
  allowPositionals: true,
});
if (positionals[0] === undefined) throw new Error('which nixpkgs?');
const nixpkgs = resolve(positionals[0]);

const flags = ['--eval', '--strict', '--json'];
if (statSync(nixpkgs).isDirectory()) flags.push('-I', `nixpkgs=${nixpkgs}`);

interface Answer {
  readonly code: number | null;
  readonly text: string;
  readonly error: string;
}

type Ask = (args: readonly string[]) => Answer;
const answer = (done: ReturnType<typeof spawnSync>): Answer => {
  if (done.error) throw done.error;
  return { code: done.status, text: String(done.stdout).trim(), error: String(done.stderr).trim() };
};
const options = { maxBuffer: 1 << 28 };
const theirs: Ask = (args) => answer(spawnSync('nix-instantiate', [...flags, ...args], options));
const launcher = join(import.meta.dirname, '..', 'src', 'cli', 'launcher.js');
const deep = ['--option', 'max-call-depth', '10000000'];
const ours: Ask = (args) =>
  answer(spawnSync(launcher, ['nix-instantiate', '--no-eval-cache', ...deep, ...flags, ...args], options));

let same = 0;
let different = 0;
let neither = 0;

function compareCases(): void {
  const file = join(import.meta.dirname, 'nixpkgs-cases.nix');
  const names = JSON.parse(theirs(['-E', `builtins.attrNames (import ${file})`]).text) as string[];
  const wanted = new RegExp(values.only);
  for (const name of names.filter((each) => wanted.test(each))) {
    const expected = theirs([file, '-A', name]);
    const got = ours([file, '-A', name]);
    if (expected.code === 0 && got.code === 0 && got.text === expected.text) same++;
    else if (expected.code !== 0 && got.code !== 0) {
      neither++;
      process.stdout.write(`${name}: neither\n  C++ Nix ${lastLine(expected)}\n`);
    } else {
      different++;
      process.stdout.write(`${name}\n  C++ Nix ${shown(expected)}\n  nixlet  ${shown(got)}\n`);
    }
  }
}

/** The last "error:" line, which is the one that counts; C++ Nix 2.8 ends with a hint, nixlet with a code frame. */
const lastLine = ({ error }: Answer) =>
  error
    .split('\n')
    .filter((line) => line.includes('error:'))
    .at(-1)
    ?.trim();
const shown = (it: Answer) => (it.code === 0 ? it.text.slice(0, 1000) : `${it.code}: ${it.error.slice(-1000)}`);

const packages = `import ${statSync(nixpkgs).isDirectory() ? '<nixpkgs>' : nixpkgs}`;
const prelude = `
  let
    pkgs = ${packages} { config = { allowAliases = false; }; overlays = [ ]; system = "x86_64-linux"; };
    set = ${values.set};
    drvPath = name:
      let value = set.\${name}; in
      if builtins.isAttrs value && (value.type or null) == "derivation" then builtins.unsafeDiscardStringContext value.drvPath else null;
    one = name: let tried = builtins.tryEval (drvPath name); in if tried.success then tried.value else null;
  in `;
const literal = (names: readonly string[]) =>
  `[ ${names.map((name) => JSON.stringify(name).replaceAll('$', '\\$')).join(' ')} ]`;

/**
 * The paths of those that have one. Errors that tryEval does not catch stop a whole batch: it is halved until one name
 * is left.
 */
function paths(ask: Ask, names: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  if (names.length === 0) return found;
  const { code, text, error } = ask(['-E', `${prelude} map one ${literal(names)}`]);
  if (code === 0) {
    const list = JSON.parse(text) as (string | null)[];
    names.forEach((name, i) => {
      const path = list[i]!;
      if (path !== null) found.set(name, path);
    });
  } else if (names.length === 1) {
    if (ask === ours) found.set(names[0]!, error.slice(-1000));
  } else {
    const half = names.length >> 1;
    for (const part of [names.slice(0, half), names.slice(half)])
      for (const [name, path] of paths(ask, part)) found.set(name, path);
  }
  return found;
}

function comparePackages(): void {
  const names = JSON.parse(theirs(['-E', `${prelude} builtins.attrNames set`]).text) as string[];
  const order = (name: string) => createHash('sha256').update(`${values.seed} ${name}`).digest('hex');
  const chosen = names
    .map((name) => ({ name, order: order(name) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ name }) => name)
    .slice(0, values.all ? names.length : Number(values.sample));

  const batch = Number(values.batch);
  for (let i = 0; i < chosen.length; i += batch) {
    const part = chosen.slice(i, i + batch);
    const expected = paths(theirs, part);
    neither += part.length - expected.size;
    const got = paths(ours, [...expected.keys()]);
    for (const [name, path] of expected) {
      if (got.get(name) === path) same++;
      else {
        different++;
        process.stdout.write(`${name}\n  C++ Nix ${path}\n  nixlet  ${got.get(name)}\n`);
      }
    }
    if (process.stderr.isTTY) process.stderr.write(`${Math.min(i + batch, chosen.length)} of ${chosen.length}\r`);
  }
}

if (values.cases) compareCases();
else comparePackages();
process.stdout.write(`${same} of ${same + different} identical; ${neither} that C++ Nix does not evaluate\n`);
process.exitCode = different === 0 && same > 0 ? 0 : 1;
