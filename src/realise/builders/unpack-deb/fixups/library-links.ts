/**
 * Libraries also by their names in `lib`. Debian has them in lib/<triplet>, and so they stay; but expressions say
 * "${package}/lib/libx.so", LD_LIBRARY_PATH is made of "${package}/lib", and configuration files load plugins from there.
 */
import type { Fixup } from './fixup.ts';

const library = /^lib\/[^/]+-linux-gnu[^/]*\/([^/]+\.(?:so(?:\.[^/]*)?|a))$/;

export const libraryLinks: Fixup = {
  name: 'library-links',
  doc: 'links lib/libx.so.1 to lib/<triplet>/libx.so.1, for every library',
  apply({ tree }) {
    for (const [path, node] of tree.entries()) {
      const name = library.exec(path)?.[1];
      if (name === undefined || node.kind === 'directory' || tree.get(`lib/${name}`)) continue;
      tree.add(`lib/${name}`, { kind: 'link', text: `/${path}`, destination: path, from: libraryLinks.name });
    }
  },
};
