/** builtins.getFlake: inputs with and without lock file, overrides, relative inputs, what flake.nix may say. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { Evaluation } from '../../../src/api/evaluation.ts';
import { NixError } from '../../../src/errors/nix-error.ts';
import { isNixString, stringText } from '../../../src/runtime/value.ts';
import * as parserModule from '../../../src/syntax/parse.ts';
import { setParserLoader } from '../../../src/syntax/parser-port.ts';

// The test runner has modules of its own: the parser must be one of them, so that its positions are known to the rest.
vi.mock('../../../src/api/parser-loader.ts', () => ({ plugInParser: () => setParserLoader(() => parserModule) }));

const place = mkdtempSync(join(tmpdir(), 'nixlet-flakes-'));
const cache = process.env.XDG_CACHE_HOME;
process.env.XDG_CACHE_HOME = join(place, 'cache');
afterAll(() => {
  if (cache === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cache;
  rmSync(place, { recursive: true, force: true });
});

/** A directory of files, all of the same age; `@` in a text stands for the place of all of them. */
function flake(name: string, files: Readonly<Record<string, string>>): string {
  const root = join(place, name);
  rmSync(root, { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text.replaceAll('@', place));
    utimesSync(file, 1600000000, 1600000000);
    for (let at = dirname(file); at !== place; at = dirname(at)) utimesSync(at, 1600000000, 1600000000);
  }
  return root;
}

function evaluate(text: string, settings: readonly (readonly [string, string])[] = []): { json: string; said: string } {
  const said: string[] = [];
  const evaluation = new Evaluation({
    storeRoot: join(place, 'store'),
    readOnly: false,
    onMessage: (line) => void said.push(line),
    settings: [['experimental-features', 'flakes'], ['eval-cache', 'false'], ['flake-registry', ''], ...settings],
  });
  const value = evaluation.text(`builtins.toJSON (${text.replaceAll('@', place)})`).evaluate();
  if (!isNixString(value)) throw new Error('not JSON');
  return { json: stringText(value).replaceAll(place, '@'), said: said.join('\n').replaceAll(place, '@') };
}

function value(text: string, settings?: readonly (readonly [string, string])[]): unknown {
  return JSON.parse(evaluate(text, settings).json);
}

function failure(text: string, settings?: readonly (readonly [string, string])[]): string {
  try {
    evaluate(text, settings);
  } catch (error) {
    if (error instanceof NixError)
      return error.message.replaceAll(place, '@').replace(/\/nix\/store\/[a-z0-9]{32}/g, '/nix/store/HASH');
    throw error;
  }
  throw new Error('it did not fail');
}

describe('a flake', () => {
  it('has the attributes of its outputs and of its source', () => {
    flake('plain', { 'flake.nix': '{ outputs = { self }: { x = 1; narHash = 2; y = self.x + 1; }; }' });
    expect(value('removeAttrs (builtins.getFlake "path:@/plain") [ "outPath" "outputs" "sourceInfo" ]')).toEqual({
      _type: 'flake',
      inputs: {},
      lastModified: 1600000000,
      lastModifiedDate: '20200913122640',
      narHash: 'sha256-/Ne8PU2fYyZnKjt1nGPylgZ9fyCDO9mjlToHoaczBzo=',
      x: 1,
      y: 2,
    });
    expect(value('builtins.attrNames (builtins.getFlake "@/plain").sourceInfo')).toEqual([
      'lastModified',
      'lastModifiedDate',
      'narHash',
      'outPath',
    ]);
  });

  it('may lie in a directory of its source', () => {
    flake('deep', { 'a/b/flake.nix': '{ outputs = { self }: { here = baseNameOf self.outPath; }; }' });
    expect(value('(builtins.getFlake "path:@/deep?dir=a/b").here')).toBe('b');
  });

  it('of a Git repository has its revision', () => {
    const root = flake('versioned', { 'flake.nix': '{ outputs = _: { }; }', other: 'not tracked' });
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@t.example', '-C', root, ...args], {
        env: { ...process.env, GIT_AUTHOR_DATE: '1600000000 +0000', GIT_COMMITTER_DATE: '1600000000 +0000' },
      })
        .toString()
        .trim();
    git('init', '--quiet', '--initial-branch', 'main');
    git('add', 'flake.nix');
    git('commit', '--quiet', '-m', 'one');
    const rev = git('rev-parse', 'HEAD');
    const seen =
      'let f = builtins.getFlake "git+file://@/versioned"; in { inherit (f) rev shortRev revCount submodules; files = builtins.attrNames (builtins.readDir f.outPath); }';
    const expected = { rev, shortRev: rev.slice(0, 7), revCount: 1, submodules: false, files: ['flake.nix'] };
    expect(value(seen)).toEqual(expected);
    const locked = `git+file://@/versioned?rev=${rev}`;
    expect(value(`(builtins.getFlake "${locked}").rev`, [['pure-eval', 'true']])).toBe(rev);
    expect(failure('builtins.getFlake "git+file://@/versioned"', [['pure-eval', 'true']])).toBe(
      "cannot call 'getFlake' on unlocked flake reference 'git+file://@/versioned', at «none»:0 (use --impure to override)",
    );
  });
});

