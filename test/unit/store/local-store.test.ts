/** What is special about the store on disk: sharing it with C++ Nix, dying in the middle, locks, roots, bad disks. */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { hashText } from '../../../src/base/hash.ts';
import { makeStorePath, textPath } from '../../../src/derivation/store-path.ts';
import { identifyOutput } from '../../../src/store/identify.ts';
import { canonicalise, deleteTree } from '../../../src/store/local/files.ts';
import { collectGarbage, deadPaths } from '../../../src/store/local/gc.ts';
import { defaultRoot, storeLayout } from '../../../src/store/local/layout.ts';
import type { LocalStore, Registration } from '../../../src/store/local/local-store.ts';
import { tryLock } from '../../../src/store/local/locks.ts';
import { openStore } from '../../../src/store/local/open-store.ts';
import { findRoots, makeRoot } from '../../../src/store/local/roots.ts';
import { verifyStore } from '../../../src/store/local/verify.ts';
import { restorePath } from '../../../src/store/nar/restore.ts';
import { narOfTree } from '../../../src/store/nar/tree.ts';
import { isValidPath } from '../../../src/store/store.ts';
import { addDerivation, sampleDerivation, sampleTree } from '../../contract/store.ts';
import { withPeer } from '../../support/peers.ts';

const scratch = mkdtempSync(join(tmpdir(), 'nixlet-local-'));
const opened: LocalStore[] = [];
let count = 0;

function fresh(): string {
  return join(scratch, String(count++));
}

function open(root = fresh(), readOnly = false): LocalStore {
  const store = openStore({ root, readOnly });
  opened.push(store);
  return store;
}

afterEach(() => {
  for (const store of opened.splice(0)) store.close();
});
afterAll(() => void deleteTree(scratch));

function sourceFolder(): string {
  const folder = fresh();
  restorePath(folder, narOfTree(sampleTree), { canonical: false });
  return folder;
}

/** What a builder does: makes an output and has it registered. */
async function build(store: LocalStore, path: string, text: string, candidates: readonly string[]): Promise<void> {
  const staged = store.stage(path);
  mkdirSync(staged);
  writeFileSync(join(staged, 'file'), text, { mode: 0o640 });
  canonicalise(staged);
  store.register([{ path, staged, ...(await identifyOutput(staged, candidates)) }]);
}

