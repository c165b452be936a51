import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NixError } from '../../../src/errors/nix-error.ts';
import { readLock, writeLock } from '../../../src/nixpkgs/lock.ts';
import { stronglyConnected } from '../../../src/nixpkgs/relock/components.ts';

const path = new URL('../../../src/nixpkgs/debian.lock.json', import.meta.url).pathname;
const text = readFileSync(path, 'utf8');

describe('the lock of the embedded set', () => {
  const lock = readLock(text, path);

  it('is written as it is read', () => {
    expect(writeLock(lock)).toBe(text);
  });

  it.each(Object.keys(lock.architectures))('has no circles on %s', (architecture) => {
    const { packages } = lock.architectures[architecture]!;
    const graph = new Map(Object.entries(packages).map(([key, value]) => [key, new Set(value.depends)]));
    expect(stronglyConnected(graph).filter((component) => component.length > 1)).toEqual([]);
  });

  it.each(Object.keys(lock.architectures))('names every .deb once on %s', (architecture) => {
    const files = Object.values(lock.architectures[architecture]!.packages).flatMap(({ debs }) =>
      debs.map((deb) => deb.file),
    );
    expect(new Set(files).size).toBe(files.length);
  });

  it('has what programs of the article need', () => {
    for (const { packages } of Object.values(lock.architectures))
      expect(Object.keys(packages)).toEqual(
        expect.arrayContaining([
          'busybox-static',
          'bash',
          'python3.11',
          'python3-starlette',
          'python3-uvicorn',
          'bubblewrap',
        ]),
      );
  });
});

describe('a lock that is damaged', () => {
  const deb = { package: 'a', version: '1', file: 'pool/main/a/a/a_1_all.deb', size: 1, sha256: '0'.repeat(64) };
  const lockOf = (value: unknown) =>
    JSON.stringify({ format: 1, release: 'bookworm', architectures: { amd64: { packages: { a: value } } } });

  it.each([
    ['is not JSON', '{', /is not JSON/],
    ['is of another format', JSON.stringify({ format: 2 }), /has format 2/],
    [
      'leaves the pool',
      lockOf({ debs: [{ ...deb, file: '/etc/passwd' }], depends: [] }),
      /not a path in a Debian pool/,
    ],
    ['has no hash', lockOf({ debs: [{ ...deb, sha256: 'x' }], depends: [] }), /not a SHA-256/],
    ['has no size', lockOf({ debs: [{ ...deb, size: -1 }], depends: [] }), /not a size/],
    ['depends on nothing', lockOf({ debs: [deb], depends: ['b'] }), /depends on 'b', which is not locked/],
    ['has an empty package', lockOf({ debs: [], depends: [] }), /names no .deb/],
  ])('%s', (_, damaged, message) => {
    expect(() => readLock(damaged, 'x.json')).toThrow(message);
    expect(() => readLock(damaged, 'x.json')).toThrow(NixError);
  });
});
