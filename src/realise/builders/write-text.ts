/**
 * builtin:write-text: one file with a given text; what nixpkgs' writeTextFile makes. The file is the output itself, or
 * stands in it at `destination`.
 */

import { encodeBytes } from '../../base/bytes.ts';
import type { BuiltinBuilder } from '../builtin.ts';
import { AttributeReader } from './attributes.ts';
import { normalizePath, parentPath } from './relative-path.ts';
import { writeDirectory, writeRegularFile } from './write-tree.ts';

export const writeText: BuiltinBuilder = {
  name: 'write-text',
  /** Parameters: text, executable (false), destination ('' for the output itself, or a path in it like /bin/x). */
  async build(context) {
    const attrs = new AttributeReader('write-text', context.attrs);
    const data = encodeBytes(attrs.text('text'));
    const executable = attrs.boolean('executable');
    const destination = normalizePath(attrs.text('destination', ''));
    const out = context.physical(context.outputs.get('out')!);
    const target = destination === '' ? out : `${out}/${destination}`;
    if (destination !== '') writeDirectory(`${out}/${parentPath(destination)}`);
    writeRegularFile(target, data, executable);
  },
};
