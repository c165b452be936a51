/** builtins.fetchTree: every kind of source, what it tells of it, hashes, and what it does not take. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Evaluation } from '../../../src/api/evaluation.ts';
import { NixError } from '../../../src/errors/nix-error.ts';
import { isNixString, stringText } from '../../../src/runtime/value.ts';
import * as parserModule from '../../../src/syntax/parse.ts';
import { setParserLoader } from '../../../src/syntax/parser-port.ts';

vi.mock('../../../src/api/parser-loader.ts', () => ({ plugInParser: () => setParserLoader(() => parserModule) }));

const place = mkdtempSync(join(tmpdir(), 'nixlet-fetch-tree-'));
const environment = { XDG_CACHE_HOME: join(place, 'cache'), HOME: place, GIT_CONFIG_NOSYSTEM: '1' };
const before = { ...process.env };
let rev: string;

beforeAll(() => {
  Object.assign(process.env, environment);
  mkdirSync(join(place, 'tree'));
  writeFileSync(join(place, 'tree/run'), '#!/bin/sh\n');
  chmodSync(join(place, 'tree/run'), 0o755);
  for (const path of ['tree/run', 'tree']) utimesSync(join(place, path), 1_600_000_000, 1_600_000_000);
  execFileSync('tar', ['-C', place, '-cf', join(place, 't.tar'), 'tree']);
  const date = { GIT_AUTHOR_DATE: '2020-09-13T12:26:40Z', GIT_COMMITTER_DATE: '2020-09-13T12:26:40Z' };
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', join(place, 'tree'), '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      env: { ...process.env, ...date },
      stdio: 'pipe',
    }).toString();
  git('init', '--quiet', '--initial-branch', 'main', '.');
  git('add', 'run');
  git('commit', '--quiet', '-m', 'one');
  rev = git('rev-parse', 'HEAD').trim();
  execFileSync('git', ['clone', '--quiet', '--bare', join(place, 'tree'), join(place, 'bare')], { stdio: 'pipe' });
  rmSync(join(place, 'tree/.git'), { recursive: true });
  utimesSync(join(place, 'tree'), 1_600_000_000, 1_600_000_000);
});
afterAll(() => {
  for (const name of Object.keys(environment)) delete process.env[name];
  Object.assign(process.env, before);
  rmSync(place, { recursive: true, force: true });
});

/** `@` in the text stands for the place of all files. */
function value(text: string, settings: readonly (readonly [string, string])[] = []): unknown {
  const evaluation = new Evaluation({
    storeRoot: join(place, 'store'),
    readOnly: false,
    onMessage: () => {},
    settings: [
      ['experimental-features', 'fetch-tree flakes'],
      ['eval-cache', 'false'],
      ['flake-registry', ''],
      ...settings,
    ],
  });
  const json = evaluation.text(`builtins.toJSON (${text.replaceAll('@', place)})`).evaluate();
  if (!isNixString(json)) throw new Error('not JSON');
  return JSON.parse(stringText(json).replaceAll(place, '@'));
}

function failure(text: string, settings?: readonly (readonly [string, string])[]): NixError {
  try {
    value(text, settings);
  } catch (error) {
    if (error instanceof NixError) return error;
    throw error;
  }
  throw new Error(`no error: ${text}`);
}

const narHash = 'sha256-WjDh7Bs0j7hhm6JO593Iwx6zauwkLbk4ogX+R8xJhEQ=';
const time = { lastModified: 1_600_000_000, lastModifiedDate: '20200913122640' };
const attributes = (text: string) => value(`removeAttrs (builtins.fetchTree (${text})) [ "outPath" ]`);

