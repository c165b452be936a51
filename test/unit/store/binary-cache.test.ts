import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BinaryCache, type CacheFiles } from '../../../src/store/binary-cache/binary-cache.ts';
import { directoryFiles, verifyEd25519, webFiles } from '../../../src/store/binary-cache/cache-files.ts';
import { parseNarInfo, printNarInfo } from '../../../src/store/binary-cache/narinfo.ts';
import { parsePublicKeys } from '../../../src/store/binary-cache/trust.ts';
import { type CacheCompression, writeCache } from '../../../src/store/binary-cache/write-cache.ts';
import { deleteTree } from '../../../src/store/local/files.ts';
import { MemoryStore } from '../../../src/store/memory-store.ts';
import { treeOfNar } from '../../../src/store/nar/tree.ts';
import { addText } from '../../contract/store.ts';
import { withPeer } from '../../support/peers.ts';

const scratch = mkdtempSync(join(tmpdir(), 'nixlet-cache-'));
afterAll(() => void deleteTree(scratch));
let count = 0;
const fresh = () => join(scratch, String(count++));

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const x = publicKey.export({ format: 'jwk' }).x!;
const trustedKeys = parsePublicKeys([`test-1:${Buffer.from(x, 'base64url').toString('base64')}`]);
const signer = (text: string) => `test-1:${sign(null, Buffer.from(text), privateKey).toString('base64')}`;
const cacheOf = (files: CacheFiles, options = {}) =>
  new BinaryCache({ files, trustedKeys, verify: verifyEd25519, ...options });

const store = new MemoryStore();
const a = addText(store, 'a', 'hello '.repeat(1000));
const b = addText(store, 'b', a, [a]);

async function text(cache: BinaryCache, path: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of cache.fetch((await cache.query(path))!)) chunks.push(chunk);
  const tree = treeOfNar(chunks);
  return tree.type === 'regular' ? Buffer.from(tree.contents).toString() : '';
}

