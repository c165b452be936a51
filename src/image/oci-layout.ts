/**
 * An image as a directory in the OCI image layout, which skopeo, umoci, podman and buildah read (oci:DIR:TAG):
 *
 *   oci-layout               {"imageLayoutVersion":"1.0.0"}
 *   index.json               { schemaVersion, mediaType, manifests: [descriptor with its tag as annotation] }
 *   blobs/sha256/<digest>    manifests, configurations, layers (each compressed by itself)
 *
 * A descriptor is { mediaType, digest, size }. Layers take over the packed segments (codec/codec.ts).
 * Source: OCI image specification, image-layout.md, manifest.md, descriptor.md.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '../store/disk.ts';
import { type Codec, type CodecName, codecs } from './codec/codec.ts';
import { combineCrc32 } from './crc32.ts';
import type { DockerImage } from './docker-archive.ts';
import { readDockerArchive } from './docker-archive-reader.ts';
import { buildLayer, type Layer } from './layer.ts';
import { SegmentStore } from './segment.ts';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface OciManifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface OciIndex {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
}

export const REF_NAME = 'org.opencontainers.image.ref.name';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER: Readonly<Record<CodecName, string>> = {
  none: 'application/vnd.oci.image.layer.v1.tar',
  gz: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
};

/** Writes the layout into a directory that is not there yet; the layers' segments must be of this codec. */
export async function writeOciLayout(directory: string, images: readonly DockerImage[], codec: Codec): Promise<void> {
  const blobs = join(directory, 'blobs', 'sha256');
  try {
    await mkdir(blobs, { recursive: true });
  } catch (error) {
    throw fileError('creating directory', blobs, error);
  }
  const manifests: Descriptor[] = [];
  for (const image of images) {
    const layers: Descriptor[] = [];
    for (const layer of image.layers) layers.push(await writeLayer(blobs, layer, codec));
    const config = await writeBlob(blobs, CONFIG, image.configText ?? JSON.stringify(image.config));
    const manifest: OciManifest = { schemaVersion: 2, mediaType: MANIFEST, config, layers };
    const descriptor = await writeBlob(blobs, MANIFEST, JSON.stringify(manifest));
    const tags = image.repoTags.map((repoTag) => repoTag.slice(repoTag.lastIndexOf(':') + 1));
    for (const tag of tags.length > 0 ? tags : [undefined])
      manifests.push(tag === undefined ? descriptor : { ...descriptor, annotations: { [REF_NAME]: tag } });
  }
  const index: OciIndex = { schemaVersion: 2, mediaType: INDEX, manifests };
  await writeFile(join(directory, 'index.json'), JSON.stringify(index));
  await writeFile(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}

/** The images of a docker-archive as a layout. `scratch` is a directory for temporary files. */
export async function convertToOciLayout(
  archive: string,
  directory: string,
  scratch: string,
  codecName: CodecName = 'gz',
): Promise<void> {
  const codec = codecs[codecName];
  const store = new SegmentStore(scratch, undefined);
  const images: DockerImage[] = [];
  for (const image of (await readDockerArchive(archive, scratch)).images) {
    const layers: Layer[] = [];
    for (const layer of image.layers) layers.push(await buildLayer([{ raw: () => layer.raw() }], codec, store, true));
    images.push({ config: image.config, configText: image.configText, layers, repoTags: image.repoTags });
  }
  await writeOciLayout(directory, images, codec);
}

async function writeBlob(blobs: string, mediaType: string, text: string): Promise<Descriptor> {
  const digest = createHash('sha256').update(text).digest('hex');
  await writeFile(join(blobs, digest), text);
  return { mediaType, digest: `sha256:${digest}`, size: Buffer.byteLength(text) };
}

async function writeLayer(blobs: string, layer: Layer, codec: Codec): Promise<Descriptor> {
  const partial = join(blobs, `${randomBytes(8).toString('hex')}.partial`);
  const hash = createHash('sha256');
  let size = 0;
  let crc32 = 0;
  const handle = await open(partial, 'wx', 0o644);
  try {
    const write = async (chunk: Uint8Array) => {
      hash.update(chunk);
      size += chunk.length;
      await handle.writeFile(chunk);
    };
    await write(codec.head);
    for (const segment of layer.segments) {
      for await (const chunk of segment.packed()) await write(chunk);
      crc32 = combineCrc32(crc32, segment.crc32, segment.rawSize);
    }
    await write(codec.tail(crc32, layer.rawSize));
  } catch (error) {
    await rm(partial, { force: true });
    throw fileError('writing file', partial, error);
  } finally {
    await handle.close();
  }
  const digest = hash.digest('hex');
  await rename(partial, join(blobs, digest));
  return { mediaType: LAYER[codec.name], digest: `sha256:${digest}`, size };
}
