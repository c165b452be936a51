/** builtins.fetchTarball: archives of every kind, those that are hostile or broken, and hashes. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseSriHash } from '../../../src/derivation/hash-string.ts';
import { NixError } from '../../../src/errors/nix-error.ts';
import { FetchingPlace } from '../../support/fetching.ts';
import { withPeer } from '../../support/peers.ts';
import { readTree } from '../../support/read-tree.ts';
import { content, serve } from '../realise/servers.ts';

type Entry = Partial<Header> & { readonly name: string; readonly data?: string };

async function tar(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { data, ...header } of entries)
    archive.entry({ mtime: new Date(1_600_000_000_000), ...header }, data ?? '');
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const entries: readonly Entry[] = [
  { name: 'top/', type: 'directory' },
  { name: 'top/plain.txt', data: 'text', mode: 0o644 },
  { name: 'top/bin/run', data: '#!/bin/sh\n', mode: 0o755 },
  { name: 'top/link', type: 'symlink', linkname: 'bin/run' },
  { name: 'top/twin', type: 'link', linkname: 'top/plain.txt' },
  { name: `top/${'long-'.repeat(30)}name`, data: 'long' },
  { name: 'top/empty', type: 'directory' },
];
const tree = {
  'plain.txt': 'file text',
  'bin/run': 'exec #!/bin/sh\n',
  link: 'link bin/run',
  twin: 'file text',
  [`${'long-'.repeat(30)}name`]: 'file long',
  'empty/': 'directory',
};

async function fetchBytes(bytes: Buffer, place = new FetchingPlace()) {
  const server = await serve(content(bytes));
  const url = `${server.url}/a.tar`;
  return { place, server, url, result: await place.fetch({ kind: 'tarball', url, name: 'source' }) };
}

async function failure(bytes: Buffer): Promise<NixError> {
  const error = await fetchBytes(bytes).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(NixError);
  return error;
}

describe('an archive', () => {
  it('in plain tar gives the tree without its top directory', async () => {
    const { place, result } = await fetchBytes(await tar(entries));
    expect(readTree(place.physical(result.storePath))).toEqual(tree);
    expect(result.attributes).toMatchObject({ lastModified: 1_600_000_000, lastModifiedDate: '20200913122640' });
  });

  it('gives the same tree whatever compresses it', async () => {
    const plain = await tar(entries);
    const wanted = (await fetchBytes(plain)).result.storePath;
    for (const bytes of [gzipSync(plain), zstdCompressSync(plain)])
      expect((await fetchBytes(bytes)).result.storePath).toBe(wanted);
  });

  for (const program of ['xz', 'bzip2'])
    withPeer(program)(`gives the same tree out of ${program}`, async () => {
      const plain = await tar(entries);
      const wanted = (await fetchBytes(plain)).result.storePath;
      const packed = execFileSync(program, ['-c'], { input: plain });
      expect((await fetchBytes(packed)).result.storePath).toBe(wanted);
    });

  withPeer('zip', 'tar')('in zip gives the tree, modes and links included', async () => {
    const place = new FetchingPlace();
    const folder = join(place.directory, 'zipped');
    mkdirSync(folder);
    execFileSync('tar', ['-x', '-C', folder], { input: await tar(entries) });
    execFileSync('zip', ['-q', '-r', '-y', '../a.zip', 'top'], { cwd: folder });
    const { result } = await fetchBytes(readFileSync(join(place.directory, 'a.zip')), place);
    expect(readTree(place.physical(result.storePath))).toEqual(tree);
  });

  it('with several things at its top gives all of them', async () => {
    const { place, result } = await fetchBytes(
      await tar([
        { name: './a', data: '1' },
        { name: './b/c', data: '2' },
      ]),
    );
    expect(readTree(place.physical(result.storePath))).toEqual({ a: 'file 1', 'b/c': 'file 2' });
  });

  it('with names that are not UTF-8 keeps their bytes', async () => {
    const archive = await tar([
      { name: 'a', data: '1' },
      { name: 'xyz', data: '2' },
    ]);
    // The name in the header is 78 79 7a; ff 79 7a has the same sum with a first byte of the size field changed, so
    // that the checksum is written anew.
    const start = archive.indexOf('xyz');
    archive[start] = 0xff;
    archive.fill(' ', start + 148, start + 156);
    const sum = archive.subarray(start, start + 512).reduce((a, b) => a + b, 0);
    archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, start + 148, 'latin1');
    const { place, result } = await fetchBytes(archive);
    const name = Buffer.concat([Buffer.from(`${place.physical(result.storePath)}/`), Buffer.from([0xff, 0x79, 0x7a])]);
    expect(readFileSync(name, 'utf8')).toBe('2');
  });

  it('takes the second of two entries of one name', async () => {
    const { place, result } = await fetchBytes(
      await tar([
        { name: 'a', data: '1' },
        { name: 'b', type: 'symlink', linkname: 'a' },
        { name: 'a', data: '2' },
        { name: 'b', data: '3' },
      ]),
    );
    expect(readTree(place.physical(result.storePath))).toEqual({ a: 'file 2', b: 'file 3' });
  });
});

it('unpacks a large archive quietly', async () => {
  const warnings: string[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning.message);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  const many = Array.from({ length: 200 }, (_, i) => ({ name: `d/${i % 10}/${i}`, data: `${i}`.repeat(20_000) }));
  const { place, result } = await fetchBytes(await tar(many));
  expect(Object.keys(readTree(place.physical(result.storePath)))).toHaveLength(200);
  expect(warnings).toEqual([]);
});

describe('an archive that is not unpacked:', () => {
  it('one that leaves its directory', async () => {
    const error = await failure(await tar([{ name: 'a/../../escaped', data: 'x' }]));
    expect(error.message).toMatch(/^cannot unpack '.*': 'a\/..\/..\/escaped' is no path that may be unpacked$/);
  });

  it('one that writes through a link of its own', async () => {
    const outside = join(new FetchingPlace().directory, 'outside');
    mkdirSync(outside);
    const error = await failure(
      await tar([
        { name: 'a', type: 'symlink', linkname: outside },
        { name: 'a/escaped', data: 'x' },
      ]),
    );
    expect(error.message).toContain("'a' is in it both as a link and as a directory");
    expect(existsSync(join(outside, 'escaped'))).toBe(false);
  });

  it('one with a hard link to the outside', async () => {
    const error = await failure(await tar([{ name: 'a', type: 'link', linkname: '/etc/passwd' }]));
    expect(error.message).toContain("'a' is a hard link to '/etc/passwd', which is not in it");
  });

  it('one with a device', async () => {
    const error = await failure(await tar([{ name: 'dev/null', type: 'character-device' }]));
    expect(error.message).toBe("file 'dev/null' in tarball has unsupported file type character-device");
  });

  it.each([
    ['a page of text', Buffer.from('<html>Not what you were looking for</html>'.repeat(40))],
    ['nothing at all', Buffer.alloc(0)],
  ])('%s', async (_, bytes) => {
    const error = await failure(bytes);
    expect(error.message).toMatch(/^cannot unpack 'http:.*\/a.tar': /);
    expect(error.hint).toContain('It should be a tar archive');
  });

  it('one that ends in the middle', async () => {
    const packed = gzipSync(await tar([{ name: 'a', data: 'x'.repeat(100_000) }]));
    expect((await failure(packed.subarray(0, packed.length - 30))).message).toMatch(
      /is broken: unexpected end of file/,
    );
    const plain = await tar([{ name: 'a', data: 'x'.repeat(100_000) }]);
    expect((await failure(plain.subarray(0, 50_000))).message).toMatch(/cannot unpack/);
  });
});

describe('copies and hashes', () => {
  it('a tree with the expected hash needs no network', async () => {
    const { place, server, url, result } = await fetchBytes(gzipSync(await tar(entries)));
    const expected = parseSriHash(String(result.attributes.narHash));
    place.now += 1_000_000;
    const again = await place.fetch({ kind: 'tarball', url: 'http://127.0.0.1:1/gone', name: 'source', expected });
    expect(again.storePath).toBe(result.storePath);
    expect((await place.fetch({ kind: 'tarball', url, name: 'other', expected })).storePath).toMatch(/-other$/);
    expect(server.requests.length).toBeLessThanOrEqual(2);
  });

  it('another hash than expected is an error of its own', async () => {
    const { place, url, result } = await fetchBytes(gzipSync(await tar(entries)));
    const expected = { algorithm: 'sha256', digest: new Uint8Array(32) } as const;
    const error = await place.fetch({ kind: 'tarball', url, name: 'source', expected }).catch((reason) => reason);
    expect(error.exitCode).toBe(102);
    expect(error.message).toBe(
      `NAR hash mismatch in input '${url}?narHash=sha256-${'A'.repeat(43)}%3D', ` +
        `expected 'sha256-${'A'.repeat(43)}=' but got '${result.attributes.narHash}'`,
    );
  });

  it('an old copy is revalidated by its ETag', async () => {
    const place = new FetchingPlace();
    const bytes = gzipSync(await tar(entries));
    let sent = 0;
    const server = await serve((request, response) => {
      if (request.headers['if-none-match'] === '"v1"') return void response.writeHead(304).end();
      sent++;
      response.writeHead(200, { etag: '"v1"' }).end(bytes);
    });
    const request = { kind: 'tarball', url: `${server.url}/x`, name: 'source' } as const;
    const first = await place.fetch(request);
    await place.fetch(request);
    place.now += place.ttl;
    expect(await place.fetch(request)).toEqual(first);
    expect([server.requests.length, sent]).toEqual([2, 1]);
  });

  it('says what is wrong with a local file', async () => {
    const place = new FetchingPlace();
    const fetchLocal = (path: string) =>
      place.fetch({ kind: 'tarball', url: `file://${path}`, name: 'source' }).catch((reason) => reason.message);
    expect(await fetchLocal('/gone.tar')).toBe("tarball '/gone.tar' does not exist.");
    expect(await fetchLocal(place.directory)).toBe(`tarball '${place.directory}' is a directory, not a file.`);
    mkdirSync(join(place.directory, '.git'));
    expect(await fetchLocal(place.directory)).toContain('is a git repository, not a tarball.');
    writeFileSync(join(place.directory, 'a.tar'), await tar(entries));
    const { storePath } = await place.fetch({
      kind: 'tarball',
      url: `file://${place.directory}/a.tar`,
      name: 'source',
    });
    expect(readTree(place.physical(storePath))).toEqual(tree);
  });
});
