/**
 * builtin:export-image: the file system of an image as one tar archive: its layers laid over each other, whiteouts applied
 * (OCI image specification, layer.md), in byte order of names.
 *   fromImage, fromImageName, fromImageTag     as in builtin:docker-archive
 */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { BuiltinBuilder } from '../../realise/builtin.ts';
import { readDockerArchive, selectImage } from '../docker-archive-reader.ts';
import { flattenLayers } from '../flatten.ts';
import { END_OF_ARCHIVE, tarFragment } from '../tar.ts';
import { ImageAttributes } from './attributes.ts';

export const exportImage: BuiltinBuilder = {
  name: 'export-image',
  async build(context) {
    const attrs = new ImageAttributes('export-image', context.attrs);
    const path = attrs.text('fromImage');
    const name = attrs.optional('fromImageName');
    const tag = attrs.optional('fromImageTag');
    const archive = await readDockerArchive(context.physical(path), context.temporaryDirectory);
    const image = selectImage(
      archive.images,
      name !== undefined && tag !== undefined ? { name, tag } : undefined,
      path,
    );
    const files: string[] = [];
    for (const [i, layer] of image.layers.entries()) {
      const file = join(context.temporaryDirectory, `layer-${i}.tar`);
      await pipeline(layer.raw(), createWriteStream(file));
      files.push(file);
    }
    const entries = await flattenLayers(files);
    async function* bytes() {
      yield* tarFragment(entries);
      yield END_OF_ARCHIVE;
    }
    await pipeline(bytes(), createWriteStream(context.physical(context.outputs.get('out')!)));
  },
};