describe('binary caches', () => {
  it.each<CacheCompression>(['none', 'gzip', 'zstd'])('what was written by %s is read', async (compression) => {
    const directory = fresh();
    expect(await writeCache(store, [b], directory, { compression, sign: signer })).toEqual([a, b].sort());
    expect(await writeCache(store, [b], directory, { compression, sign: signer })).toEqual([]);
    const cache = cacheOf(directoryFiles(directory));
    const info = (await cache.query(b))!;
    expect(info).toMatchObject({
      path: b,
      references: [a],
      ca: store.pathInfo(b)!.ca,
      narSize: store.pathInfo(b)!.narSize,
    });
    expect(await text(cache, b)).toBe(a);
    expect(await text(cache, a)).toBe('hello '.repeat(1000));
    expect(await cache.query(b.replace(/-b$/, '-other'))).toBeUndefined();
  });

  it('what nobody trusted has signed is not offered', async () => {
    const directory = fresh();
    await writeCache(store, [b], directory);
    const untrusted: string[] = [];
    const cache = cacheOf(directoryFiles(directory), { onUntrusted: (path: string) => untrusted.push(path) });
    expect(await cache.query(b)).toBeUndefined();
    expect(untrusted).toEqual([b]);
    expect(await cacheOf(directoryFiles(directory), { trustAll: true }).query(b)).toBeDefined();
  });

  it('a signature does not cover other words', async () => {
    const directory = fresh();
    await writeCache(store, [b], directory, { sign: signer });
    for (const file of readdirSync(directory).filter((name) => name.endsWith('.narinfo')))
      writeFileSync(
        join(directory, file),
        readFileSync(join(directory, file), 'utf8').replace(/^NarSize: .*/m, 'NarSize: 7'),
      );
    expect(await cacheOf(directoryFiles(directory)).query(b)).toBeUndefined();
  });

  it('over HTTP', async () => {
    const directory = fresh();
    await writeCache(store, [b], directory, { sign: signer });
    const server = createServer((request, response) => {
      try {
        response.end(readFileSync(join(directory, request.url!.slice('/cache'.length))));
      } catch {
        response.writeHead(404).end();
      }
    }).listen(0, '127.0.0.1');
    await new Promise((ready) => server.once('listening', ready));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/cache`;
    const cache = cacheOf(webFiles(url));
    expect(await text(cache, b)).toBe(a);
    expect(await cache.query(b.replace('nix/store/', 'nix/store/0').replace(/.-b$/, '-b'))).toBeUndefined();
    server.close();
    server.closeAllConnections();
    await expect(cacheOf(webFiles(url)).query(b)).rejects.toThrow(`unable to download '${url}/nix-cache-info'`);
  });

  it('a place that is no cache, one of another store, a NAR cut short', async () => {
    await expect(cacheOf(directoryFiles(fresh())).query(b)).rejects.toThrow('does not appear to be a binary cache');
    const directory = fresh();
    await writeCache(store, [b], directory, { sign: signer, compression: 'zstd' });
    const cache = cacheOf(directoryFiles(directory));
    const { url } = (await cache.query(a))!;
    writeFileSync(join(directory, url), readFileSync(join(directory, url)).subarray(0, 20));
    await expect(text(cache, a)).rejects.toThrow('is broken');
    writeFileSync(join(directory, 'nix-cache-info'), 'StoreDir: /elsewhere\n');
    await expect(cacheOf(directoryFiles(directory)).query(b)).rejects.toThrow("with prefix '/elsewhere'");
  });

  withPeer('nix', 'nix-store')('caches by C++ Nix, with its signatures; and it reads ours', async () => {
    const [root, folder] = [fresh(), fresh()];
    writeFileSync(folder, 'hello');
    const path = execFileSync('nix-store', ['--store', root, '--add', folder], { encoding: 'utf8' }).trim();
    const [secret, open] = [fresh(), fresh()];
    execFileSync('nix-store', ['--generate-binary-cache-key', 'peer-1', secret, open]);
    const keys = parsePublicKeys([readFileSync(open, 'utf8').trim()]);
    const nix = (...args: string[]) =>
      execFileSync('nix', ['--extra-experimental-features', 'nix-command', ...args, '--substituters', ''], {
        stdio: 'pipe',
      });
    for (const compression of ['xz', 'zstd', 'br', 'none']) {
      const directory = fresh();
      nix('copy', '--from', root, '--to', `file://${directory}?compression=${compression}&secret-key=${secret}`, path);
      const cache = cacheOf(directoryFiles(directory), { trustedKeys: keys });
      expect((await cache.query(path))?.signatures.length).toBe(1);
      expect(await text(cache, path)).toBe('hello');
      if (compression !== 'xz') continue;
      const { url } = (await cache.query(path))!;
      writeFileSync(join(directory, url), readFileSync(join(directory, url)).subarray(0, 100));
      await expect(text(cache, path)).rejects.toThrow('is broken');
    }
    const ours = fresh();
    await writeCache(store, [b], ours);
    nix('copy', '--no-check-sigs', '--from', `file://${ours}`, '--to', fresh(), b);
  });
});

describe('.narinfo', () => {
  const sample = printNarInfo(
    { ...store.pathInfo(b)!, url: 'nar/x.nar', compression: 'none', downloadSize: 7, signatures: ['k:AAAA', 'l:BBBB'] },
    new Uint8Array(32),
  );

  it('is printed as it was read', () => {
    expect(printNarInfo(parseNarInfo(sample, 'x'), new Uint8Array(32))).toBe(sample);
  });

  it.each([
    [sample.replace(/^URL.*\n/m, ''), 'missing URL'],
    [`${sample}URL: y\n`, 'duplicate URL'],
    [sample.replace(/^NarSize: .*/m, 'NarSize: many'), "invalid NarSize 'many'"],
    ['nonsense', "line 'nonsense' has no colon"],
  ])('a broken one is refused (%#)', (broken, message) => {
    expect(() => parseNarInfo(broken, 'x.narinfo')).toThrow(`NAR info file 'x.narinfo' is corrupt: ${message}`);
  });

  it('keys must be keys', () => {
    expect(() => parsePublicKeys(['abc'])).toThrow("public key 'abc' is corrupt");
  });
});
