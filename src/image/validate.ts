/**
 * Is an image what it says it is? Every digest, size and diff id is computed again, whatever is recorded; layers must be
 * whole tar archives, and no layer may name a member twice. Gives sentences, one a problem; none is good.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NixError } from '../errors/nix-error.ts';
import { sniffCodec, unpackFile } from './codec/unpack.ts';
import type { ImageConfig } from './config.ts';
import { chainIds } from './docker-archive.ts';
import { readDockerArchive } from './docker-archive-reader.ts';
import { normalizeEntryName } from './entry.ts';
import type { Descriptor, OciIndex, OciManifest } from './oci-layout.ts';
import { listTar } from './tar-index.ts';

/** Of a docker-archive; `scratch` is a directory for temporary files. */
export async function validateDockerArchive(file: string, scratch: string): Promise<string[]> {
  const problems: string[] = [];
  try {
    const archive = await readDockerArchive(file, scratch);
    const tops = new Set<string>();
    for (const image of archive.images) {
      const digest = createHash('sha256').update(image.configText).digest('hex');
      if (!image.configName.includes(digest))
        problems.push(`the configuration ${image.configName} has digest ${digest}`);
      problems.push(...configProblems(image.config, image.configName));
      for (const layer of image.layers) problems.push(...(await layerProblems(layer.name, layer.diffId, layer.raw())));
      const top = chainIds(image.config.rootfs.diff_ids).at(-1);
      if (top !== undefined) tops.add(top);
    }
    const repositories = JSON.parse((await archive.text('repositories')) ?? '{}') as Record<
      string,
      Record<string, string>
    >;
    for (const [name, tags] of Object.entries(repositories))
      for (const [tag, layer] of Object.entries(tags))
        if (!tops.has(layer) && (await archive.text(`${layer}/VERSION`)) === undefined)
          problems.push(`'repositories' gives ${name}:${tag} a layer that is not there: ${layer}`);
  } catch (error) {
    if (!(error instanceof NixError)) throw error;
    problems.push(error.message);
  }
  return problems;
}

/** Of a directory in the OCI image layout. */
export async function validateOciLayout(directory: string): Promise<string[]> {
  const problems: string[] = [];
  const blob = (descriptor: Descriptor) => join(directory, 'blobs', ...descriptor.digest.split(':'));
  const check = async (descriptor: Descriptor): Promise<boolean> => {
    const file = blob(descriptor);
    const status = await stat(file).catch(() => undefined);
    if (!status) {
      problems.push(`there is no blob ${descriptor.digest}`);
      return false;
    }
    if (status.size !== descriptor.size)
      problems.push(`blob ${descriptor.digest} has ${status.size} bytes, not ${descriptor.size}`);
    const actual = `sha256:${await digestOf(createReadStream(file) as AsyncIterable<Uint8Array>)}`;
    if (actual !== descriptor.digest) problems.push(`blob ${descriptor.digest} has digest ${actual}`);
    return true;
  };
  const index = JSON.parse(await readFile(join(directory, 'index.json'), 'utf8')) as OciIndex;
  for (const entry of index.manifests) {
    if (!(await check(entry))) continue;
    const manifest = JSON.parse(await readFile(blob(entry), 'utf8')) as OciManifest;
    if (!(await check(manifest.config))) continue;
    const config = JSON.parse(await readFile(blob(manifest.config), 'utf8')) as ImageConfig;
    problems.push(...configProblems(config, manifest.config.digest));
    if (config.rootfs.diff_ids.length !== manifest.layers.length)
      problems.push(`${manifest.layers.length} layers, but ${config.rootfs.diff_ids.length} diff ids`);
    for (const [i, layer] of manifest.layers.entries()) {
      if (!(await check(layer))) continue;
      const codec = (await sniffCodec(blob(layer))) ?? 'none';
      problems.push(...(await layerProblems(layer.digest, config.rootfs.diff_ids[i], unpackFile(blob(layer), codec))));
    }
  }
  return problems;
}

function configProblems(config: ImageConfig, name: string): string[] {
  const problems: string[] = [];
  if (config.rootfs?.type !== 'layers') problems.push(`${name}: rootfs.type is not "layers"`);
  if (typeof config.architecture !== 'string' || typeof config.os !== 'string')
    problems.push(`${name}: architecture and os must be given`);
  if (Number.isNaN(Date.parse(config.created))) problems.push(`${name}: 'created' is not a time: ${config.created}`);
  const told = (config.history ?? []).filter((entry) => entry.empty_layer !== true).length;
  if (told > 0 && told !== config.rootfs.diff_ids.length)
    problems.push(`${name}: the history tells of ${told} layers, not ${config.rootfs.diff_ids.length}`);
  return problems;
}

async function layerProblems(
  name: string,
  diffId: string | undefined,
  raw: AsyncIterable<Uint8Array>,
): Promise<string[]> {
  const problems: string[] = [];
  const hash = createHash('sha256');
  async function* hashed() {
    for await (const chunk of raw) {
      hash.update(chunk);
      yield chunk;
    }
  }
  const seen = new Set<string>();
  try {
    for (const member of await listTar(hashed(), name)) {
      const path = normalizeEntryName(member.name);
      if (path.split('/').includes('..')) problems.push(`layer ${name} reaches out of the image: ${member.name}`);
      if (seen.has(path)) problems.push(`layer ${name} has '${path}' twice`);
      seen.add(path);
    }
  } catch (error) {
    if (!(error instanceof NixError)) throw error;
    return [error.message];
  }
  const actual = `sha256:${hash.digest('hex')}`;
  if (actual !== diffId) problems.push(`layer ${name} has diff id ${actual}, not ${diffId}`);
  return problems;
}

async function digestOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}
