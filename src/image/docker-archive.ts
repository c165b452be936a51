/**
 * The archive that `docker save` writes and docker, podman and skopeo load:
 *
 *   manifest.json        [{ "Config": "<id>.json", "RepoTags": ["name:tag"], "Layers": ["<layer>/layer.tar", ...] }]
 *   <id>.json            the image configuration; <id> is its SHA-256
 *   repositories         { "name": { "tag": "<top layer>" } }, for the oldest readers
 *   <layer>/VERSION      1.0
 *   <layer>/json         { id, parent, ... }, for the oldest readers
 *   <layer>/layer.tar    lowest first; <layer> is the OCI chain id, which names a layer together with all below it
 *
 * The archive is compressed as a whole and its layers stand in it bare, as nixpkgs' do, so every reader decompresses
 * once. The layers' packed segments are put into the stream as they are (codec/codec.ts).
 * Source: Docker image specification v1.2, "Combined Image JSON + Filesystem Changeset Format".
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { fileError } from '../store/disk.ts';
import type { Codec } from './codec/codec.ts';
import type { ImageConfig } from './config.ts';
import { combineCrc32 } from './crc32.ts';
import type { Layer } from './layer.ts';
import { memorySegment, type Segment } from './segment.ts';
import { END_OF_ARCHIVE, padding, tarFileHeader } from './tar.ts';

export interface DockerImage {
  readonly config: ImageConfig;
  /** Lowest first, as config.rootfs.diff_ids. */
  readonly layers: readonly Layer[];
  /** name:tag */
  readonly repoTags: readonly string[];
  /** The configuration as it was written once, where its digest is to stay; else it is written from `config`. */
  readonly configText?: string;
}

export interface DockerManifest {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

const MODE = 0o444;

/** Writes the file; the segments must have been packed with this codec. */
export async function writeDockerArchive(file: string, image: DockerImage, codec: Codec): Promise<void> {
  await writeDockerArchives(file, [image], codec);
}

/** One archive of several images; layers that they share stand in it once. */
export async function writeDockerArchives(file: string, images: readonly DockerImage[], codec: Codec): Promise<void> {
  const writer = new ArchiveWriter(file, codec);
  const manifest: DockerManifest[] = [];
  const repositories: Record<string, Record<string, string>> = {};
  const layers = new Map<string, { layer: Layer; json: string }>();
  const configs = new Map<string, string>();
  for (const image of images) {
    const config = image.configText ?? JSON.stringify(image.config);
    const ids = chainIds(image.layers.map((layer) => layer.diffId));
    const configName = `${sha256(config)}.json`;
    configs.set(configName, config);
    for (const [i, layer] of image.layers.entries())
      if (!layers.has(ids[i]!)) layers.set(ids[i]!, { layer, json: legacyJson(image, ids, i) });
    manifest.push({
      Config: configName,
      RepoTags: image.repoTags,
      Layers: ids.map((id) => `${id}/layer.tar`),
    });
    for (const repoTag of ids.length > 0 ? image.repoTags : []) {
      const colon = repoTag.lastIndexOf(':');
      const name = repoTag.slice(0, colon);
      repositories[name] = { ...repositories[name], [repoTag.slice(colon + 1)]: ids.at(-1)! };
    }
  }
  await writer.text('manifest.json', JSON.stringify(manifest));
  for (const [name, config] of configs) await writer.text(name, config);
  await writer.text('repositories', JSON.stringify(repositories));
  for (const [id, { layer, json }] of layers) {
    await writer.text(`${id}/VERSION`, '1.0');
    await writer.text(`${id}/json`, json);
    await writer.layer(`${id}/layer.tar`, layer);
  }
  await writer.close();
}

/** Chain ids as hex: the first layer's is its diff id, each further one's the hash of "<chain below> <diff id>". */
export function chainIds(diffIds: readonly string[]): string[] {
  let chain: string | undefined;
  return diffIds.map((diffId) => {
    chain = chain === undefined ? diffId : `sha256:${sha256(`${chain} ${diffId}`)}`;
    return chain.slice('sha256:'.length);
  });
}

function legacyJson(image: DockerImage, ids: readonly string[], i: number): string {
  const { architecture, os, created, config } = image.config;
  const layer = image.layers[i]!;
  return JSON.stringify({
    id: ids[i],
    ...(i > 0 ? { parent: ids[i - 1] } : {}),
    created,
    architecture,
    os,
    ...(i === ids.length - 1 ? { config } : {}),
    checksum: layer.diffId,
    Size: layer.rawSize,
  });
}

export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A compressed tar stream out of small texts, packed here, and segments, packed before. */
class ArchiveWriter {
  private readonly file: string;
  private readonly codec: Codec;
  private readonly stream: WriteStream;
  private failure: unknown;
  private pending: Uint8Array[] = [];
  private opened = false;
  private crc32 = 0;
  private rawSize = 0;

  constructor(file: string, codec: Codec) {
    this.file = file;
    this.codec = codec;
    this.stream = createWriteStream(file, { flags: 'wx', mode: 0o644 });
    this.stream.on('error', (error) => {
      this.failure ??= error;
    });
  }

  async text(name: string, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    this.pending.push(await tarFileHeader(name, bytes.length, MODE), bytes, padding(bytes.length));
  }

  async layer(name: string, layer: Layer): Promise<void> {
    this.pending.push(await tarFileHeader(name, layer.rawSize, MODE));
    await this.flush();
    for (const segment of layer.segments) await this.append(segment);
    this.pending.push(padding(layer.rawSize));
  }

  async close(): Promise<void> {
    this.pending.push(END_OF_ARCHIVE);
    await this.flush();
    await this.writeTail();
    this.stream.end();
    try {
      await finished(this.stream);
    } catch (error) {
      throw fileError('writing file', this.file, error, 'BuildError');
    }
  }

  private async flush(): Promise<void> {
    let bytes = Buffer.concat(this.pending);
    this.pending = [];
    if (!this.opened) {
      this.opened = true;
      await this.write(this.codec.head);
      const { openingSize } = this.codec;
      if (openingSize > 0) {
        await this.append(await memorySegment(this.codec, bytes.subarray(0, openingSize)));
        await this.writeTail();
        await this.write(this.codec.head);
        bytes = bytes.subarray(openingSize);
      }
    }
    if (bytes.length > 0) await this.append(await memorySegment(this.codec, bytes));
  }

  /** Ends a compressed stream. */
  private async writeTail(): Promise<void> {
    await this.write(this.codec.tail(this.crc32, this.rawSize));
    this.crc32 = 0;
    this.rawSize = 0;
  }

  private async append(segment: Segment): Promise<void> {
    for await (const chunk of segment.packed()) await this.write(chunk);
    this.crc32 = combineCrc32(this.crc32, segment.crc32, segment.rawSize);
    this.rawSize += segment.rawSize;
  }

  private async write(chunk: Uint8Array): Promise<void> {
    if (this.failure) throw fileError('writing file', this.file, this.failure, 'BuildError');
    if (chunk.length === 0 || this.stream.write(chunk)) return;
    await once(this.stream, 'drain').catch((error: unknown) => {
      throw fileError('writing file', this.file, error, 'BuildError');
    });
  }
}
