import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeBytes } from '../../../src/base/bytes.ts';
import { toHex } from '../../../src/base/hash.ts';
import { diskPath } from '../../../src/store/disk.ts';
import { canonicalise, deleteTree } from '../../../src/store/local/files.ts';
import { dumpPath, hashPath } from '../../../src/store/nar/dump.ts';
import { NarReader } from '../../../src/store/nar/read.ts';
import { restorePath } from '../../../src/store/nar/restore.ts';
import { type FileTree, narOfTree, treeOfNar } from '../../../src/store/nar/tree.ts';
import { wireStrings } from '../../../src/store/nar/wire.ts';
import { joined, sampleTree } from '../../contract/store.ts';
import { withPeer } from '../../support/peers.ts';

const root = mkdtempSync(join(tmpdir(), 'nixlet-nar-'));
afterAll(() => void deleteTree(root));
let count = 0;
const fresh = () => join(root, String(count++));

const name = fc.stringMatching(/^[a-zA-Zé .~]{1,6}$/).filter((text) => text !== '.' && text !== '..');
const { tree } = fc.letrec<{ tree: FileTree; directory: FileTree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.record({
      type: fc.constant('regular' as const),
      executable: fc.boolean(),
      contents: fc.uint8Array({ maxLength: 40 }),
    }),
    fc.record({ type: fc.constant('symlink' as const), target: name }),
    tie('directory'),
  ),
  directory: fc
    .array(fc.tuple(name, tie('tree')), { maxLength: 4 })
    .map((entries) => ({ type: 'directory' as const, entries: new Map(entries) })),
}));

describe('NAR in memory', () => {
  it('gives the tree back, in chunks of any size', () => {
    fc.assert(
      fc.property(tree, fc.integer({ min: 1, max: 50 }), (files, size) => {
        const nar = joined(narOfTree(files));
        const pieces = Array.from({ length: Math.ceil(nar.length / size) }, (_, i) =>
          nar.subarray(i * size, (i + 1) * size),
        );
        expect(treeOfNar(pieces)).toEqual(files);
      }),
    );
  });

  it('no proper beginning of a NAR is one, and nothing may follow', () => {
    const nar = joined(narOfTree(sampleTree));
    for (let end = 0; end < nar.length; end += 8)
      expect(() => treeOfNar([nar.subarray(0, end)])).toThrow('bad archive: unexpected end of the archive');
    expect(() => treeOfNar([nar, new Uint8Array(8)])).toThrow('bad archive: it goes on after its end');
  });

  const directory = ['nix-archive-1', '(', 'type', 'directory'];
  const entry = (file: string) => ['entry', '(', 'name', file, 'node', '(', 'type', 'symlink', 'target', 'x', ')', ')'];
  it.each([
    ['another magic', ['nix-archive-2'], "input doesn't look like a Nix archive"],
    ['another type', ['nix-archive-1', '(', 'type', 'socket'], "unknown file type 'socket'"],
    ['names out of order', [...directory, ...entry('b'), ...entry('a')], 'directory is not sorted'],
    ['a name twice', [...directory, ...entry('a'), ...entry('a')], 'directory is not sorted'],
    ...['..', '.', '', 'a/b', 'a\0b'].map((file): [string, string[], string] => [
      `the name ${JSON.stringify(file)}`,
      [...directory, ...entry(file)],
      'contains invalid file name',
    ]),
  ])('refuses %s', (_, strings, message) => {
    expect(() => treeOfNar([wireStrings(...strings)])).toThrow(message);
  });

  it('refuses padding that is not zero, and strings of absurd length', () => {
    const bytes = wireStrings('nix-archive-1');
    bytes[bytes.length - 1] = 1;
    expect(() => treeOfNar([bytes])).toThrow('non-zero padding');
    expect(() => treeOfNar([new Uint8Array(8).fill(0x7f)])).toThrow('string is too long');
  });
});

