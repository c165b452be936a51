/**
 * builtin:docker-archive: an image out of a layer of files (builtin:image-layer), the closure of that layer, and a base
 * image. What buildImage and buildLayeredImage end in.
 *   imageName, imageTag     the tag may be "": then it is the hash part of the output's own path
 *   baseJson                the image configuration without layers
 *   layer                   output of builtin:image-layer, or of a process that made the same
 *   layerClosure            file with a store path a line; the layer's own path does not go into the image
 *   compressor              gz, zstd or none
 *   fromImage, fromImageName, fromImageTag     the base image; name and tag count only together
 *   maxLayers               absent: everything goes into one layer. Else store paths get layers of their own, below the
 *                           layer of files, and the number counts all layers, the base image's too
 *   storeUid, storeGid, storeUname, storeGname   owner of the store's files: 0
 *   mtime                   of the store's files, seconds: 1
 *   withoutStore            true leaves the closure out
 *   quiet                   no log
 */
import { readFileSync } from 'node:fs';
import { NixError } from '../../errors/nix-error.ts';
import type { BuildContext, BuiltinBuilder } from '../../realise/builtin.ts';
import { baseLayers } from '../base-image.ts';
import { type Codec, codecs, isCodecName } from '../codec/codec.ts';
import { missingCommand } from '../command-check.ts';
import { type BaseConfig, completeConfig, type HistoryEntry, type ImageConfig } from '../config.ts';
import { writeDockerArchive } from '../docker-archive.ts';
import { readDockerArchive, selectImage } from '../docker-archive-reader.ts';
import { buildLayer, type Layer } from '../layer.ts';
import { assignLayers } from '../layering.ts';
import { pruneSegments, SegmentStore, segmentsDirectory } from '../segment.ts';
import { StoreParts } from '../store-parts.ts';
import { ImageAttributes } from './attributes.ts';

const CACHE_LIMIT = 2 * 2 ** 30;

export const dockerArchive: BuiltinBuilder = {
  name: 'docker-archive',
  async build(context) {
    const attrs = new ImageAttributes('docker-archive', context.attrs);
    const log = attrs.boolean('quiet') ? () => undefined : (line: string) => context.log(line);
    const out = context.outputs.get('out')!;
    const codec = codecOf(attrs);
    const cache = context.cacheDirectory ?? segmentsDirectory(process.env);
    const store = new SegmentStore(context.temporaryDirectory, cache);
    const own = JSON.parse(readFileSync(context.physical(attrs.text('baseJson')), 'utf8')) as BaseConfig;
    const base = await readBase(context, attrs, codec, store, log);

    log('Adding layer...');
    const parts = await StoreParts.open(context, attrs.text('layer'), base.names, {
      owner: {
        uid: attrs.integer('storeUid', 0),
        gid: attrs.integer('storeGid', 0),
        ...optionalName('uname', attrs.optional('storeUname')),
        ...optionalName('gname', attrs.optional('storeGname')),
      },
      mtime: attrs.integer('mtime', 1),
    });
    log("tar: Removing leading `/' from member names");
    const closure = attrs.boolean('withoutStore') ? [] : readClosure(context, attrs);
    const groups = groupPaths(context, attrs, closure, base.layers.length);
    const layers: Layer[] = [];
    const history: HistoryEntry[] = [];
    const add = async (paths: readonly string[], withFiles: boolean) => {
      context.signal.throwIfAborted();
      layers.push(await buildLayer(parts.of(paths, withFiles), codec, store));
      history.push({ created: own.created, created_by: 'nixlet', ...(groups ? { comment: describe(paths) } : {}) });
    };
    for (const group of groups ?? []) await add(group, false);
    await add(groups ? [] : closure, true);

    log('Adding meta...');
    const config = completeConfig(
      own,
      base.config,
      layers.map((layer) => layer.diffId),
      history,
    );
    const missing = missingCommand(config, parts.names, closure);
    if (missing !== undefined && base.config === undefined) log(`warning: ${missing}`);
    log('Cooking the image...');
    await writeDockerArchive(
      context.physical(out),
      { config, layers: [...base.layers, ...layers], repoTags: [`${attrs.text('imageName')}:${tagOf(attrs, out)}`] },
      codec,
    );
    await pruneSegments(cache, CACHE_LIMIT);
    log('Finished.');
  },
};

interface Base {
  readonly config: ImageConfig | undefined;
  readonly layers: readonly Layer[];
  readonly names: ReadonlySet<string>;
}

async function readBase(
  context: BuildContext,
  attrs: ImageAttributes,
  codec: Codec,
  store: SegmentStore,
  log: (line: string) => void,
): Promise<Base> {
  const path = attrs.optional('fromImage');
  if (path === undefined) return { config: undefined, layers: [], names: new Set() };
  log('Unpacking base image...');
  const name = attrs.optional('fromImageName');
  const tag = attrs.optional('fromImageTag');
  const wanted = name !== undefined && tag !== undefined ? { name, tag } : undefined;
  if (!wanted) log("From-image name or tag wasn't set. Reading the first ID.");
  const archive = await readDockerArchive(context.physical(path), context.temporaryDirectory);
  const image = selectImage(archive.images, wanted, path);
  return { config: image.config, ...(await baseLayers(image, [path, image.configName], codec, store)) };
}

function codecOf(attrs: ImageAttributes): Codec {
  const name = attrs.optional('compressor') ?? 'gz';
  if (isCodecName(name)) return codecs[name];
  throw new NixError(`unknown compressor '${name}'`, { class: 'BuildError', hint: 'There are gz, zstd and none.' });
}

function readClosure(context: BuildContext, attrs: ImageAttributes): string[] {
  const layer = attrs.text('layer');
  const lines = readFileSync(context.physical(attrs.text('layerClosure')), 'utf8').split('\n');
  return lines.filter((line) => line !== '' && line !== layer);
}

/** Layers of store paths, or undefined where all goes into one with the files. */
function groupPaths(
  context: BuildContext,
  attrs: ImageAttributes,
  closure: readonly string[],
  baseLayerCount: number,
): string[][] | undefined {
  const maxLayers = attrs.integer('maxLayers', 0);
  if (maxLayers === 0) return undefined;
  const left = maxLayers - baseLayerCount - 1; // one is the layer of files
  if (left < 1)
    throw new NixError(
      `maxLayers = ${maxLayers} leaves no layer for the store: the base image has ${baseLayerCount} and the files take one`,
      { class: 'BuildError', hint: 'Raise maxLayers.' },
    );
  return assignLayers(closure, (path) => context.pathInfo(path).references, left);
}

function describe(paths: readonly string[]): string {
  return paths.length > 0 ? `store paths: ['${paths.join("', '")}']` : 'files outside the store';
}

function tagOf(attrs: ImageAttributes, out: string): string {
  return attrs.optional('imageTag') ?? out.slice('/nix/store/'.length).split('-', 1)[0]!;
}

function optionalName<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Record<K, string>>);
}
