/**
 * References are found, not declared: an object refers to a store path if that one's hash part (32 characters of Nix base
 * 32) stands anywhere in its NAR. Bytes come in chunks, and a hash part may lie across two.
 *
 * The search looks at windows of 32 bytes from their end: a byte that is no base 32 digit moves the window behind it, so
 * that most bytes are never looked at. A window of digits only is looked up by its first three characters in a bit table,
 * and only then as text.
 */
import { sortStorePaths, storePathHashPart } from '../derivation/store-path.ts';

const length = 32;
/** Byte -> base 32 digit, or 255. */
const digits = new Uint8Array(256).fill(255);
[...'0123456789abcdfghijklmnpqrsvwxyz'].forEach((char, i) => {
  digits[char.charCodeAt(0)] = i;
});

export class ReferenceScanner {
  private readonly byHashPart = new Map<string, string>();
  private readonly prefixes = new Uint32Array(1024);
  private readonly found = new Set<string>();
  private readonly tail = new Uint8Array(2 * (length - 1));
  private tailLength = 0;

  /** Store paths that may be referred to. */
  constructor(candidates: Iterable<string>) {
    for (const path of candidates) {
      const hashPart = storePathHashPart(path);
      this.byHashPart.set(hashPart, path);
      const prefix = prefixOf(
        Uint8Array.from(hashPart.slice(0, 3), (char) => char.charCodeAt(0)),
        0,
      );
      this.prefixes[prefix >> 5]! |= 1 << (prefix & 31);
    }
  }

  write(chunk: Uint8Array): void {
    if (this.found.size === this.byHashPart.size) return;
    // The seam: the last 31 bytes of before and the first 31 of now.
    const head = Math.min(chunk.length, length - 1);
    this.tail.set(chunk.subarray(0, head), this.tailLength);
    this.search(this.tail, this.tailLength + head);
    this.search(chunk, chunk.length);
    if (chunk.length >= length - 1) {
      this.tail.set(chunk.subarray(chunk.length - (length - 1)));
      this.tailLength = length - 1;
    } else {
      const joined = this.tailLength + head;
      const keep = Math.min(joined, length - 1);
      this.tail.copyWithin(0, joined - keep, joined);
      this.tailLength = keep;
    }
  }

  /** Candidates that were found, in byte order. */
  result(): string[] {
    return sortStorePaths([...this.found].map((hashPart) => this.byHashPart.get(hashPart)!));
  }

  private search(bytes: Uint8Array, end: number): void {
    const last = end - length;
    let start = 0;
    // How many bytes from `start` on are known to be digits.
    let known = 0;
    while (start <= last) {
      let i = start + length - 1;
      const stop = start + known;
      while (i >= stop && digits[bytes[i]!] !== 255) i--;
      if (i >= stop) {
        // Behind the byte that is no digit, up to the window's end, are digits.
        known = start + length - 1 - i;
        start = i + 1;
        continue;
      }
      const prefix = prefixOf(bytes, start);
      if (this.prefixes[prefix >> 5]! & (1 << (prefix & 31))) this.look(bytes, start);
      start++;
      known = length - 1;
    }
  }

  private look(bytes: Uint8Array, start: number): void {
    const text = String.fromCharCode(...bytes.subarray(start, start + length));
    if (this.byHashPart.has(text)) this.found.add(text);
  }
}

function prefixOf(bytes: Uint8Array, at: number): number {
  return (digits[bytes[at]!]! << 10) | (digits[bytes[at + 1]!]! << 5) | digits[bytes[at + 2]!]!;
}

/** References of data in chunks to any of the candidates, in byte order. */
export function scanReferences(chunks: Iterable<Uint8Array>, candidates: Iterable<string>): string[] {
  const scanner = new ReferenceScanner(candidates);
  for (const chunk of chunks) scanner.write(chunk);
  return scanner.result();
}
