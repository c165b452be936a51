import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ArchiveEntry, fileEntry, ROOT_OWNER } from '../../../src/image/entry.ts';
import { ArchiveTree } from '../../../src/image/tree.ts';

const file = (name: string) => fileEntry(name, new Uint8Array(1));
const directory = (name: string, mode = 0o555): ArchiveEntry => ({ type: 'directory', name, mode, owner: ROOT_OWNER });
const names = (tree: ArchiveTree) => [...tree.walk()].map((entry) => entry.name);

describe('ArchiveTree', () => {
  it('gives parents first, and siblings in byte order', () => {
    const tree = new ArchiveTree(0o755);
    for (const name of ['b/x', 'a-b', 'a/y', 'é', 'Z']) tree.add(file(name), 'one');
    expect(names(tree)).toEqual(['', 'Z', 'a', 'a/y', 'a-b', 'b', 'b/x', 'é']);
  });

  it('does not depend on the order in which entries came', () => {
    const name = fc.array(fc.constantFrom('a', 'b', 'c', 'a.b', 'A'), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { selector: (parts) => parts.join('/') }),
        fc.infiniteStream(fc.nat()),
        (list, picks) => {
          const paths = list.map((parts) => `${parts.join('/')}!`);
          const shuffled = paths.map((path) => ({ path, at: picks.next().value })).sort((x, y) => x.at - y.at);
          const [one, other] = [new ArchiveTree(0o755), new ArchiveTree(0o755)];
          for (const path of paths) one.add(file(path), 'x');
          for (const { path } of shuffled) other.add(file(path), 'x');
          expect(names(one)).toEqual(names(other));
        },
      ),
    );
  });

  it('merges directories; the later mode wins', () => {
    const tree = new ArchiveTree(0o755);
    tree.add(directory('etc', 0o555), 'one');
    tree.add(file('etc/a'), 'one');
    tree.add(directory('etc', 0o700), 'two');
    tree.add(file('etc/b'), 'two');
    expect([...tree.walk()].find((entry) => entry.name === 'etc')).toMatchObject({ mode: 0o700 });
    expect(names(tree)).toEqual(['', 'etc', 'etc/a', 'etc/b']);
  });

  it('lets the later file win, and a directory replace a file', () => {
    const tree = new ArchiveTree(0o755);
    tree.add(fileEntry('x', new Uint8Array(1)), 'one');
    tree.add(fileEntry('x', new Uint8Array(2)), 'two');
    expect(tree.at('x')).toMatchObject({ size: 2 });
    tree.add(file('x/below'), 'three');
    expect(tree.at('x')).toBe('directory');
  });

  it('refuses a file in place of a directory with entries, and names both sources', () => {
    const tree = new ArchiveTree(0o755);
    tree.add(directory('etc'), 'first');
    tree.add(file('etc/a'), 'first');
    expect(() => tree.add(file('etc'), 'second')).toThrow("'/etc' is a directory in first and a file in second");
  });
});
