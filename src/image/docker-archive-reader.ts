/**
 * Reading what docker-archive.ts writes, and what `docker save`, podman, skopeo and nixpkgs write: the archive may be
 * compressed as a whole, each layer may be compressed again, layers may be links to one another, and names may be
 * blobs/sha256/<digest>. Digests are not trusted here: validate.ts recomputes them.
 */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { NixError } from '../errors/nix-error.ts';
import { sniffCodec, unpackFile } from './codec/unpack.ts';
import type { ImageConfig } from './config.ts';
import type { DockerManifest } from './docker-archive.ts';
import { normalizeEntryName } from './entry.ts';
import { indexTarFile, type TarIndex, type TarMember } from './tar-index.ts';

export interface ArchivedLayer {
  /** Its name in the archive. */
  readonly name: string;
  /** As the configuration claims. */
  readonly diffId: string;
  /** The bare tar stream. */
  raw(): AsyncIterable<Uint8Array>;
}

export interface ArchivedImage {
  readonly configName: string;
  readonly configText: string;
  readonly config: ImageConfig;
  readonly repoTags: readonly string[];
  readonly layers: readonly ArchivedLayer[];
}

export interface DockerArchive {
  /** All images, in the archive's order; at least one. */
  readonly images: readonly ArchivedImage[];
  /** The text of another member; undefined where there is none. */
  text(name: string): Promise<string | undefined>;
}

/** `scratch` takes the decompressed archive, and must outlive the result. */
export async function readDockerArchive(file: string, scratch: string): Promise<DockerArchive> {
  const tar = await bareTar(file, scratch);
  const index = await indexTarFile(tar);
  const archive: Archive = { file, tar, index };
  const manifest = parseJson(archive, 'manifest.json', (await readMember(archive, 'manifest.json')).toString());
  if (!Array.isArray(manifest) || manifest.length === 0) throw notAnImage(file, "its 'manifest.json' lists no image");
  const images = await Promise.all((manifest as DockerManifest[]).map((entry) => readImage(archive, entry)));
  const text = async (name: string) =>
    index.members.has(name) ? (await readMember(archive, name)).toString() : undefined;
  return { images, text };
}

/** The one that has this name and tag, else, where none was asked for, the first. */
export function selectImage(
  images: readonly ArchivedImage[],
  wanted: { readonly name: string; readonly tag: string } | undefined,
  file: string,
): ArchivedImage {
  if (!wanted) return images[0]!;
  const tag = `${wanted.name}:${wanted.tag}`;
  const found = images.find((image) => image.repoTags.includes(tag));
  if (found) return found;
  const there = images.flatMap((image) => image.repoTags).join(', ');
  throw new NixError(`the base image '${file}' has no image '${tag}'`, {
    class: 'BuildError',
    hint: `It has: ${there === '' ? 'images without names' : there}.`,
  });
}

interface Archive {
  readonly file: string;
  readonly tar: string;
  readonly index: TarIndex;
}

async function bareTar(file: string, scratch: string): Promise<string> {
  const codec = await sniffCodec(file);
  if (codec === 'none') return file;
  if (codec === undefined)
    throw notAnImage(file, 'it is compressed with xz or bzip2; use gzip, zstd or no compression');
  const bare = join(scratch, `base-image-${randomBytes(8).toString('hex')}.tar`);
  try {
    await pipeline(unpackFile(file, codec), createWriteStream(bare, { mode: 0o600 }));
  } catch (error) {
    throw notAnImage(file, `decompressing it failed: ${(error as Error).message}`, error);
  }
  return bare;
}

async function readImage(archive: Archive, entry: DockerManifest): Promise<ArchivedImage> {
  const configText = (await readMember(archive, entry.Config)).toString();
  const config = parseJson(archive, entry.Config, configText) as ImageConfig;
  const diffIds = config.rootfs?.diff_ids ?? [];
  if (diffIds.length !== entry.Layers.length)
    throw notAnImage(
      archive.file,
      `it has ${entry.Layers.length} layers, but '${entry.Config}' speaks of ${diffIds.length}`,
    );
  const layers = entry.Layers.map((name, i) => {
    const member = locate(archive, name);
    return { name, diffId: diffIds[i]!, raw: () => layerBytes(archive, name, member) };
  });
  return { configName: entry.Config, configText, config, repoTags: entry.RepoTags ?? [], layers };
}

async function* layerBytes(archive: Archive, name: string, { offset, size }: TarMember) {
  const codec = await sniffCodec(archive.tar, offset);
  if (codec === undefined) throw notAnImage(archive.file, `its layer '${name}' is compressed with xz or bzip2`);
  yield* unpackFile(archive.tar, codec, offset, size);
}

/** A member's place; a link is followed (old archives link equal layers: "../<id>/layer.tar"). */
function locate({ file, index }: Archive, name: string): TarMember {
  let at = normalizeEntryName(name);
  for (let links = 0; links < 10; links++) {
    const member = index.members.get(at);
    if (!member) throw notAnImage(file, `it has no '${name}'`);
    if (member.type === 'file' || member.type === 'contiguous-file') return member;
    if (member.linkname === undefined) break;
    at = member.type === 'link' ? normalizeEntryName(member.linkname) : joinName(at, member.linkname);
  }
  throw notAnImage(file, `'${name}' is not a file`);
}

function joinName(link: string, target: string): string {
  const parts = link.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function parseJson(archive: Archive, name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notAnImage(archive.file, `its '${name}' is not JSON`, error);
  }
}

async function readMember(archive: Archive, name: string): Promise<Buffer> {
  const { offset, size } = locate(archive, name);
  const chunks: Uint8Array[] = [];
  for await (const chunk of unpackFile(archive.tar, 'none', offset, size)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function notAnImage(file: string, why: string, cause?: unknown): NixError {
  return new NixError(`'${file}' is not an image that docker would load: ${why}`, {
    class: 'BuildError',
    hint: 'A docker-archive is wanted: what docker save, podman save, skopeo or dockerTools write.',
    cause,
  });
}
