import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanReferences } from '../../../src/store/references.ts';

const hashPart = fc.stringMatching(/^[0-9a-df-np-sv-z]{32}$/);
const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

describe('reference scanner', () => {
  it('finds a hash part anywhere, however the data is cut', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'abc01zetou/-\0 '), maxLength: 70 });
    fc.assert(
      fc.property(
        hashPart,
        noise,
        noise,
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (hash, a, b, cuts) => {
          const data = latin1(a + hash + b);
          const chunks: Uint8Array[] = [];
          for (let at = 0, i = 0; at < data.length; i++) {
            chunks.push(data.subarray(at, (at += cuts[i % cuts.length]!)));
          }
          expect(scanReferences(chunks, [`/nix/store/${hash}-x`])).toEqual([`/nix/store/${hash}-x`]);
        },
      ),
    );
  });

  it('agrees with a plain search', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'01ae'), minLength: 0, maxLength: 120 });
    fc.assert(
      fc.property(digits, fc.array(fc.stringMatching(/^[01a]{32}$/), { maxLength: 3 }), (text, hashes) => {
        const paths = hashes.map((hash) => `/nix/store/${hash}-x`);
        const expected = [...new Set(paths)].filter((_, i) => text.includes([...new Set(hashes)][i]!)).sort();
        expect(scanReferences([latin1(text)], paths)).toEqual(expected);
      }),
    );
  });

  it('does not find what is cut short or changed', () => {
    const hash = 'q3laishhmk84vl44j1973qpzkyhmr90c';
    const path = `/nix/store/${hash}-x`;
    expect(scanReferences([latin1(hash.slice(1))], [path])).toEqual([]);
    expect(scanReferences([latin1(hash.toUpperCase())], [path])).toEqual([]);
    expect(scanReferences([], [path])).toEqual([]);
  });
});
