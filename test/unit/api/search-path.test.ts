import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { searchPath, splitNixPath } from '../../../src/api/search-path.ts';
import { readSettings } from '../../../src/api/settings-files.ts';

describe('NIX_PATH is split', () => {
  it.each([
    ['', []],
    ['/a:b=/c', ['/a', 'b=/c']],
    ['/a::b=c:', ['/a', 'b=c']],
    ['n=https://x/y.tar.gz:/a', ['n=https://x/y.tar.gz', '/a']],
    ['n=channel:nixos-24.05:m=flake:nixpkgs:/a', ['n=channel:nixos-24.05', 'm=flake:nixpkgs', '/a']],
    ['file:///a.tgz:http://b', ['file:///a.tgz', 'http://b']],
    // C++ Nix knows no ports here, nor other schemes.
    ['http://localhost:80/x', ['http://localhost', '80/x']],
    ['a=ftp://x', ['a=ftp', '//x']],
    ['/with space:b', ['/with', 'space', 'b']],
  ])('%s', (text, entries) => {
    expect(splitNixPath(text)).toEqual(entries);
  });
});

describe('entries', () => {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'nixlet-search-path-'));
    for (const directory of ['.nix-defexpr', '.local/state/nix/defexpr', 'state/nix/defexpr', 'nix-state/defexpr'])
      mkdirSync(join(home, directory, 'channels'), { recursive: true });
    mkdirSync(join(home, 'var/profiles/per-user/root/channels/nixpkgs'), { recursive: true });
  });
  afterAll(() => rmSync(home, { recursive: true }));

  const find = (
    env: Record<string, string> = {},
    more: Partial<Parameters<typeof searchPath>[0]> = {},
  ): { entries: string[]; last: string[] } => {
    const environment = { HOME: home, NIX_STATE_DIR: join(home, 'none'), NIX_CONF_DIR: home, ...env };
    const { entries, last } = searchPath({
      includes: [],
      nixPath: readSettings(environment, () => {})['nix-path'],
      fromEnvironment: 'NIX_PATH' in env,
      mode: 'open',
      env: environment,
      xdg: false,
      embedded: '/embedded',
      lock: undefined,
      ...more,
    });
    const text = ({ prefix, path }: { prefix: string; path: string }) =>
      (prefix && `${prefix}=`) + path.replace(home, '~');
    return { entries: entries.map(text), last: last.map(text) };
  };

  it('are channels, and the embedded set behind them', () => {
    expect(find()).toEqual({ entries: ['~/.nix-defexpr/channels', 'nixpkgs=/embedded'], last: [] });
  });

  it('of the setting come before the channels, and the embedded set shows no more', () => {
    expect(find({ NIX_CONFIG: 'nix-path = a=/a b' }, { includes: ['i=/i'] })).toEqual({
      entries: ['i=/i', 'a=/a', 'b', '~/.nix-defexpr/channels'],
      last: ['nixpkgs=/embedded'],
    });
  });

  it('of NIX_PATH replace those of the setting', () => {
    expect(find({ NIX_CONFIG: 'nix-path = a=/a', NIX_PATH: 'c=/c' }).entries).toEqual([
      'c=/c',
      '~/.nix-defexpr/channels',
    ]);
  });

  it('of an empty NIX_PATH are the channels alone', () => {
    expect(find({ NIX_PATH: '' })).toEqual({ entries: ['~/.nix-defexpr/channels'], last: [] });
  });

  it('are those of the root user, too', () => {
    expect(find({ NIX_STATE_DIR: join(home, 'var') }).entries.slice(1, 3)).toEqual([
      'nixpkgs=~/var/profiles/per-user/root/channels/nixpkgs',
      '~/var/profiles/per-user/root/channels',
    ]);
  });

  it('are elsewhere with use-xdg-base-directories', () => {
    expect(find({}, { xdg: true }).entries[0]).toBe('~/.local/state/nix/defexpr/channels');
    expect(find({ XDG_STATE_HOME: join(home, 'state') }, { xdg: true }).entries[0]).toBe(
      '~/state/nix/defexpr/channels',
    );
    expect(find({ NIX_STATE_HOME: join(home, 'nix-state') }, { xdg: true }).entries[0]).toBe(
      '~/nix-state/defexpr/channels',
    );
  });

  it('are no channels in restricted, and nothing in pure evaluation', () => {
    expect(find({ NIX_PATH: 'a=/a' }, { mode: 'restricted' }).entries).toEqual(['a=/a']);
    expect(find({ NIX_PATH: 'a=/a' }, { mode: 'pure' })).toEqual({ entries: [], last: [] });
  });
});
