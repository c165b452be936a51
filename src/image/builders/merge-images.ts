/**
 * builtin:merge-images: one docker-archive with the images of several, whatever each is compressed with.
 *   images       paths of docker-archives
 *   compressor   gz
 */
import type { BuiltinBuilder } from '../../realise/builtin.ts';
import { baseLayers } from '../base-image.ts';
import { codecs } from '../codec/codec.ts';
import { type DockerImage, writeDockerArchives } from '../docker-archive.ts';
import { readDockerArchive } from '../docker-archive-reader.ts';
import { SegmentStore, segmentsDirectory } from '../segment.ts';
import { ImageAttributes } from './attributes.ts';

export const mergeImages: BuiltinBuilder = {
  name: 'merge-images',
  async build(context) {
    const cache = context.cacheDirectory ?? segmentsDirectory(process.env);
    const store = new SegmentStore(context.temporaryDirectory, cache);
    const merged: DockerImage[] = [];
    for (const path of new ImageAttributes('merge-images', context.attrs).list('images')) {
      const archive = await readDockerArchive(context.physical(path), context.temporaryDirectory);
      for (const image of archive.images) {
        const { layers } = await baseLayers(image, [path, image.configName], codecs.gz, store);
        merged.push({ config: image.config, configText: image.configText, layers, repoTags: image.repoTags });
      }
    }
    await writeDockerArchives(context.physical(context.outputs.get('out')!), merged, codecs.gz);
  },
};
