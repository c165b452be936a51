/**
 * Runs the language and REPL cases of C++ Nix's own test suite, as its lang.sh and repl.sh do, and compares every byte:
 *
 *     node .ci/nix-suite.ts NIX/tests/functional [REGEX]
 *
 * NIX is a checkout of Nix 2.36; nothing of it is copied. What differs is listed (and shown with --diff); see
 * docs/conformance.md for the reasons.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [suite, pattern = '.'] = process.argv.slice(2).filter((arg) => arg !== '--diff');
if (suite === undefined) throw new Error('usage: node .ci/nix-suite.ts NIX/tests/functional [REGEX] [--diff]');
const showDifferences = process.argv.includes('--diff');
const launcher = new URL('../src/cli/launcher.js', import.meta.url).pathname;
const work = mkdtempSync(join(tmpdir(), 'nixlet-suite-'));
const folder = join(work, 'functional');
cpSync(suite, folder, { recursive: true, verbatimSymlinks: true });

const { NIX_PATH: _, ...inherited } = process.env;
const environment = {
  ...inherited,
  TEST_VAR: 'foo',
  NIX_REMOTE: 'dummy://',
  NIX_STORE_DIR: '/nix/store',
  LC_ALL: 'C.UTF-8',
  NO_COLOR: '1',
  XDG_CACHE_HOME: join(work, 'cache'),
  NIX_CONFIG: 'experimental-features = nix-command flakes\nshow-trace = true\n',
};

interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Invocation {
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Texts are bytes: one character each. */
function nixlet({ args, cwd = folder, env = {}, input = '' }: Invocation): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--stack-size=7000', launcher, ...args], {
      cwd,
      env: { ...environment, ...env },
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('latin1').on('data', (text) => (out += text));
    child.stderr.setEncoding('latin1').on('data', (text) => (err += text));
    child.stdin.on('error', () => {}).end(input, 'latin1');
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

function read(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'latin1') : undefined;
}

const words = (text: string) => text.replace(/#.*/g, '').match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
const flagsOf = (path: string) => words(read(path) ?? '').map((word) => word.replace(/["']/g, ''));

/** What is wrong with a case: pairs of what came and what should have come. Empty: nothing. */
type Differences = readonly (readonly [actual: string, expected: string])[];

async function language(name: string): Promise<Differences> {
  const file = `lang/${name}.nix`;
  const at = (extension: string) => join(folder, 'lang', `${name}.${extension}`);
  const given = flagsOf(at('flags'));
  const fails = name.includes('-fail-');
  const xml = read(at('exp.xml'));
  const result = await nixlet(
    name.startsWith('parse')
      ? { args: ['nix-instantiate', '--parse', '-'], input: readFileSync(join(folder, file), 'latin1') }
      : fails
        ? { args: ['nix-instantiate', ...(given.length > 0 ? given : ['--eval', '--strict', '--show-trace']), file] }
        : xml !== undefined
          ? { args: ['nix-instantiate', '--eval', '--xml', '--no-location', '--strict', file] }
          : {
              args: ['nix-instantiate', ...given, '--eval', '--strict', file],
              env: { NIX_PATH: 'lang/dir3:lang/dir4', HOME: '/fake-home' },
            },
  );
  const neutral = (stream: 'out' | 'err') => {
    const text = result[stream].replaceAll(folder, '/pwd');
    const script = at('postprocess');
    if (!existsSync(script)) return text;
    writeFileSync(join(work, `${name}.${stream}`), text, 'latin1');
    for (const other of ['out', 'err'])
      if (!existsSync(join(work, `${name}.${other}`))) writeFileSync(join(work, `${name}.${other}`), '');
    spawnSync('bash', [script, join(work, name)]);
    return readFileSync(join(work, `${name}.${stream}`), 'latin1');
  };
  const pairs: [string, string][] = [[`exit code ${result.code}`, `exit code ${fails ? 1 : 0}`]];
  const out = xml ?? read(at('exp'));
  const err = read(at('err.exp'));
  if (out !== undefined) pairs.push([neutral('out'), out]);
  if (fails ? err !== undefined : xml === undefined) pairs.push([neutral('err'), err ?? '']);
  return pairs.filter(([actual, expected]) => actual !== expected);
}

/** repl.sh makes the places of empty lines and prompts comparable. */
async function transcript(name: string): Promise<Differences> {
  const at = (extension: string) => join(folder, 'repl', `${name}.${extension}`);
  const lines = readFileSync(at('in'), 'latin1').split('\n');
  const input = `${lines
    .filter((line) => !/^\s*#\s*COM:/.test(line))
    .join('\n')
    .trimEnd()}\n`;
  const env = { _NIX_TEST_RAW_MARKDOWN: '1', _NIX_TEST_REPL_ECHO: '1', TERM: 'dumb', HOME: work };
  // Both streams in the order in which they were written.
  const shell = ['-c', 'exec "$0" "$@" 2>&1', process.execPath, '--stack-size=7000', launcher, 'nix', 'repl'];
  const { stdout } = spawnSync('bash', [...shell, ...flagsOf(at('flags'))], {
    cwd: join(folder, 'repl'),
    env: { ...environment, ...env },
    input: Buffer.from(input, 'latin1'),
    encoding: 'latin1',
  });
  const actual = stdout
    .replace(/\n+nix-repl>/g, '\n\nnix-repl>')
    .replace(/([^\n])\n+nix-repl>[ \n]*$/, '$1')
    .replace(/[ \n]*$/, '\n')
    .replaceAll(folder, '/path/to/tests/functional')
    .replaceAll('2.36.0', '<nix version>');
  const expected = readFileSync(at('expected'), 'latin1');
  return actual === expected ? [] : [[actual, expected]];
}

const wanted = new RegExp(pattern);
const cases = [
  ...readdirSync(join(folder, 'lang'))
    .filter(
      (file) =>
        /^(?:parse|eval)-(?:okay|fail)-.*\.nix$/.test(file) &&
        !existsSync(join(folder, 'lang', file.replace(/nix$/, 'exp-disabled'))),
    )
    .map((file) => ({ kind: file.split('-').slice(0, 2).join('-'), name: file.slice(0, -4), run: language })),
  ...readdirSync(join(folder, 'repl'))
    .filter((file) => file.endsWith('.in') && !existsSync(join(folder, 'repl', `${file}.debugexpr.nix`)))
    .map((file) => ({ kind: 'repl', name: file.slice(0, -3), run: transcript })),
].filter(({ kind, name }) => wanted.test(kind === 'repl' ? `repl/${name}` : name));

const counts = new Map<string, { files: number; exact: number }>();
let next = 0;
async function worker(): Promise<void> {
  for (let index = next++; index < cases.length; index = next++) {
    const { kind, name, run } = cases[index]!;
    const differences = await run(name);
    const count = counts.get(kind) ?? { files: 0, exact: 0 };
    counts.set(kind, { files: count.files + 1, exact: count.exact + (differences.length === 0 ? 1 : 0) });
    if (differences.length === 0) continue;
    process.stdout.write(`differs: ${kind === 'repl' ? 'repl/' : ''}${name}\n`);
    if (showDifferences)
      for (const [actual, expected] of differences)
        process.stdout.write(Buffer.from(`--- actual\n${actual}\n--- expected\n${expected}\n`, 'latin1'));
  }
}
await Promise.all([worker(), worker()]);
rmSync(work, { recursive: true, force: true });
for (const [kind, { files, exact }] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
  process.stdout.write(`${kind}: ${exact} of ${files} exact\n`);
