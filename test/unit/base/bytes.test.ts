import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteLength, decodeBytes, encodeBytes } from '../../../src/base/bytes.ts';
import { hashAlgorithms, hashBytes, hashText, toHex } from '../../../src/base/hash.ts';
import { decodeNix32, encodeNix32, nix32Length } from '../../../src/base/nix32.ts';
import { compareByteArrays, compareBytewise } from '../../../src/base/order.ts';

const bytes = fc.uint8Array({ maxLength: 80 });

describe('byte strings', () => {
  it('every byte string survives being a string', () => {
    fc.assert(
      fc.property(bytes, (b) => {
        const text = decodeBytes(b);
        expect(encodeBytes(text)).toEqual(b);
        expect(byteLength(text)).toBe(b.length);
      }),
    );
  });

  it('order of strings is order of their bytes', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(Math.sign(compareBytewise(decodeBytes(a), decodeBytes(b)))).toBe(Math.sign(compareByteArrays(a, b)));
      }),
    );
    // In UTF-16 code units these two stand the other way round.
    expect(compareBytewise('\uffff', '\u{10000}')).toBeLessThan(0);
  });
});

describe('nix32', () => {
  it('round trip and length', () => {
    fc.assert(
      fc.property(bytes, (b) => {
        const text = encodeNix32(b);
        expect(text.length).toBe(nix32Length(b.length));
        expect(decodeNix32(text)).toEqual(b);
      }),
    );
  });

  it('refuses other letters and stray bits', () => {
    expect(decodeNix32('e')).toBeUndefined();
    expect(decodeNix32('zz')).toBeUndefined();
  });

  it('writes the digest of the empty text as Nix does', () => {
    expect(encodeNix32(hashText('sha256', ''))).toBe('0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73');
  });
});

describe('hashes', () => {
  it('text and bytes agree for every algorithm', () => {
    for (const algorithm of hashAlgorithms)
      expect(toHex(hashText(algorithm, 'é\udcff'))).toBe(toHex(hashBytes(algorithm, Uint8Array.of(0xc3, 0xa9, 0xff))));
  });
});
