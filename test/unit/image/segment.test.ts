import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { codecs } from '../../../src/image/codec/codec.ts';
import { pruneSegments, type Segment, SegmentStore } from '../../../src/image/segment.ts';

const root = mkdtempSync(join(tmpdir(), 'nixlet-segment-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(root, 'cache-'));
});

const source = (text: string) =>
  async function* () {
    yield Buffer.from(text);
  };
async function packed(segment: Segment): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of segment.packed()) chunks.push(chunk);
  return Buffer.concat(chunks);
}
const nothing = () => undefined;

describe('SegmentStore', () => {
  it('packs what has a key once', async () => {
    const first = new SegmentStore(root, cache);
    const one = await first.segment(['k'], codecs.gz, source('hello'), nothing);
    const second = new SegmentStore(root, cache);
    const two = await second.segment(['k'], codecs.gz, source('hello'), nothing);
    expect([first.packedNow, second.packedNow]).toEqual([1, 0]);
    expect(await packed(two)).toEqual(await packed(one));
    expect(two).toMatchObject({ rawSize: 5, crc32: one.crc32 });
  });

  it('shows the raw bytes once, packed before or not', async () => {
    for (let i = 0; i < 2; i++) {
      const seen: string[] = [];
      await new SegmentStore(root, cache).segment(['k'], codecs.gz, source('hello'), (chunk) =>
        seen.push(Buffer.from(chunk).toString()),
      );
      expect(seen).toEqual(['hello']);
    }
  });

  it('makes a damaged segment anew', async () => {
    const before = await packed(
      await new SegmentStore(root, cache).segment(['k'], codecs.gz, source('hello'), nothing),
    );
    const [name] = readdirSync(cache);
    const bytes = readFileSync(join(cache, name!));
    for (const damage of [
      bytes.subarray(0, -1),
      bytes.subarray(0, 10),
      Buffer.concat([bytes, bytes]),
      flipped(bytes),
    ]) {
      writeFileSync(join(cache, name!), damage);
      const store = new SegmentStore(root, cache);
      expect(await packed(await store.segment(['k'], codecs.gz, source('hello'), nothing))).toEqual(before);
      expect(store.packedNow).toBe(1);
    }
  });

  it('makes a segment anew whose content is another', async () => {
    await new SegmentStore(root, cache).segment(['k'], codecs.gz, source('hello'), nothing);
    const store = new SegmentStore(root, cache);
    const segment = await store.segment(['k'], codecs.gz, source('world'), nothing);
    expect(store.packedNow).toBe(1);
    expect(segment.rawSize).toBe(5);
    const anew = await new SegmentStore(root, undefined).segment(undefined, codecs.gz, source('world'), nothing);
    expect(await packed(segment)).toEqual(await packed(anew));
  });

  it('does without a cache that cannot be written', async () => {
    const blocked = join(root, 'a-file');
    writeFileSync(blocked, '');
    const store = new SegmentStore(root, join(blocked, 'cache'));
    expect((await store.segment(['k'], codecs.gz, source('hello'), nothing)).rawSize).toBe(5);
  });

  it('passes on what reading the source throws', async () => {
    const failing = async function* () {
      yield Buffer.from('x');
      throw new Error('unreadable');
    };
    await expect(new SegmentStore(root, cache).segment(['k'], codecs.gz, failing, nothing)).rejects.toThrow(
      'unreadable',
    );
    expect(readdirSync(cache)).toEqual([]);
  });

  it('forgets the segments used longest ago', async () => {
    for (const key of ['a', 'b', 'c']) {
      await new SegmentStore(root, cache).segment([key], codecs.gz, source(key), nothing);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await new SegmentStore(root, cache).segment(['a'], codecs.gz, source('a'), nothing);
    await pruneSegments(cache, 90); // each takes 32 bytes and a few
    expect(readdirSync(cache).length).toBe(2);
    const store = new SegmentStore(root, cache);
    await store.segment(['a'], codecs.gz, source('a'), nothing);
    expect(store.packedNow).toBe(0);
  });
});

function flipped(bytes: Buffer): Buffer {
  const out = Buffer.from(bytes);
  out[out.length - 1]! ^= 1;
  return out;
}
