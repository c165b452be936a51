/**
 * The outer format of a .deb: an `ar` archive. The magic "!<arch>\n", then members: a header of 60 bytes (name 16,
 * mtime 12, uid 6, gid 6, mode 8, size 10, all padded with spaces, and the two bytes "`\n"), the content, and a "\n"
 * where the content's size is odd. Source: deb(5).
 */
import { badMemberHeader, notAnArchive, truncatedMember } from './messages.ts';

const MAGIC = '!<arch>\n';
const HEADER_SIZE = 60;

export interface ArMember {
  readonly name: string;
  readonly data: Buffer;
}

/** Members in the archive's order. `label` names the archive in messages. */
export function readAr(archive: Buffer, label: string): ArMember[] {
  if (archive.toString('latin1', 0, MAGIC.length) !== MAGIC) throw notAnArchive(label);
  const members: ArMember[] = [];
  let offset = MAGIC.length;
  while (offset < archive.length) {
    const header = archive.toString('latin1', offset, offset + HEADER_SIZE);
    const size = header.slice(48, 58).trimEnd();
    if (!header.endsWith('`\n') || header.length < HEADER_SIZE || !/^\d+$/.test(size)) {
      throw badMemberHeader(label, offset);
    }
    const name = header.slice(0, 16).trimEnd().replace(/\/$/, '');
    const start = offset + HEADER_SIZE;
    const end = start + Number(size);
    if (end > archive.length) throw truncatedMember(label, name);
    members.push({ name, data: archive.subarray(start, end) });
    offset = end + (end % 2);
  }
  return members;
}
