/** The built-in builders of images, for the realiser's table. */
import type { BuiltinBuilder } from '../../realise/builtin.ts';
import { dockerArchive } from './docker-archive.ts';
import { exportImage } from './export-image.ts';
import { imageClosure } from './image-closure.ts';
import { imageConfig } from './image-config.ts';
import { imageLayer } from './image-layer.ts';
import { linkFarm } from './link-farm.ts';
import { mergeImages } from './merge-images.ts';

export const imageBuilders: readonly BuiltinBuilder[] = [
  imageConfig,
  imageLayer,
  imageClosure,
  dockerArchive,
  mergeImages,
  exportImage,
  linkFarm,
];
