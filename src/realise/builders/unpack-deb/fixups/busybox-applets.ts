/**
 * `busybox --install`: a link for every applet. Debian's package has none of them. The names stand in the program as one
 * sorted list of zero-terminated strings starting with "[" and "[["; the directory of each (applet_install_loc in
 * busybox' generated tables) is four bits of another table, in the same order: 0 the root, 1 bin, 2 sbin, 3 usr/bin,
 * 4 usr/sbin. That table has no mark of its own, but applets whose place is known to be the same everywhere find it.
 * As in nixpkgs, applets of both sbin directories go to sbin and linuxrc to the root of the output.
 */
import { compareBytewise } from '../../../../base/order.ts';
import { relativeLink } from '../../relative-path.ts';
import { fixupFailed } from '../messages.ts';
import type { Fixup } from './fixup.ts';

const program = 'bin/busybox';
const directories = ['', 'bin/', 'sbin/', 'bin/', 'sbin/'];
const knownPlaces: Readonly<Record<string, number>> = {
  '[': 3, ash: 1, awk: 3, basename: 3, cat: 1, chmod: 1, chroot: 4, cp: 1, cut: 3, env: 3, find: 3, head: 3,
  hostname: 1, ls: 1, mkdir: 1, modprobe: 2, mount: 1, pivot_root: 2, ps: 1, rm: 1, sed: 1, sh: 1, sort: 3, tail: 3,
}; // biome-ignore format: a table

export const busyboxApplets: Fixup = {
  name: 'busybox-applets',
  doc: 'links bin/ls, sbin/modprobe, linuxrc, ... to bin/busybox',
  apply({ tree }) {
    const node = tree.get(program);
    if (node?.kind !== 'file') throw fixupFailed(busyboxApplets.name, `there is no ${program}`);
    const names = appletNames(node.data);
    if (names.length === 0) throw fixupFailed(busyboxApplets.name, `${program} has no list of applets`);
    const places = installPlaces(node.data, names);
    names.forEach((name, i) => {
      const path = name === 'linuxrc' ? name : `${directories[places[i] ?? 1] ?? 'bin/'}${name}`;
      if (path === program) return;
      tree.add(path, {
        kind: 'link',
        text: relativeLink(path, program),
        destination: undefined,
        from: busyboxApplets.name,
      });
    });
    if (!tree.get('linuxrc')) {
      tree.add('linuxrc', { kind: 'link', text: program, destination: undefined, from: busyboxApplets.name });
    }
  },
};

function appletNames(data: Buffer): string[] {
  const names: string[] = [];
  let at = data.indexOf('\0[\0[[\0', 0, 'latin1') + 1;
  if (at === 0) return [];
  for (;;) {
    const end = data.indexOf(0, at);
    const name = end < 0 ? '' : data.toString('latin1', at, end);
    const previous = names.at(-1);
    if (!/^[\w.[+-]+$/.test(name) || (previous !== undefined && compareBytewise(previous, name) >= 0)) return names;
    names.push(name);
    at = end + 1;
  }
}

/** Place of each applet; empty where the table is not found. */
function installPlaces(data: Buffer, names: readonly string[]): number[] {
  const known = names.flatMap((name, i) => (knownPlaces[name] === undefined ? [] : [[i, knownPlaces[name]] as const]));
  const size = Math.ceil(names.length / 2);
  const place = (start: number, i: number) => (data[start + (i >> 1)]! >> (i % 2 === 0 ? 0 : 4)) & 15;
  for (let start = 0; start + size <= data.length; start++) {
    if (!known.every(([i, expected]) => place(start, i) === expected)) continue;
    return names.map((_, i) => place(start, i));
  }
  return [];
}
