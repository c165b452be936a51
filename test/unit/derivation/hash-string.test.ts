import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashAlgorithms, hashSize, hashText } from '../../../src/base/hash.ts';
import {
  type HashFormat,
  parseHash,
  parseHashAllowEmpty,
  parseHashDigits,
  printHash,
} from '../../../src/derivation/hash-string.ts';

const abc = { algorithm: 'sha256', digest: hashText('sha256', 'abc') } as const;

describe('hash notations', () => {
  it.each([
    ['base16', 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['nix32', 'sha256:1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s'],
    ['base64', 'sha256:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='],
    ['sri', 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='],
  ] satisfies [HashFormat, string][])('%s', (format, text) => {
    expect(printHash(abc, format)).toBe(text);
    expect(parseHash(text)).toEqual(abc);
    expect(parseHash(text, 'sha256')).toEqual(abc);
    expect(parseHash(printHash(abc, format, false), 'sha256')).toEqual(abc);
  });

  it('every digest round-trips in every notation', () => {
    const hashes = fc
      .constantFrom(...hashAlgorithms)
      .chain((algorithm) =>
        fc
          .uint8Array({ minLength: hashSize[algorithm], maxLength: hashSize[algorithm] })
          .map((digest) => ({ algorithm, digest })),
      );
    fc.assert(
      fc.property(hashes, fc.constantFrom<HashFormat>('base16', 'nix32', 'base64', 'sri'), (hash, format) => {
        expect(parseHash(printHash(hash, format))).toEqual(hash);
      }),
    );
  });

  it('base 16 may be in capitals, SRI without padding', () => {
    expect(parseHashDigits(printHash(abc, 'base16', false).toUpperCase(), 'sha256')).toEqual(abc);
    expect(parseHash(printHash(abc, 'sri').replace('=', ''))).toEqual(abc);
  });

  it.each([
    ['abc', undefined, "hash 'abc' does not include a type, nor is the type otherwise known from context"],
    ['abc', 'sha256', "hash 'abc' has wrong length for hash algorithm 'sha256'"],
    ['md6:abc', undefined, "unknown hash algorithm 'md6', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'"],
    ['md5:abc', 'sha256', "hash 'md5:abc' should have type 'sha256' but got type 'md5'"],
    ['sha256-abcd', undefined, "invalid SRI hash 'abcd', length 3 != expected length 32"],
    [`${'0'.repeat(63)}g`, 'sha256', "invalid character in Base16 string: 'g'"],
    [`${'0'.repeat(51)}e`, 'sha256', "invalid character in Nix32 (Nix's Base32 variation) string: 'e'"],
  ] as const)('%s with %s: %s', (text, algorithm, message) => {
    expect(() => parseHash(text, algorithm)).toThrow(message);
  });

  it('an empty hash is zeros, with a warning', () => {
    const { hash, warning } = parseHashAllowEmpty('', 'sha256');
    expect(hash.digest).toEqual(new Uint8Array(32));
    expect(warning).toBe("found empty hash, assuming 'sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='");
    expect(() => parseHashAllowEmpty('')).toThrow('empty hash requires explicit hash algorithm');
  });
});
