/**
 * builtin:link-farm: a directory of links with given names.
 *   links   { "bin/sh" = "/nix/store/...-bash/bin/bash"; }
 */
import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { compareBytewise } from '../../base/order.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { BuiltinBuilder } from '../../realise/builtin.ts';
import { diskPath } from '../../store/disk.ts';

export const linkFarm: BuiltinBuilder = {
  name: 'link-farm',
  async build(context) {
    const links = Object.entries((context.attrs.links ?? {}) as Record<string, unknown>);
    const out = context.physical(context.outputs.get('out')!);
    mkdirSync(out);
    for (const [name, target] of links.sort(([a], [b]) => compareBytewise(a, b))) {
      if (typeof target !== 'string' || name === '' || name.split('/').includes('..'))
        throw new NixError(`builder 'builtin:link-farm' cannot make a link '${name}'`, { class: 'BuildError' });
      const file = `${out}/${name.replace(/^\/+/, '')}`;
      mkdirSync(diskPath(dirname(file)), { recursive: true });
      symlinkSync(diskPath(target), diskPath(file));
    }
  },
};
