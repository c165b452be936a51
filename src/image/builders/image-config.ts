/**
 * builtin:image-config: the configuration of an image that is `created = "now"`: the impure one of the two
 * NAME-config.json derivations.
 *   pure   the path of the configuration with any other time
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { BuiltinBuilder } from '../../realise/builtin.ts';
import { ImageAttributes } from './attributes.ts';

export const imageConfig: BuiltinBuilder = {
  name: 'image-config',
  async build(context) {
    const pure = new ImageAttributes('image-config', context.attrs).text('pure');
    const config = JSON.parse(readFileSync(context.physical(pure), 'utf8')) as object;
    const created = `${new Date().toISOString().slice(0, 19)}Z`;
    writeFileSync(context.physical(context.outputs.get('out')!), JSON.stringify({ ...config, created }));
  },
};