describe('inputs', () => {
  it('without lock file are fetched as they are, and that is told', () => {
    flake('low', { 'flake.nix': '{ outputs = { self }: { v = 41; }; }' });
    flake('data', { file: 'text' });
    flake('high', {
      'flake.nix':
        '{ inputs.low.url = "path:@/low"; inputs.data = { url = "path:@/data"; flake = false; }; outputs = { self, low, data }: { v = low.v + 1; t = builtins.readFile "${data}/file"; }; }',
    });
    const { json, said } = evaluate('let f = builtins.getFlake "path:@/high"; in [ f.v f.t ]');
    expect(JSON.parse(json)).toEqual([42, 'text']);
    expect(said).toMatch(
      /^warning: not writing modified lock file of flake 'path:@\/high':\n• Added input 'data':\n {4}'path:@\/data\?lastModified=1600000000&narHash=\S+' \(2020-09-13\)\n• Added input 'low':\n {4}'path:@\/low\S+' \(2020-09-13\)$/,
    );
  });

  it('in the lock file are not asked again, and only fetched when needed', () => {
    flake('locked', {
      'flake.nix': '{ inputs.gone.url = "path:/nowhere"; outputs = { self, gone }: { v = 1; w = gone; }; }',
      'flake.lock': JSON.stringify({
        version: 7,
        root: 'root',
        nodes: {
          root: { inputs: { gone: 'gone' } },
          gone: {
            locked: { type: 'path', path: '/nowhere', narHash: `sha256-${'A'.repeat(43)}=` },
            original: { type: 'path', path: '/nowhere' },
          },
        },
      }),
    });
    expect(evaluate('(builtins.getFlake "path:@/locked").v')).toEqual({ json: '1', said: '' });
    expect(failure('(builtins.getFlake "path:@/locked").w', [['substitute', 'false']])).toBe(
      "path '/nowhere' does not exist",
    );
  });

  it('follow others, and are overridden', () => {
    flake('base1', { 'flake.nix': '{ outputs = _: { v = 1; }; }' });
    flake('base2', { 'flake.nix': '{ outputs = _: { v = 2; }; }' });
    flake('middle', {
      'flake.nix': '{ inputs.base.url = "path:@/base1"; outputs = { base, ... }: { inherit (base) v; }; }',
    });
    const top = (inputs: string) =>
      flake('top', {
        'flake.nix': `{ inputs = { middle.url = "path:@/middle"; ${inputs} }; outputs = { middle, ... }: middle; }`,
      });
    top('');
    expect(value('(builtins.getFlake "path:@/top").v')).toBe(1);
    top('middle.inputs.base.url = "path:@/base2";');
    expect(value('(builtins.getFlake "path:@/top").v')).toBe(2);
    top('own.url = "path:@/base2"; middle.inputs.base.follows = "own";');
    expect(value('(builtins.getFlake "path:@/top").v')).toBe(2);
    top('middle.inputs.base.follows = "nobody";');
    expect(failure('builtins.getFlake "path:@/top"')).toBe("input 'middle/base' follows a non-existent input 'nobody'");
    top('a.follows = "b"; b.follows = "a";');
    expect(failure('builtins.getFlake "path:@/top"')).toBe('follow cycle detected: [b -> a -> b]');
    top('middle.inputs.stray.follows = "middle";');
    expect(evaluate('(builtins.getFlake "path:@/top").v').said).toMatch(
      "warning: input 'middle' has an override for a non-existent input 'stray'",
    );
  });

  it('may be relative', () => {
    flake('relative', {
      'flake.nix': '{ inputs.sub.url = ./sub; outputs = { self, sub }: { x = 2; y = self.x * sub.x; }; }',
      'sub/flake.nix': '{ outputs = { self }: { x = 7; p = toString ./.; }; }',
      'up/flake.nix': '{ inputs.root.url = "../"; outputs = { self, root }: { x = 3; y = self.x * root.x; }; }',
      'data/flake.nix':
        '{ inputs.f = { url = "path:./files"; flake = false; }; outputs = { self, f }: { t = builtins.readFile "${f}/t"; }; }',
      'data/files/t': 'text',
    });
    expect(value('(builtins.getFlake "path:@/relative").y')).toBe(14);
    expect(value('(builtins.getFlake "path:@/relative?dir=up").y')).toBe(6);
    expect(value('(builtins.getFlake "path:@/relative?dir=data").t')).toBe('text');
  });

  it('may be files, and may follow the flake itself', () => {
    flake('file', {
      'flake.nix': '{ inputs.e = { flake = false; url = "./foo.nix"; }; outputs = { e, ... }: { v = import e; }; }',
      'foo.nix': '123',
    });
    expect(value('(builtins.getFlake "path:@/file").v')).toBe(123);
    flake('circle', {
      'flake.nix':
        '{ inputs.b = { url = "path:@/other"; inputs.a.follows = "/"; }; outputs = { self, b }: { v = 123 + b.v; w = 1; }; }',
    });
    flake('other', {
      'flake.nix': '{ inputs.a.url = "path:@/circle"; outputs = { self, a }: { v = 456 + a.w; }; }',
    });
    expect(value('(builtins.getFlake "path:@/circle").v')).toBe(580);
    expect(value('(builtins.getFlake "path:@/other").v')).toBe(457);
    flake('chicken', { 'flake.nix': '{ inputs.egg.url = "path:@/egg"; outputs = { egg, ... }: { }; }' });
    flake('egg', { 'flake.nix': '{ inputs.chicken.url = "path:@/chicken"; outputs = { chicken, ... }: { }; }' });
    expect(failure('builtins.getFlake "path:@/chicken"')).toBe("found circular import of flake 'path:@/egg'");
  });

  it('relative ones come out of a lock file, too', () => {
    const path = { path: './sub', type: 'path' };
    flake('relative-locked', {
      'flake.nix': '{ inputs.sub.url = "path:./sub"; outputs = { self, sub }: sub; }',
      'sub/flake.nix': '{ outputs = { self }: { x = 7; here = baseNameOf self; }; }',
      'flake.lock': JSON.stringify({
        version: 7,
        root: 'root',
        nodes: { root: { inputs: { sub: 'sub' } }, sub: { locked: path, original: path, parent: [] } },
      }),
    });
    expect(evaluate('let f = builtins.getFlake "path:@/relative-locked"; in [ f.x f.here ]')).toEqual({
      json: '[7,"sub"]',
      said: '',
    });
  });

  it('are what the function takes, where nothing is said of them, by their names in the registry', () => {
    flake('named', { 'flake.nix': '{ outputs = { self, low }: { inherit (low) v; }; }' });
    expect(failure('builtins.getFlake "path:@/named"')).toBe("cannot find flake 'flake:low' in the flake registries");
    expect(failure('builtins.getFlake "path:@/named"', [['use-registries', 'false']])).toBe(
      "'flake:low' is an indirect flake reference, but registry lookups are not allowed",
    );
    const to = { type: 'path', path: join(place, 'low') };
    const from = { type: 'indirect', id: 'low' };
    writeFileSync(join(place, 'registry.json'), JSON.stringify({ version: 2, flakes: [{ from, to }] }));
    expect(value('(builtins.getFlake "path:@/named").v', [['flake-registry', join(place, 'registry.json')]])).toBe(41);
  });
});

