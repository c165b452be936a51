/**
 * builtin:image-closure: the closure of some paths, one a line in byte order: nixpkgs' writeReferencesToFile.
 *   paths   store paths
 */
import { writeFileSync } from 'node:fs';
import type { BuiltinBuilder } from '../../realise/builtin.ts';
import { ImageAttributes } from './attributes.ts';

export const imageClosure: BuiltinBuilder = {
  name: 'image-closure',
  async build(context) {
    const paths = new ImageAttributes('image-closure', context.attrs).list('paths');
    const closure = context.closure(paths);
    writeFileSync(context.physical(context.outputs.get('out')!), closure.map((path) => `${path}\n`).join(''));
  },
};
