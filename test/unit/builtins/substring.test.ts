/** substring counts bytes, whatever it remembers of the texts that it was called with before. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeBytes, encodeBytes } from '../../../src/base/bytes.ts';
import { byteSubstring } from '../../../src/builtins/strings.ts';

const unit = fc.constantFrom('a', 'b', ' ', 'é', '€', '🙂', '\udcc3');

it('takes bytes of several texts in turn', () => {
  const texts = fc.array(fc.tuple(fc.string({ unit, maxLength: 8 }), fc.nat(200)), { minLength: 1, maxLength: 7 });
  const cuts = fc.array(fc.tuple(fc.nat(), fc.nat(250), fc.oneof(fc.nat(100), fc.constant(Infinity))), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(texts, cuts, (pieces, places) => {
      const all = pieces.map(([piece, ascii]) => decodeBytes(encodeBytes('x'.repeat(ascii) + piece.repeat(9))));
      for (const [which, start, length] of places) {
        const text = all[which % all.length]!;
        expect(byteSubstring(text, start, length)).toBe(decodeBytes(encodeBytes(text).subarray(start, start + length)));
      }
    }),
  );
});