describe('flake.nix', () => {
  it.each([
    ['1', "file '/nix/store/HASH-source/flake.nix' must be an attribute set"],
    ['{ }', "flake 'path:@/bad' lacks attribute 'outputs'"],
    [
      '{ outputs = _: {}; x = 1; }',
      "flake 'path:@/bad' has an unsupported attribute 'x', at /nix/store/HASH-source/flake.nix:1:20",
    ],
    ['{ outputs = 1; }', 'expected a function but got an integer at /nix/store/HASH-source/flake.nix:1:3'],
    [
      '{ outputs = _: {}; description = "a" + "b"; }',
      'expected a string but got a thunk at /nix/store/HASH-source/flake.nix:1:20',
    ],
    [
      '{ outputs = _: {}; inputs.a.url = 1; }',
      'expected a string or a path but got an integer at /nix/store/HASH-source/flake.nix:1:20',
    ],
    [
      '{ outputs = _: {}; inputs.a.foo = "x"; }',
      "unexpected flake input attribute 'foo', at /nix/store/HASH-source/flake.nix:1:20",
    ],
    [
      '{ outputs = _: {}; inputs.a = { type = "git"; foo = "x"; }; }',
      "input attribute 'foo' not supported by scheme 'git'",
    ],
    [
      '{ outputs = _: {}; inputs.a = { url = "path:/x"; follows = "b"; }; }',
      'flake input has both a flake reference and a follows attribute, at /nix/store/HASH-source/flake.nix:1:20',
    ],
    [
      '{ outputs = _: {}; inputs.a.foo = {}; }',
      "flake input attribute 'foo' is a set while a string, Boolean, or integer is expected",
    ],
    ['{ outputs = _: {}; inputs.self.x = "y"; }', "flake 'self' attribute 'x' is not supported"],
    ['{ outputs = _: {}; nixConfig.x = {}; }', "flake configuration setting 'x' is a set"],
  ])('%s', (text, message) => {
    flake('bad', { 'flake.nix': text });
    expect(failure('builtins.getFlake "path:@/bad"')).toBe(message);
  });
});

describe('flake.lock', () => {
  const unlocked = { locked: { type: 'path', path: '/x' }, original: { type: 'path', path: '/x' } };
  it.each([
    ['{ "version": 3, "root": "root", "nodes": {} }', /^lock file '.*flake.lock' has unsupported version 3$/],
    [
      '{ "version": 7, "root": "root", "nodes": { "root": { "inputs": { "a": "b" } } } }',
      /^lock file references missing node 'b'$/,
    ],
    [
      '{ "version": 7, "root": "root", "nodes": { "root": { "inputs": { "a": "root" } } } }',
      /^lock file contains cycle to root node$/,
    ],
    [
      JSON.stringify({ version: 7, root: 'root', nodes: { root: { inputs: { a: 'a' } }, a: unlocked } }),
      /^Lock file contains unlocked input '\{"path":"\/x","type":"path"\}'. Use '--allow-dirty-locks' to accept this lock file.$/,
    ],
    ['{', /^Could not parse '.*flake.lock': /],
  ])('%s', (text, message) => {
    flake('lock', { 'flake.nix': '{ outputs = _: { }; }', 'flake.lock': text });
    expect(failure('builtins.getFlake "path:@/lock"')).toMatch(message);
  });
});
