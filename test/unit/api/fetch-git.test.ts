/** builtins.fetchGit: commits, working trees, submodules, attributes; the same trees and hashes as C++ Nix. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect } from 'vitest';
import type { NixError } from '../../../src/errors/nix-error.ts';
import type { FetchRequest, FetchResult } from '../../../src/runtime/host.ts';
import { FetchingPlace } from '../../support/fetching.ts';
import { withPeer } from '../../support/peers.ts';
import { readTree } from '../../support/read-tree.ts';

const it = withPeer('git');

class Repository {
  readonly place: FetchingPlace;
  readonly path: string;

  constructor(place = new FetchingPlace(), name = 'repo') {
    this.place = place;
    this.path = join(place.directory, name);
    mkdirSync(this.path);
    this.git('init', '--quiet', '--initial-branch', 'main');
  }

  git(...args: string[]): string {
    const settings = ['user.name=T', 'user.email=t@t.example', 'protocol.file.allow=always'];
    const env = {
      ...process.env,
      HOME: this.place.directory,
      GIT_AUTHOR_DATE: '1600000000 +0200',
      GIT_COMMITTER_DATE: '1600000000 +0200',
    };
    return execFileSync('git', [...settings.flatMap((s) => ['-c', s]), '-C', this.path, ...args], {
      env,
      stdio: 'pipe',
    })
      .toString()
      .trim();
  }

  write(name: string, text: string): this {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    writeFileSync(join(this.path, name), text);
    return this;
  }

  commit(): string {
    this.git('add', '-A');
    this.git('commit', '--quiet', '--allow-empty', '-m', 'change');
    return this.git('rev-parse', 'HEAD');
  }

  fetch(
    options: FetchRequest['options'] = {},
    url = this.path,
    expected?: FetchRequest['expected'],
  ): Promise<FetchResult> {
    return this.place.fetch({ kind: 'git', url, name: 'source', options, ...(expected ? { expected } : {}) });
  }

  tree({ storePath }: FetchResult): Record<string, string> {
    return readTree(this.place.physical(storePath));
  }

  async failure(options: FetchRequest['options'], url = this.path): Promise<NixError> {
    return this.fetch(options, url).then(
      () => expect.fail('it succeeded'),
      (reason) => reason,
    );
  }
}

function sample(): Repository {
  const repo = new Repository().write('a.txt', 'a\r\n').write('dir/b', 'b');
  chmodSync(join(repo.path, 'dir/b'), 0o755);
  symlinkSync('dir/b', join(repo.path, 'link'));
  return repo;
}

const sampleTree = { 'a.txt': 'file a\r\n', 'dir/b': 'exec b', link: 'link dir/b' };

describe('a commit', () => {
  it('of a repository on this machine', async () => {
    const repo = sample();
    const rev = repo.commit();
    repo.write('a.txt', 'changed').commit();
    const result = await repo.fetch({ rev });
    expect(repo.tree(result)).toEqual(sampleTree);
    expect(result.attributes).toMatchObject({
      rev,
      shortRev: rev.slice(0, 7),
      revCount: 1,
      lastModified: 1_600_000_000,
      lastModifiedDate: '20200913122640',
    });
    expect((await repo.fetch({ ref: 'main' })).attributes.revCount).toBe(2);
    repo.git('tag', 'v1', rev);
    expect((await repo.fetch({ ref: 'v1' })).storePath).toBe(result.storePath);
  });

  it('keeps its bytes, whatever attributes and configuration say', async () => {
    const repo = sample()
      .write('.gitattributes', '*.txt text eol=crlf ident export-subst\n')
      .write('i.txt', '$Id$ $Format:%H$\n');
    repo.git('config', 'core.autocrlf', 'true');
    repo.git('config', 'core.autocrlf', 'false');
    const rev = repo.commit();
    repo.git('config', 'core.autocrlf', 'true');
    expect(repo.tree(await repo.fetch({ rev }))['i.txt']).toBe('file $Id$ $Format:%H$\n');
  });

  it('leaves out what says export-ignore, directories whole', async () => {
    const repo = sample()
      .write('.gitattributes', 'dir export-ignore\n*.log export-ignore\n')
      .write('x.log', 'x')
      .write('deep/.gitattributes', 'only export-ignore\n')
      .write('deep/only', '1')
      .write('deep/kept', '2');
    const rev = repo.commit();
    expect(Object.keys(repo.tree(await repo.fetch({ rev, exportIgnore: true }))).sort()).toEqual(
      ['.gitattributes', 'a.txt', 'deep/.gitattributes', 'deep/kept', 'link'].sort(),
    );
    expect(Object.keys(repo.tree(await repo.fetch({ rev })))).toContain('dir/b');
  });

  it('that is in the store needs no repository any more', async () => {
    const repo = sample();
    const rev = repo.commit();
    const first = await repo.fetch({ rev });
    rmSync(join(repo.path, '.git/objects'), { recursive: true });
    expect(await repo.fetch({ rev })).toEqual(first);
  });

  it('that is not there, or not as expected', async () => {
    const repo = sample();
    const rev = repo.commit();
    const gone = '1'.repeat(40);
    expect((await repo.failure({ rev: gone })).message).toContain(`Cannot find Git revision '${gone}' in ref 'HEAD'`);
    expect((await repo.failure({ ref: 'gone' })).message).toContain("resolving Git reference 'gone'");
    expect((await repo.failure({ ref: 'a..b' })).message).toBe("invalid Git branch/tag name 'a..b'");
    expect((await repo.failure({ rev: 'abc' })).message).toBe("hash 'abc' has wrong length for hash algorithm 'sha1'");
    expect((await repo.failure({ colour: 'red' })).message).toBe(
      "input attribute 'colour' not supported by scheme 'git'",
    );
    const expected = { algorithm: 'sha256', digest: new Uint8Array(32) } as const;
    const error = await repo.fetch({ rev }, repo.path, expected).catch((reason) => reason);
    expect(error.exitCode).toBe(102);
    expect(error.message).toMatch(
      /^NAR hash mismatch in input 'git\+file:\/\/.*\?rev=.*', expected 'sha256-A{43}=' but got/,
    );
  });
});

describe('a repository elsewhere', () => {
  const bare = (repo: Repository): string => {
    const path = join(repo.place.directory, 'bare.git');
    repo.git('clone', '--quiet', '--bare', repo.path, path);
    return path;
  };

  it('is asked again only when its time is over', async () => {
    const repo = sample();
    const one = repo.commit();
    const url = bare(repo);
    expect((await repo.fetch({}, url)).attributes.rev).toBe(one);
    const two = repo.write('c', 'c').commit();
    repo.git('push', '--quiet', url, 'main');
    expect((await repo.fetch({}, url)).attributes.rev).toBe(one);
    expect((await repo.fetch({ rev: two }, url)).attributes).toMatchObject({ rev: two, revCount: 2 });
    repo.place.now += repo.place.ttl;
    expect((await repo.fetch({}, url)).attributes.rev).toBe(two);
    rmSync(url, { recursive: true });
    mkdirSync(url);
    repo.place.now += repo.place.ttl;
    expect((await repo.fetch({}, url)).attributes.rev).toBe(two);
    expect(repo.place.said.at(-1)).toContain('could not update local clone of Git repository');
  });

  it('gives branches, tags and any commit', async () => {
    const repo = sample();
    const main = repo.commit();
    repo.git('checkout', '--quiet', '-b', 'side');
    const side = repo.write('s', 's').commit();
    repo.git('tag', '-a', '-m', 'tag', 'v1');
    repo.git('checkout', '--quiet', 'main');
    const url = `file://${bare(repo)}`;
    expect((await repo.fetch({}, url)).attributes.rev).toBe(main);
    expect((await repo.fetch({ ref: 'side' }, url)).attributes.rev).toBe(side);
    expect((await repo.fetch({ ref: 'refs/tags/v1' }, url)).attributes.rev).toBe(side);
    expect((await repo.fetch({ rev: side, allRefs: true }, `git+${url}`)).attributes.rev).toBe(side);
    expect((await repo.failure({ ref: 'gone' }, url)).message).toMatch(
      /^Failed to fetch git repository 'file:.*couldn't find remote ref/,
    );
    expect((await repo.failure({ rev: '1'.repeat(40) }, url)).message).toContain('Cannot find Git revision');
  });

  it('can be cloned shallowly, which leaves revCount out', async () => {
    const repo = sample();
    repo.commit();
    const rev = repo.write('c', 'c').commit();
    const url = bare(repo);
    const { attributes } = await repo.fetch({ shallow: true }, url);
    expect(attributes.rev).toBe(rev);
    expect(attributes).not.toHaveProperty('revCount');
    expect((await repo.fetch({}, url)).attributes.revCount).toBe(2);
  });

  it('that does not exist', async () => {
    const repo = sample();
    expect((await repo.failure({}, '/gone/repo')).message).toContain("path '/gone/repo' does not exist");
    expect((await repo.failure({}, 'gone/repo')).message).toBe("'gone/repo' is not a valid URL");
    const error = await repo.failure({}, 'http://127.0.0.1:1/repo');
    expect(error.message).toMatch(
      /^Failed to fetch git repository 'http:\/\/127.0.0.1:1\/repo': fatal: unable to access/,
    );
  });
});

describe('a working tree', () => {
  it('without changes is its commit', async () => {
    const repo = sample();
    const rev = repo.commit();
    repo.write('untracked', 'x');
    const result = await repo.fetch();
    expect(repo.tree(result)).toEqual(sampleTree);
    expect(result.attributes).toMatchObject({ rev, revCount: 1, lastModified: 1_600_000_000 });
    expect((await repo.fetch({ rev })).storePath).toBe(result.storePath);
    expect(repo.place.said).toEqual([]);
  });

  it('with changes is what is on disk of what is tracked', async () => {
    const repo = sample();
    const rev = repo.commit();
    repo.write('untracked', 'x').write('staged', 's').write('intended', 'i');
    appendFileSync(join(repo.path, 'a.txt'), 'more');
    repo.git('add', 'staged');
    repo.git('add', '--intent-to-add', 'intended');
    rmSync(join(repo.path, 'dir/b'));
    const result = await repo.fetch();
    expect(repo.tree(result)).toEqual({
      'a.txt': 'file a\r\nmore',
      staged: 'file s',
      intended: 'file i',
      link: 'link dir/b',
    });
    expect(result.attributes).toMatchObject({ dirtyRev: `${rev}-dirty`, dirtyShortRev: `${rev.slice(0, 7)}-dirty` });
    expect(result.attributes).not.toHaveProperty('rev');
    expect(repo.place.said).toEqual([`warning: Git tree '${repo.path}' is dirty`]);
  });

  it('without any commit', async () => {
    const repo = new Repository();
    expect((await repo.fetch()).attributes).toMatchObject({ rev: '0'.repeat(40), revCount: 0, lastModified: 0 });
  });
});

describe('submodules', () => {
  function withSubmodule(): { readonly outer: Repository; readonly inner: Repository } {
    const inner = new Repository().write('inside', 'in');
    inner.commit();
    const outer = new Repository(inner.place, 'outer').write('outside', 'out');
    outer.git('submodule', '--quiet', 'add', '../repo', 'lib/sub');
    outer.commit();
    return { outer, inner };
  }

  it('are left out, or fetched with the rest', async () => {
    const { outer } = withSubmodule();
    const rev = outer.git('rev-parse', 'HEAD');
    expect(Object.keys(outer.tree(await outer.fetch({ rev })))).toEqual(['.gitmodules', 'lib/sub/', 'outside']);
    const whole = await outer.fetch({ rev, submodules: true });
    expect(outer.tree(whole)['lib/sub/inside']).toBe('file in');
    expect((await outer.fetch({ submodules: true })).storePath).toBe(whole.storePath);
  });

  it('count with their own changes in a working tree', async () => {
    const { outer } = withSubmodule();
    writeFileSync(join(outer.path, 'lib/sub/inside'), 'changed');
    const result = await outer.fetch({ submodules: true });
    expect(outer.tree(result)['lib/sub/inside']).toBe('file changed');
    expect(result.attributes).toHaveProperty('dirtyRev');
  });

  it('do not go with exportIgnore', async () => {
    const { outer } = withSubmodule();
    expect((await outer.failure({ submodules: true, exportIgnore: true })).message).toContain('not supported together');
  });
});

it('says that git is missing', async () => {
  const repo = sample();
  const rev = repo.commit();
  const { PATH } = process.env;
  process.env.PATH = repo.place.directory;
  const error = await repo.failure({ rev }).finally(() => {
    process.env.PATH = PATH;
  });
  expect(error.message).toBe("the program 'git', which fetches Git repositories, is not in PATH");
  expect(error.hint).toContain('apt-get install git');
});

withPeer('git', 'nix-instantiate')('gives the trees and attributes of C++ Nix', async () => {
  const repo = sample().write('.gitattributes', 'skipped export-ignore\n').write('skipped', 'x');
  const rev = repo.commit();
  const theirs = (text: string) =>
    JSON.parse(
      execFileSync(
        'nix-instantiate',
        ['--store', join(repo.place.directory, 'theirs'), '--eval', '--strict', '--json', '-E', text],
        {
          env: {
            ...process.env,
            HOME: repo.place.directory,
            XDG_CACHE_HOME: join(repo.place.directory, 'their-cache'),
          },
          stdio: 'pipe',
        },
      ).toString(),
    );
  const attributes =
    'x: { inherit (x) rev shortRev revCount lastModified lastModifiedDate narHash; path = x.outPath; }';
  const call = `(${attributes}) (builtins.fetchGit { url = "file://${repo.path}"; rev = "${rev}"; ref = "main"; })`;
  const { storePath, attributes: ours } = await repo.fetch({ rev, exportIgnore: true });
  expect({ ...ours, path: storePath }).toEqual(theirs(call));
  expect(readFileSync(join(repo.place.physical(storePath), 'a.txt'), 'utf8')).toBe('a\r\n');
});
