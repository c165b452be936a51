import { describe, expect, it } from 'vitest';
import { missingCommand } from '../../../src/image/command-check.ts';
import type { ImageConfig } from '../../../src/image/config.ts';
import { completeConfig } from '../../../src/image/config.ts';
import { assignLayers } from '../../../src/image/layering.ts';
import { applyWhiteout } from '../../../src/image/whiteouts.ts';

const graph: Record<string, string[]> = {
  '/nix/store/3-glibc': [],
  '/nix/store/2-openssl': ['/nix/store/3-glibc'],
  '/nix/store/1-python': ['/nix/store/2-openssl', '/nix/store/3-glibc'],
  '/nix/store/0-app': ['/nix/store/1-python'],
};
const assign = (max: number) => assignLayers(Object.keys(graph).sort(), (path) => graph[path]!, max);

describe('assignLayers', () => {
  it('gives what most others need a layer of its own, lowest first', () => {
    expect(assign(10)).toEqual([
      ['/nix/store/3-glibc'],
      ['/nix/store/2-openssl'],
      ['/nix/store/1-python'],
      ['/nix/store/0-app'],
    ]);
  });

  it('puts the rest together', () => {
    expect(assign(2)).toEqual([
      ['/nix/store/3-glibc'],
      ['/nix/store/0-app', '/nix/store/1-python', '/nix/store/2-openssl'],
    ]);
    expect(assign(1)).toEqual([Object.keys(graph).sort()]);
  });

  it('has no layers for nothing', () => {
    expect(assignLayers([], () => [], 5)).toEqual([]);
  });

  it('copes with cycles and references outside the closure', () => {
    const cyclic: Record<string, string[]> = {
      '/nix/store/a-x': ['/nix/store/b-y', '/nix/store/z-away'],
      '/nix/store/b-y': ['/nix/store/a-x'],
    };
    expect(assignLayers(Object.keys(cyclic), (path) => cyclic[path]!, 9)).toHaveLength(2);
  });
});

const base = { architecture: 'amd64', os: 'linux', created: '1970-01-01T00:00:01Z' };

describe('completeConfig', () => {
  it('keeps the given configuration and adds layers and history', () => {
    const config = completeConfig(
      { ...base, config: { Cmd: ['sh'] } },
      undefined,
      ['sha256:a'],
      [{ created: base.created }],
    );
    expect(config).toEqual({
      ...base,
      config: { Cmd: ['sh'] },
      rootfs: { type: 'layers', diff_ids: ['sha256:a'] },
      history: [{ created: base.created }],
    });
  });

  it('inherits the environment of the base image, and nothing else', () => {
    const below = {
      ...base,
      config: { Env: ['A=1'], Cmd: ['x'] },
      rootfs: { type: 'layers', diff_ids: ['sha256:b'] },
      history: [],
    } as ImageConfig;
    const config = completeConfig({ ...base, config: { Env: ['B=2'] } }, below, ['sha256:a'], [{}]);
    expect(config.config).toEqual({ Env: ['A=1', 'B=2'] });
    expect(config.rootfs.diff_ids).toEqual(['sha256:b', 'sha256:a']);
    expect(config.history).toHaveLength(2);
  });
});

describe('missingCommand', () => {
  const closure = ['/nix/store/1-python'];
  const check = (config: ImageConfig['config'], names: string[] = []) =>
    missingCommand({ ...base, config, rootfs: { type: 'layers', diff_ids: [] }, history: [] }, new Set(names), closure);

  it('is silent where the command is there, or nobody can tell', () => {
    expect(check(null)).toBeUndefined();
    expect(check({ Cmd: ['sh'] }, ['bin', 'bin/sh'])).toBeUndefined();
    expect(check({ Cmd: ['/bin/sh'] }, ['bin/sh'])).toBeUndefined();
    expect(check({ Cmd: ['/nix/store/1-python/bin/python'] })).toBeUndefined();
    expect(check({ Cmd: ['x'], Env: ['PATH=/nix/store/1-python/bin'] })).toBeUndefined();
    expect(check({ Cmd: ['sh'] }, ['bin'])).toBeUndefined(); // a link to somewhere
  });

  it('names the command that is not there', () => {
    expect(check({ Cmd: ['python3'] }, ['bin', 'bin/sh'])).toContain("'python3' is in none of");
    expect(check({ Entrypoint: ['/nix/store/9-x/bin/y'] })).toContain('does not hold /nix/store/9-x');
  });
});

describe('applyWhiteout', () => {
  it('hides a name and what is below it, or all of a directory', () => {
    const lower = new Set(['a', 'a/b', 'ab', 'd', 'd/e', 'd/e/f']);
    expect(applyWhiteout(lower, '.wh.a')).toBe(true);
    expect([...lower]).toEqual(['ab', 'd', 'd/e', 'd/e/f']);
    expect(applyWhiteout(lower, 'd/.wh..wh..opq')).toBe(true);
    expect([...lower]).toEqual(['ab', 'd']);
    expect(applyWhiteout(lower, 'x')).toBe(false);
  });
});
