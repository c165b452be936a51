/** The entries that are visible in an image: its layers laid over each other. */
import { compareBytewise } from '../base/order.ts';
import { unpackFile } from './codec/unpack.ts';
import { type ArchiveEntry, normalizeEntryName } from './entry.ts';
import { indexTarFile, type TarMember } from './tar-index.ts';
import { applyWhiteout, removeBelow } from './whiteouts.ts';

interface Visible {
  readonly file: string;
  readonly member: TarMember;
}

/** `layers` are bare tar files, lowest first. A hard link becomes a file of its own; devices and pipes are left out. */
export async function flattenLayers(layers: readonly string[]): Promise<ArchiveEntry[]> {
  const visible = new Map<string, Visible>();
  for (const file of layers) {
    const { members } = await indexTarFile(file);
    const own = [...members].filter(([name]) => !applyWhiteout(visible, name));
    for (const [name, member] of own) {
      const below = visible.get(name);
      // What replaces a directory takes its entries along; a directory over a directory keeps them.
      if (below?.member.type === 'directory' && member.type !== 'directory') removeBelow(visible, `${name}/`);
      const target = member.type === 'link' ? members.get(normalizeEntryName(member.linkname ?? '')) : undefined;
      const linked = target ? { file, member: target } : visible.get(normalizeEntryName(member.linkname ?? ''));
      visible.set(name, member.type === 'link' && linked ? linked : { file, member });
    }
  }
  return [...visible.keys()]
    .sort((a, b) => compareBytewise(sortKey(a), sortKey(b)))
    .flatMap((name) => entryOf(name, visible.get(name)!));
}

/** Parents before their entries, and these before the next sibling: "/" sorts below every other byte of a name. */
function sortKey(name: string): string {
  return name.replaceAll('/', '\u0001');
}

function entryOf(name: string, { file, member }: Visible): ArchiveEntry[] {
  const { mode, uid, gid } = member.header;
  const owner = { uid, gid };
  if (member.type === 'directory') return [{ type: 'directory', name, mode, owner }];
  if (member.type === 'symlink') return [{ type: 'symlink', name, target: member.linkname ?? '', owner }];
  if (member.type !== 'file' && member.type !== 'contiguous-file') return [];
  const { offset, size } = member;
  return [{ type: 'file', name, mode, owner, size, open: () => unpackFile(file, 'none', offset, size) }];
}