describe('a tree', () => {
  it('that is a path', () => {
    expect(attributes('{ type = "path"; path = "@/tree"; }')).toEqual({ narHash, ...time });
    expect(attributes('"path:@/tree"')).toEqual({ narHash, ...time });
  });

  it('that is a path tells what it was told of it', () => {
    const given = `rev = "${'1'.repeat(40)}"; revCount = 7; lastModified = 0;`;
    expect(attributes(`{ type = "path"; path = "@/tree"; ${given} }`)).toEqual({
      narHash,
      rev: '1'.repeat(40),
      shortRev: '1111111',
      revCount: 7,
      lastModified: 0,
      lastModifiedDate: '19700101000000',
    });
  });

  it('in an archive', () => {
    expect(attributes('{ type = "tarball"; url = "file://@/t.tar"; }')).toEqual({ narHash, ...time });
    expect(attributes('"tarball+file://@/t.tar"')).toEqual({ narHash, ...time });
  });

  it('that is one file', () => {
    expect(value('builtins.readFileType (builtins.fetchTree { type = "file"; url = "file://@/t.tar"; })')).toBe(
      'regular',
    );
    expect(attributes('"file+file://@/t.tar"')).toHaveProperty('narHash');
  });

  it('in a Git repository, without history unless that is wanted', () => {
    const tree = { narHash, rev, shortRev: rev.slice(0, 7), submodules: false, ...time };
    expect(attributes('{ type = "git"; url = "file://@/bare"; }')).toEqual(tree);
    expect(attributes('"git+file://@/bare?ref=main&shallow=1"')).toEqual(tree);
    expect(attributes('{ type = "git"; url = "file://@/bare"; shallow = false; }')).toEqual({ ...tree, revCount: 1 });
  });

  it('is the same store path whatever it came from', () => {
    const sources = ['{ type = "path"; path = "@/tree"; }', '"file://@/t.tar"', '"git+file://@/bare"'];
    const paths = value(`map (s: (builtins.fetchTree s).outPath) [ ${sources.join(' ')} ]`) as string[];
    expect(new Set(paths).size).toBe(1);
  });
});

describe('a hash', () => {
  const wrong = `narHash = "sha256-${'A'.repeat(43)}=";`;
  it.each([
    [`{ type = "path"; path = "@/tree"; ${wrong} }`, 'path:@/tree'],
    [`{ type = "tarball"; url = "file://@/t.tar"; ${wrong} }`, 'file://@/t.tar'],
  ])('that is wrong: %s', (source, shown) => {
    const error = failure(`builtins.fetchTree ${source}`);
    expect(error.exitCode).toBe(102);
    expect(error.message.replaceAll(place, '@')).toBe(
      `NAR hash mismatch in input '${shown}?narHash=sha256-${'A'.repeat(43)}%3D', ` +
        `expected 'sha256-${'A'.repeat(43)}=' but got '${narHash}'`,
    );
  });

  it('makes a source pure', () => {
    const pure = [['pure-eval', 'true']] as const;
    expect(failure('builtins.fetchTree { type = "path"; path = "@/tree"; }', pure).message).toMatch(
      /^in pure evaluation mode, 'fetchTree' doesn't fetch unlocked input 'path:/,
    );
    expect(
      value(`(builtins.fetchTree { type = "path"; path = "@/tree"; narHash = "${narHash}"; }).narHash`, pure),
    ).toBe(narHash);
  });
});

it.each([
  ['{ url = "x"; }', "argument 'type' is missing in call to 'fetchTree'"],
  ['{ type = "nope"; url = "x"; }', `cannot show unsupported input '{"type":"nope","url":"x"}'`],
  ['{ type = "git"; }', "input attribute 'url' is missing"],
  ['{ type = "path"; path = "/x"; name = "n"; }', "argument 'name' isn’t supported in call to 'fetchTree'"],
  [
    '{ type = "tarball"; url = "http://x/y.tar"; colour = "red"; }',
    "input attribute 'colour' not supported by scheme 'tarball'",
  ],
  ['{ type = "path"; path = "tree"; }', "cannot fetch input 'path:tree' because it uses a relative path"],
  [
    '{ type = "path"; path = "/x"; lastModified = -1; }',
    "negative value given for 'fetchTree' argument 'lastModified': -1",
  ],
  ['"nonsense"', "'nonsense' is not a valid URL"],
])('does not take %s', (source, message) => {
  expect(failure(`builtins.fetchTree ${source}`).message).toBe(message);
});
