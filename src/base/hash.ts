/**
 * The hash functions that Nix knows, over bytes. Pure JavaScript (@noble/hashes) by default, so that the engine runs
 * where there is no node:crypto; a host may put a faster implementation in (`useHashImplementation`).
 */

import { blake3 } from '@noble/hashes/blake3.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { encodeBytes } from './bytes.ts';

export type HashAlgorithm = 'md5' | 'sha1' | 'sha256' | 'sha512' | 'blake3';

export const hashAlgorithms: readonly HashAlgorithm[] = ['blake3', 'md5', 'sha1', 'sha256', 'sha512'];

/** Digest sizes in bytes. */
export const hashSize: Readonly<Record<HashAlgorithm, number>> = {
  md5: 16,
  sha1: 20,
  sha256: 32,
  sha512: 64,
  blake3: 32,
};

export interface Hasher {
  update(chunk: Uint8Array): void;
  digest(): Uint8Array;
}

export type HashImplementation = (algorithm: HashAlgorithm) => Hasher;

const pure = { md5, sha1, sha256, sha512, blake3 };

function pureHasher(algorithm: HashAlgorithm): Hasher {
  const state = pure[algorithm].create();
  return { update: (chunk) => void state.update(chunk), digest: () => state.digest() };
}

let implementation: HashImplementation = pureHasher;
let wholeText: TextHash | undefined;

/**
 * Hash of the UTF-8 of a well-formed text in one go: as base 16, or as a string of bytes (each character is one).
 * Undefined for an algorithm that it has not got.
 */
export type TextHash = (algorithm: HashAlgorithm, text: string, form: 'hex' | 'binary') => string | undefined;

/**
 * Replaces the implementation for this process; results must be the same. `textHash` is for evaluation, which hashes
 * thousands of short texts.
 */
export function useHashImplementation(replacement: HashImplementation, textHash?: TextHash): void {
  implementation = replacement;
  wholeText = textHash;
}

/** The default: pure JavaScript. */
export const pureHashImplementation: HashImplementation = pureHasher;

export function createHasher(algorithm: HashAlgorithm): Hasher {
  return implementation(algorithm);
}

export function hashBytes(algorithm: HashAlgorithm, bytes: Uint8Array): Uint8Array {
  const hasher = implementation(algorithm);
  hasher.update(bytes);
  return hasher.digest();
}

/** Hash of a Nix string, that is of its bytes. */
export function hashText(algorithm: HashAlgorithm, text: string): Uint8Array {
  return hashBytes(algorithm, encodeBytes(text));
}

/** The same in base 16. */
export function hashTextHex(algorithm: HashAlgorithm, text: string): string {
  const digest = wholeText !== undefined && text.isWellFormed() ? wholeText(algorithm, text, 'hex') : undefined;
  return digest ?? toHex(hashText(algorithm, text));
}

/** The same as a string whose characters are the digest's bytes. */
export function hashTextRaw(algorithm: HashAlgorithm, text: string): string {
  const digest = wholeText !== undefined && text.isWellFormed() ? wholeText(algorithm, text, 'binary') : undefined;
  return digest ?? String.fromCharCode(...hashText(algorithm, text));
}

const hexDigits = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

export function toHex(bytes: Uint8Array): string {
  let out = '';
  for (let start = 0; start < bytes.length; start += 256) {
    const codes: number[] = [];
    for (let i = start; i < bytes.length && i < start + 256; i++)
      codes.push(hexDigits[bytes[i]! >> 4]!, hexDigits[bytes[i]! & 15]!);
    out += String.fromCharCode(...codes);
  }
  return out;
}
