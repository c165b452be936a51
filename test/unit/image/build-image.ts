/** What dockerTools.buildImage makes of its arguments, without Nix: configuration, layer, closure, archive. */
import { dockerArchive } from '../../../src/image/builders/docker-archive.ts';
import { imageClosure } from '../../../src/image/builders/image-closure.ts';
import { imageLayer } from '../../../src/image/builders/image-layer.ts';
import type { ImageStore } from './image-store.ts';

export interface ImageArguments {
  readonly name: string;
  readonly contents?: readonly string[];
  readonly config?: object | null;
  readonly created?: string;
  readonly layer?: Record<string, unknown>;
  readonly archive?: Record<string, unknown>;
}

/** The logical path of the archive. */
export async function buildImage(store: ImageStore, args: ImageArguments): Promise<string> {
  const { name, contents = [], config = null, created = '1970-01-01T00:00:01Z' } = args;
  const baseJson = store.add(
    `${name}-config.json`,
    JSON.stringify({ architecture: 'amd64', config, created, os: 'linux' }),
  );
  const layer = await store.build(imageLayer, `docker-layer-${name}`, {
    imageName: name,
    contents,
    baseJson,
    ...args.layer,
  });
  const layerClosure = await store.build(imageClosure, `runtime-deps-${name}`, { paths: [layer] });
  return store.build(dockerArchive, `docker-image-${name}.tar.gz`, {
    imageName: name,
    imageTag: 'latest',
    baseJson,
    layer,
    layerClosure,
    compressor: 'gz',
    ...args.archive,
  });
}