const nix = (root: string, ...args: string[]) =>
  execFileSync('nix-store', ['--store', root, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();

describe('together with C++ Nix', () => {
  withPeer('nix-store', 'nix-instantiate')('it verifies our store, and each reads what the other added', async () => {
    const store = open();
    const { root } = store.layout;
    const source = store.addFiles({ path: sourceFolder(), name: 'source', method: 'nar' });
    const text = store.addText('text', `see ${source}`, [source]);
    const drv = sampleDerivation(store, 'thing');
    const drvPath = store.addDerivation(drv);
    const output = makeStorePath('output:out', `sha256:${'1'.repeat(64)}`, 'thing');
    await build(store, output, `${text} ${output}`, [source, text, output]);
    expect(nix(root, '--query', '--references', output).split('\n').sort()).toEqual([text, output].sort());
    expect(nix(root, '--query', '--requisites', output).split('\n').sort()).toEqual([source, text, output].sort());
    execFileSync('nix-store', ['--store', root, '--verify', '--check-contents'], { stdio: 'pipe' });
    store.close();
    execFileSync('nix-store', ['--store', root, '--verify', '--check-contents'], { stdio: 'pipe' });

    const folder = sourceFolder();
    writeFileSync(join(folder, 'more'), 'more');
    const added = nix(root, '--add', folder);
    const theirDrv = execFileSync('nix-instantiate', ['--store', root, 'fixtures/drv/two-outputs.nix'], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
    expect(isValidPath(store, added)).toBe(true);
    expect([...store.derivationOutputs(theirDrv).keys()].sort()).toEqual(['dev', 'out']);
    expect(store.addFiles({ path: folder, name: folder.slice(folder.lastIndexOf('/') + 1), method: 'nar' })).toBe(
      added,
    );
    expect(verifyStore(store, { contents: true })).toEqual([]);
    const again = store.addText('again', added, [added]);
    expect(nix(root, '--query', '--references', again)).toBe(added);
    expect(nix(root, '--query', '--deriver', drvPath)).toBe('unknown-deriver');
  });

  withPeer('nix-store')('we work on a store that it made, and our links are its roots', async () => {
    const root = fresh();
    const added = nix(root, '--add', sourceFolder());
    const store = open(root);
    const user = store.addText('user', added, [added]);
    const loose = store.addText('loose', 'nothing');
    makeRoot(store, join(scratch, 'result'), user);
    store.close();
    // Its own links are logical, ours physical; what it takes for roots are links to logical paths.
    const link = join(scratch, 'logical');
    symlinkSync(user, link);
    nix(root, '--add-root', link, '--indirect', '--realise', user);
    const deleted = execFileSync('nix-store', ['--store', root, '--gc'], { encoding: 'utf8', stdio: 'pipe' });
    expect(existsSync(join(root, loose))).toBe(false);
    expect(existsSync(join(root, user))).toBe(true);
    expect(deleted).toBeDefined();
    expect(store.validPaths()).toEqual([added, user].sort());
  });
});

describe('adding', () => {
  it('sources of every method have the paths that C++ Nix gives them', () => {
    const store = open();
    const folder = sourceFolder();
    const file = join(folder, 'text');
    expect(store.addFiles({ path: file, name: 'x', method: 'text' })).toBe(textPath('x', 'hello', []));
    const flat = store.addFiles({ path: file, name: 'x', method: 'flat' });
    expect(store.pathInfo(flat)?.ca).toMatch(/^fixed:sha256:/);
    expect(store.addFiles({ path: folder, name: 'x', method: 'nar', algorithm: 'sha1' })).not.toBe(flat);
    expect(lstatSync(store.realPath(flat)).mode & 0o7777).toBe(0o444);
  });

  it('a filter is asked once for each file', () => {
    const store = open();
    const asked: string[] = [];
    store.addFiles({
      path: sourceFolder(),
      name: 'x',
      method: 'nar',
      filter: (path) => {
        asked.push(path);
        return !path.endsWith('text');
      },
    });
    expect(asked.length).toBe(new Set(asked).size);
    expect(store.validPaths().map((path) => existsSync(join(store.realPath(path), 'text')))).toEqual([false]);
  });

  it('what is expected is checked, and not read where it is there', () => {
    const store = open();
    const folder = sourceFolder();
    const digest = new Uint8Array(32);
    const options = { path: folder, name: 'x', method: 'nar', expected: { algorithm: 'sha256', digest } } as const;
    expect(() => store.addFiles(options)).toThrow(`hash mismatch importing path '${folder}'`);
    const path = store.addFiles({ path: folder, name: 'x', method: 'nar' });
    const expected = { algorithm: 'sha256', digest: store.pathInfo(path)!.narHash } as const;
    rmSync(folder, { recursive: true, force: true });
    expect(store.addFiles({ ...options, expected })).toBe(path);
  });

  it('a .drv from outside with a wrong output path is refused', () => {
    const store = open();
    const drv = sampleDerivation(store, 'thing');
    const wrong = { ...drv, name: 'other' };
    expect(() => addDerivation(store, wrong)).toThrow('derivation has incorrect output');
    expect(store.validPaths()).toEqual([]);
  });

  it('a batch is there whole or not at all', () => {
    const store = open();
    const failing = () =>
      store.batch(() => {
        store.addText('a', 'a');
        throw new Error('stop');
      });
    expect(failing).toThrow('stop');
    expect(store.validPaths()).toEqual([]);
    store.batch(() => {
      store.addText('a', 'a');
      store.addText('b', 'b');
    });
    expect(store.validPaths().length).toBe(2);
  });

  it('two outputs that refer to each other are a cycle', async () => {
    const store = open();
    const [a, b] = ['a', 'b'].map((name) => makeStorePath('output:out', 'sha256:0', name)) as [string, string];
    const entries: Registration[] = [];
    for (const [path, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const staged = store.stage(path);
      writeFileSync(staged, other);
      canonicalise(staged);
      entries.push({ path, staged, ...(await identifyOutput(staged, [a, b])) });
    }
    expect(() => store.register(entries)).toThrow('cycle detected in the references of');
    expect(store.validPaths()).toEqual([]);
  });
});

describe('processes', () => {
  const child = new URL('./child.ts', import.meta.url).pathname;

  async function run(...args: string[]) {
    const process = fork(child, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    const [message] = await once(process, 'message');
    return { process, message };
  }

  it('killed while registering: nothing half-registered, the next one cleans up', async () => {
    const root = fresh();
    const { process } = await run('die-registering', root);
    const ended = once(process, 'exit');
    process.kill('SIGKILL');
    await ended;
    const store = open(root);
    expect(store.validPaths()).toEqual([]);
    const path = store.addText('victim', 'text');
    expect(readFileSync(store.realPath(path), 'utf8')).toBe('text');
    expect(readdirSync(store.layout.staging).length).toBe(1);
    expect(verifyStore(store, { contents: true })).toEqual([]);
  });

  it('a path lock keeps others waiting until its holder ends', async () => {
    const root = fresh();
    const path = textPath('locked', 'x', []);
    const { process } = await run('hold-lock', root, path);
    const store = open(root);
    let waited = false;
    const lock = store.lockPaths([path], { onWait: () => (waited = true) });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(waited).toBe(true);
    process.kill('SIGKILL');
    (await lock).release();
    expect(readdirSync(store.layout.own).filter((name) => name.includes('locked'))).toEqual([]);
    const abort = AbortSignal.abort();
    const held = await store.lockPaths([path]);
    await expect(store.lockPaths([path], { signal: abort })).rejects.toThrow();
    held.release();
  });

  it('many writers at once', async () => {
    const root = fresh();
    const children = await Promise.all(Array.from({ length: 4 }, (_, i) => run('add-many', root, String(i))));
    for (const { process } of children) process.kill();
    const store = open(root);
    // Each adds 20 of its own and the same 20 as every other.
    expect(store.validPaths().length).toBe(4 * 20 + 20);
    expect(verifyStore(store, { contents: true })).toEqual([]);
  });

  it('the collector waits for those who use the store', async () => {
    const root = fresh();
    const { process } = await run('add-many', root, '0');
    const store = open(root);
    let waited = false;
    const collected = collectGarbage(store, { onWait: () => (waited = true) });
    await new Promise((resolve) => setTimeout(resolve, 60));
    process.kill('SIGKILL');
    expect((await collected).paths.length).toBe(40);
    expect(waited).toBe(true);
  });

  it('locks: shared ones get on, an exclusive one stands alone', () => {
    const file = join(scratch, 'lock');
    const first = tryLock(file, 'shared')!;
    const second = tryLock(file, 'shared')!;
    expect(tryLock(file, 'exclusive')).toBeUndefined();
    first.release();
    second.release();
    const alone = tryLock(file, 'exclusive')!;
    expect(tryLock(file, 'shared')).toBeUndefined();
    alone.release(true);
    expect(existsSync(file)).toBe(false);
  });
});

describe('roots and garbage', () => {
  it('what a root reaches stays, with derivers; the rest goes', async () => {
    const store = open();
    const drvPath = store.addDerivation(sampleDerivation(store, 'thing'));
    const a = store.addText('a', 'a');
    const out = makeStorePath('output:out', 'sha256:2', 'thing');
    const staged = store.stage(out);
    writeFileSync(staged, a);
    canonicalise(staged);
    store.register([{ path: out, staged, deriver: drvPath, ...(await identifyOutput(staged, [a])) }]);
    const loose = store.addText('loose', 'x');
    writeFileSync(join(store.layout.objects, 'left-behind'), '');
    const link = join(fresh(), 'result');
    makeRoot(store, link, out);
    expect(readlinkSync(link)).toBe(store.realPath(out));
    expect(findRoots(store)).toEqual([{ from: link, path: out }]);
    expect(deadPaths(store)).toEqual([loose]);
    await expect(collectGarbage(store, { only: [a] })).rejects.toThrow('since it is still alive');
    const { paths, bytesFreed } = await collectGarbage(store);
    expect(paths).toEqual([loose, '/nix/store/left-behind']);
    expect(bytesFreed).toBeGreaterThan(0);
    expect(store.validPaths()).toEqual([drvPath, a, out].sort());
    rmSync(link);
    expect((await collectGarbage(store)).paths.length).toBe(3);
    expect(readdirSync(join(store.layout.gcRoots, 'auto'))).toEqual([]);
  });

  it('a link replaces a link into the store, and nothing else', () => {
    const store = open();
    const [a, b] = [store.addText('a', 'a'), store.addText('b', 'b')];
    const link = join(scratch, 'link');
    makeRoot(store, link, a);
    makeRoot(store, link, b);
    expect(readlinkSync(link)).toBe(store.realPath(b));
    const file = join(scratch, 'file');
    writeFileSync(file, '');
    expect(() => makeRoot(store, file, a)).toThrow(`cannot create symlink '${file}'; already exists`);
  });

  it('a limit is a limit', async () => {
    const store = open();
    for (let i = 0; i < 5; i++) store.addText(`t${i}`, 'x');
    expect((await collectGarbage(store, { maxFreed: 1 })).paths.length).toBe(1);
    expect(store.validPaths().length).toBe(4);
  });
});

describe('bad cases', () => {
  it('a store that is not there is empty, and reading makes nothing', () => {
    const store = open();
    expect(store.validPaths()).toEqual([]);
    expect(existsSync(store.layout.root)).toBe(false);
    expect(verifyStore(store)).toEqual([]);
  });

  it('read-only stores refuse changes', () => {
    const root = fresh();
    const path = open(root).addText('a', 'a');
    const store = open(root, true);
    expect(isValidPath(store, path)).toBe(true);
    expect(() => store.addText('b', 'b')).toThrow('is opened read-only');
  });

  it('a root that is a file', () => {
    const root = fresh();
    writeFileSync(root, '');
    expect(() => open(root).addText('a', 'a')).toThrow(`creating directory '${root}/nix/store': Not a directory`);
  });

  it('a database of a newer Nix', () => {
    const { schemaFile, root } = storeLayout(fresh());
    mkdirSync(join(root, 'nix/var/nix/db'), { recursive: true });
    writeFileSync(schemaFile, '11');
    expect(() => open(root).validPaths()).toThrow('current Nix store schema is version 11, but I only support 10');
  });

  it('a database that is none', () => {
    const store = open();
    store.addText('a', 'a');
    store.close();
    writeFileSync(store.layout.database, 'x'.repeat(10000));
    expect(() => open(store.layout.root).validPaths()).toThrow(
      `the store's database '${store.layout.database}' is corrupt: file is not a database`,
    );
  });

  it('files that were changed or deleted', () => {
    const store = open();
    const [a, b] = [store.addText('a', 'a'), store.addText('b', 'b')];
    chmodSync(store.realPath(a), 0o644);
    writeFileSync(store.realPath(a), 'b');
    deleteTree(store.realPath(b));
    expect(verifyStore(store, { contents: true }).map((problem) => problem.slice(0, 60))).toEqual(
      [
        [a, `path '${a}' was modified!`],
        [b, `path '${b}' disappeared, but`],
      ]
        .sort()
        .map(([, text]) => expect.stringContaining(text!.slice(0, 50))),
    );
  });

  const mayMount = process.platform === 'linux' && process.getuid?.() === 0;
  (mayMount ? it : it.skip)('a full disk: a clear error, nothing half-written (needs root, to mount one)', () => {
    const root = fresh();
    mkdirSync(root);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', root], { stdio: 'pipe' });
    } catch {
      return;
    }
    const store = open(root);
    try {
      const small = store.addText('small', 'x');
      expect(() => store.addText('large', 'x'.repeat(2_000_000))).toThrow('No space left on device');
      expect(store.validPaths()).toEqual([small]);
      store.addText('small-again', 'y');
      expect(verifyStore(store, { contents: true })).toEqual([]);
    } finally {
      store.close();
      execFileSync('umount', [root]);
    }
  });

  it('the user’s own store, where / is not writable', () => {
    if (process.getuid?.() === 0) return;
    expect(defaultRoot({ XDG_DATA_HOME: '/data' })).toBe('/data/nixlet');
    expect(defaultRoot({ HOME: '/home/u' })).toBe('/home/u/.local/share/nixlet');
  });

  it('hashes are the same with OpenSSL', () => {
    expect(Buffer.from(hashText('sha256', 'abc')).toString('hex').slice(0, 8)).toBe('ba7816bf');
  });
});