describe('NAR and disk', () => {
  it('restored files have the NAR they came from, and canonical form', () => {
    const target = fresh();
    restorePath(target, narOfTree(sampleTree));
    expect(joined(dumpPath(target))).toEqual(joined(narOfTree(sampleTree)));
    expect(lstatSync(join(target, 'run')).mode & 0o7777).toBe(0o555);
    expect(lstatSync(join(target, 'text')).mode & 0o7777).toBe(0o444);
    for (const file of ['', 'empty', 'dangling', 'run']) expect(lstatSync(join(target, file)).mtimeMs).toBe(1000);
  });

  it('a large file goes through in pieces', () => {
    const file = fresh();
    const contents = new Uint8Array(1_000_003).map((_, i) => i * 7);
    writeFileSync(file, contents);
    const chunks = [...dumpPath(file)];
    expect(chunks.length).toBeGreaterThan(2);
    expect(treeOfNar(chunks)).toEqual({ type: 'regular', executable: false, contents });
    restorePath(fresh(), chunks);
  });

  it('a filter leaves out what it refuses and sees absolute paths and types', () => {
    const target = fresh();
    restorePath(target, narOfTree(sampleTree));
    const seen: string[] = [];
    const filtered = treeOfNar(
      dumpPath(target, (path, type) => {
        seen.push(`${type} ${path.slice(target.length)}`);
        return type === 'regular';
      }),
    );
    expect(seen).toEqual([
      'symlink /dangling',
      'directory /empty',
      'regular /run',
      'regular /text',
      'regular /é\udcff',
    ]);
    expect(filtered.type === 'directory' && [...filtered.entries.keys()]).toEqual(['run', 'text', 'é\udcff']);
  });

  it('sockets are refused by name, missing and unreadable files in the words of the system', async () => {
    const folder = fresh();
    mkdirSync(folder);
    const server = createServer().listen(join(folder, 'socket'));
    await new Promise((ready) => server.once('listening', ready));
    expect(() => hashPath(folder)).toThrow(`file '${folder}/socket' has an unsupported type`);
    server.close();
    const missing = fresh();
    expect(() => hashPath(missing)).toThrow(`getting status of '${missing}': No such file or directory`);
    const locked = fresh();
    writeFileSync(locked, '');
    chmodSync(locked, 0);
    if (process.getuid?.() !== 0) expect(() => hashPath(locked)).toThrow(`opening file '${locked}': Permission denied`);
  });

  it('canonical form takes rights away and deleting copes with it', () => {
    const folder = fresh();
    mkdirSync(join(folder, 'inner'), { recursive: true });
    writeFileSync(join(folder, 'inner/file'), 'x', { mode: 0o640 });
    symlinkSync('/nowhere', join(folder, 'link'));
    canonicalise(folder);
    expect(lstatSync(folder).mode & 0o7777).toBe(0o555);
    expect(lstatSync(join(folder, 'inner/file')).mode & 0o7777).toBe(0o444);
    expect(lstatSync(join(folder, 'link')).mtimeMs).toBe(1000);
    expect(deleteTree(folder)).toBeGreaterThan(0);
    expect(existsSync(folder)).toBe(false);
  });

  withPeer('nix-store')('nix-store --dump and --restore agree', () => {
    const target = fresh();
    restorePath(target, narOfTree(sampleTree));
    const theirs = execFileSync('nix-store', ['--dump', target]);
    expect(toHex(joined(dumpPath(target)))).toBe(theirs.toString('hex'));
    const other = fresh();
    execFileSync('nix-store', ['--restore', other], { input: joined(narOfTree(sampleTree)) });
    expect(toHex(hashPath(other).digest)).toBe(toHex(hashPath(target).digest));
    const plain = fresh();
    writeFileSync(plain, 'x', { mode: 0o755 });
    expect(toHex(joined(dumpPath(plain)))).toBe(execFileSync('nix-store', ['--dump', plain]).toString('hex'));
  });

  it('names that are not UTF-8 survive', () => {
    const folder = fresh();
    mkdirSync(folder);
    const odd = `${folder}/\udcff`;
    writeFileSync(diskPath(odd), 'x');
    const files = treeOfNar(dumpPath(folder));
    expect(files.type === 'directory' && [...files.entries.keys()]).toEqual(['\udcff']);
    new NarReader({
      directory() {},
      endDirectory() {},
      regular(file) {
        expect(encodeBytes(file)).toEqual(Uint8Array.of(0xff));
      },
      data() {},
      endRegular() {},
      symlink() {},
    }).write(joined(dumpPath(folder)));
  });
});
