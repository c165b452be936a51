/**
 * Segments: packed runs of a layer's tar stream, each kept in a file of its own, so that what did not change is never
 * compressed again. A store path in a layer is one segment; its key names everything that its bytes depend on, so a
 * segment found under a key is the one that would be made. Whether it was found changes time only, never a byte.
 *
 * A segment's file, numbers little endian:
 *    0  "NIXLSEG1"
 *    8  u64 size of the raw bytes
 *   16  u64 size of the packed bytes
 *   24  u32 CRC-32 of the raw bytes
 *   28  u32 CRC-32 of the packed bytes
 *   32  the packed bytes
 *
 * No cached sum is trusted: the packed bytes are checked when the segment is opened, the raw ones while the layer is
 * digested. A file that fails is made anew.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import zlib from 'node:zlib';
import { compareBytewise } from '../base/order.ts';
import { fileError } from '../store/disk.ts';
import { homeOf } from '../store/home.ts';
import type { Codec } from './codec/codec.ts';

export interface Segment {
  readonly rawSize: number;
  readonly packedSize: number;
  /** Of the raw bytes. */
  readonly crc32: number;
  /** The packed bytes. */
  packed(): AsyncIterable<Uint8Array>;
}

/** Gives the raw bytes, the same each time. */
export type RawSource = () => AsyncIterable<Uint8Array>;

const MAGIC = Buffer.from('NIXLSEG1');
const HEADER = 32;
const SUFFIX = '.segment';

export class SegmentStore {
  /** Segments that were packed by this store, for tests and for the curious. */
  packedNow = 0;
  private readonly scratch: string;
  private readonly cache: string | undefined;

  /** `scratch` is for this build only; what has a key is kept in `cache`, where there is one. */
  constructor(scratch: string, cache: string | undefined) {
    this.scratch = scratch;
    this.cache = cache;
  }

  /**
   * The segment of these bytes. `observe` sees every raw chunk once and in order.
   * A segment without a key, or of a codec that saves nothing, lives as long as the scratch directory.
   */
  async segment(
    key: readonly string[] | undefined,
    codec: Codec,
    raw: RawSource,
    observe: (chunk: Uint8Array) => void,
  ): Promise<Segment> {
    const file = key && this.cache && codec.name !== 'none' ? this.cacheFile(this.cache, key, codec) : undefined;
    const cached = file === undefined ? undefined : await openSegment(file);
    if (!cached) return this.pack(file, codec, raw, observe);
    const count = counter();
    for await (const chunk of raw()) {
      observe(chunk);
      count.add(chunk);
    }
    if (count.crc32 === cached.crc32 && count.size === cached.rawSize) {
      await utimes(file!, new Date(), new Date()).catch(() => undefined); // for pruneSegments
      return cached;
    }
    return this.pack(file, codec, raw, () => undefined);
  }

  private async pack(file: string | undefined, codec: Codec, raw: RawSource, observe: (chunk: Uint8Array) => void) {
    this.packedNow++;
    if (file !== undefined) {
      // A cache that cannot be written costs time, not the build.
      try {
        await mkdir(this.cache!, { recursive: true });
      } catch {
        file = undefined;
      }
    }
    const unique = randomBytes(8).toString('hex');
    const target = file ?? join(this.scratch, `${unique}${SUFFIX}`);
    const partial = file === undefined ? target : `${file}.${unique}.partial`;
    const count = counter();
    async function* observed() {
      for await (const chunk of raw()) {
        observe(chunk);
        count.add(chunk);
        yield chunk;
      }
    }
    try {
      await writeSegment(partial, codec.pack(observed()), count);
      if (partial !== target) await rename(partial, target);
    } catch (error) {
      await rm(partial, { force: true });
      throw fileError('writing file', partial, error, 'BuildError');
    }
    return (await openSegment(target))!;
  }

  private cacheFile(cache: string, key: readonly string[], codec: Codec): string {
    const name = createHash('sha256')
      .update(JSON.stringify([codec.version, ...key]))
      .digest('hex');
    return join(cache, `${name}${SUFFIX}`);
  }
}

async function writeSegment(file: string, packed: AsyncIterable<Uint8Array>, raw: Counter): Promise<void> {
  const handle = await open(file, 'wx', 0o644);
  try {
    const count = counter();
    let position = HEADER;
    for await (const chunk of packed) {
      count.add(chunk);
      await writeFully(handle, chunk, position);
      position += chunk.length;
    }
    const header = Buffer.alloc(HEADER);
    MAGIC.copy(header);
    header.writeBigUInt64LE(BigInt(raw.size), 8);
    header.writeBigUInt64LE(BigInt(count.size), 16);
    header.writeUInt32LE(raw.crc32, 24);
    header.writeUInt32LE(count.crc32, 28);
    await writeFully(handle, header, 0);
  } finally {
    await handle.close();
  }
}

/** A few bytes as a segment that needs no file. */
export async function memorySegment(codec: Codec, bytes: Uint8Array): Promise<Segment> {
  const packed: Uint8Array[] = [];
  async function* raw() {
    yield bytes;
  }
  for await (const chunk of codec.pack(raw())) packed.push(chunk);
  async function* chunks() {
    yield* packed;
  }
  return {
    rawSize: bytes.length,
    packedSize: packed.reduce((sum, chunk) => sum + chunk.length, 0),
    crc32: zlib.crc32(bytes),
    packed: chunks,
  };
}

/** A segment's file, if it is whole. */
async function openSegment(file: string): Promise<Segment | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch {
    return undefined;
  }
  try {
    const header = Buffer.alloc(HEADER);
    const { bytesRead } = await handle.read(header, 0, HEADER, 0);
    if (bytesRead !== HEADER || !header.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
    const packedSize = Number(header.readBigUInt64LE(16));
    const count = counter();
    for await (const chunk of handle.createReadStream({ start: HEADER, autoClose: false, highWaterMark: 1 << 20 }))
      count.add(chunk as Buffer);
    if (count.size !== packedSize || count.crc32 !== header.readUInt32LE(28)) return undefined;
    return {
      rawSize: Number(header.readBigUInt64LE(8)),
      packedSize,
      crc32: header.readUInt32LE(24),
      packed: () => createReadStream(file, { start: HEADER, highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>,
    };
  } finally {
    await handle.close();
  }
}

interface Counter {
  size: number;
  crc32: number;
  add(chunk: Uint8Array): void;
}

function counter(): Counter {
  return {
    size: 0,
    crc32: 0,
    add(chunk) {
      this.size += chunk.length;
      this.crc32 = zlib.crc32(chunk, this.crc32);
    },
  };
}

async function writeFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
}

/** Where segments are kept for this user. */
export function segmentsDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const base = env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(homeOf(env), '.cache');
  return join(base, 'nixlet', 'image-segments');
}

/** Deletes the segments used longest ago until the rest takes at most `limit` bytes. */
export async function pruneSegments(cache: string, limit: number): Promise<void> {
  const names = await readdir(cache).catch(() => [] as string[]);
  const files: { name: string; size: number; used: number }[] = [];
  for (const name of names) {
    const status = await stat(join(cache, name)).catch(() => undefined);
    if (status) files.push({ name, size: status.size, used: status.mtimeMs });
  }
  files.sort((a, b) => b.used - a.used || compareBytewise(a.name, b.name));
  let total = 0;
  for (const { name, size } of files) {
    total += size;
    if (total > limit) await rm(join(cache, name), { force: true });
  }
}
