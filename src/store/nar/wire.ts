/**
 * NAR, the Nix archive: one canonical byte stream for a tree of files. It knows names, contents, link targets and the
 * executable bit, and nothing else (no times, owners, other modes). Everything is a string:
 *
 *   string    = length (8 bytes, little-endian), the bytes, zeros up to a multiple of 8
 *   archive   = "nix-archive-1" node
 *   node      = "(" "type" "regular" [ "executable" "" ] "contents" <bytes> ")"
 *             | "(" "type" "symlink" "target" <target> ")"
 *             | "(" "type" "directory" { entry } ")"
 *   entry     = "entry" "(" "name" <name> "node" node ")"
 *
 * where entries come in byte order of their names, no name twice. So a tree has exactly one NAR, and its hash is the
 * tree's. Source: Nix manual, "Nix Archive (NAR) format".
 */
import { encodeBytes } from '../../base/bytes.ts';

/** Zero bytes after a string of this length. */
export function padding(length: number): number {
  return (8 - (length % 8)) % 8;
}

/** Bytes that a string of this length takes. */
export function stringSize(length: number): number {
  return 8 + length + padding(length);
}

/** Writes a length; sizes beyond 2^53 do not occur. */
export function writeLength(target: Uint8Array, offset: number, length: number): void {
  let low = length >>> 0;
  let high = Math.floor(length / 0x1_0000_0000);
  for (let i = 0; i < 4; i++) {
    target[offset + i] = low & 0xff;
    target[offset + 4 + i] = high & 0xff;
    low >>>= 8;
    high >>>= 8;
  }
}

export function readLength(source: Uint8Array, offset: number): number {
  const low =
    source[offset]! + source[offset + 1]! * 0x100 + source[offset + 2]! * 0x1_0000 + source[offset + 3]! * 0x100_0000;
  const high =
    source[offset + 4]! +
    source[offset + 5]! * 0x100 +
    source[offset + 6]! * 0x1_0000 +
    source[offset + 7]! * 0x100_0000;
  return high * 0x1_0000_0000 + low;
}

/** Strings one after another, as bytes of the archive. */
export function wireStrings(...strings: readonly string[]): Uint8Array {
  const encoded = strings.map(encodeBytes);
  const out = new Uint8Array(encoded.reduce((size, bytes) => size + stringSize(bytes.length), 0));
  let offset = 0;
  for (const bytes of encoded) {
    writeLength(out, offset, bytes.length);
    out.set(bytes, offset + 8);
    offset += stringSize(bytes.length);
  }
  return out;
}

/** The runs of fixed strings between the variable ones. */
export const tokens = {
  magic: wireStrings('nix-archive-1'),
  /** then length, contents, padding, `close` */
  regular: wireStrings('(', 'type', 'regular', 'contents'),
  executable: wireStrings('(', 'type', 'regular', 'executable', '', 'contents'),
  /** then target, `close` */
  symlink: wireStrings('(', 'type', 'symlink', 'target'),
  /** then entries, `close` */
  directory: wireStrings('(', 'type', 'directory'),
  /** then name, `node`, a node, `close` */
  entry: wireStrings('entry', '(', 'name'),
  node: wireStrings('node'),
  close: wireStrings(')'),
} as const;
