import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type Codec, codecs } from '../../../src/image/codec/codec.ts';
import { sniffCodec, unpackFile } from '../../../src/image/codec/unpack.ts';
import { splitFrames } from '../../../src/image/codec/zstd-frames.ts';
import { combineCrc32 } from '../../../src/image/crc32.ts';

async function* chunked(data: Uint8Array, size: number) {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}
async function pack(codec: Codec, data: Uint8Array, size = 65536): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of codec.pack(chunked(data, size))) chunks.push(chunk);
  return Buffer.concat(chunks);
}
/** Compressible, but not by much. */
function sample(size: number): Buffer {
  const data = Buffer.alloc(size);
  let state = 1;
  for (let i = 0; i < size; i++) data[i] = (state = (state * 48271) % 2147483647) % 7;
  return data;
}

describe('crc32', () => {
  it('of a concatenation comes from its parts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.uint8Array({ maxLength: 3000 }), (a, b) => {
        expect(combineCrc32(zlib.crc32(a), zlib.crc32(b), b.length)).toBe(zlib.crc32(Buffer.concat([a, b])));
      }),
    );
  });
});

describe('splitFrames', () => {
  const frames = [
    zlib.zstdCompressSync(Buffer.alloc(300_000, 'abc')),
    zlib.zstdCompressSync(Buffer.alloc(0)),
    zlib.zstdCompressSync(sample(200_000), { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } }),
    Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]), // skippable
    Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]),
    zlib.zstdCompressSync(Buffer.from('x')),
  ];

  it('cuts at the ends of frames, however the stream is cut', async () => {
    const whole = Buffer.concat(frames);
    const ends = frames.map((_, i) => Buffer.concat(frames.slice(0, i + 1)).length);
    for (const size of [1, 2, 3, 7, 1000, whole.length]) {
      const cuts = new Set<number>();
      let at = 0;
      for await (const chunk of splitFrames(chunked(whole, size))) cuts.add((at += chunk.length));
      expect(at).toBe(whole.length);
      expect(ends.filter((end) => !cuts.has(end))).toEqual([]);
    }
  });
});

describe('codecs', () => {
  const one = sample(2_500_000);
  const two = sample(10);
  const raw = Buffer.concat([one, two]);
  const root = mkdtempSync(join(tmpdir(), 'nixlet-codec-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const unpack = async (codec: Codec, data: Uint8Array) => {
    const file = join(root, codec.name);
    writeFileSync(file, data);
    expect(await sniffCodec(file)).toBe(codec.name);
    const chunks: Uint8Array[] = [];
    for await (const chunk of unpackFile(file, codec.name)) chunks.push(chunk);
    return Buffer.concat(chunks);
  };

  for (const codec of Object.values(codecs))
    it(`${codec.name}: segments join to one stream`, async () => {
      const crc32 = combineCrc32(zlib.crc32(one), zlib.crc32(two), two.length);
      const parts = [codec.head, await pack(codec, one), await pack(codec, two), codec.tail(crc32, raw.length)];
      expect((await unpack(codec, Buffer.concat(parts))).equals(raw)).toBe(true);
    });

  for (const codec of Object.values(codecs))
    it(`${codec.name}: the bytes do not depend on how the input is cut`, async () => {
      expect((await pack(codec, one, 1000)).equals(await pack(codec, one, 1 << 22))).toBe(true);
    });

  it('gz: the bytes do not depend on the number of threads', () => {
    const program = `
      import { codecs } from ${JSON.stringify(new URL('../../../src/image/codec/codec.ts', import.meta.url).href)};
      import { createHash } from 'node:crypto';
      const hash = createHash('sha256');
      async function* raw() { for (let i = 0; i < 40; i++) yield Buffer.alloc(100000, String(i * i)); }
      for await (const chunk of codecs.gz.pack(raw())) hash.update(chunk);
      console.log(hash.digest('hex'));`;
    const run = (threads: string) =>
      spawnSync(process.execPath, ['--input-type=module', '-e', program], {
        env: { ...process.env, UV_THREADPOOL_SIZE: threads },
        encoding: 'utf8',
      }).stdout;
    expect(run('1')).toMatch(/^[0-9a-f]{64}\n$/);
    expect(run('1')).toBe(run('7'));
  });
});
