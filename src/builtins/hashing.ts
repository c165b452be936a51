/** Hashes of strings and files, and their notations. */
import { hashBytes, hashTextHex, toHex } from '../base/hash.ts';
import { type HashFormat, parseHash, parseHashAlgorithm, printHash } from '../derivation/hash-string.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import { renderWarning } from '../errors/render.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceAttrs, forceString, forceStringNoContext, getAttr } from '../runtime/coerce.ts';
import type { EvalContext } from '../runtime/eval-context.ts';
import { type Slot, stringText, type Value } from '../runtime/value.ts';
import { realisePath } from './access.ts';

function hashFormat(ctx: EvalContext, name: string): HashFormat {
  switch (name) {
    case 'base16':
    case 'nix32':
    case 'base64':
    case 'sri':
      return name;
    case 'base32':
      ctx.host.message(
        'warning',
        renderWarning({ message: '"base32" is a deprecated alias for hash format "nix32".', pos: NO_POS }),
      );
      return 'nix32';
  }
  throw new NixError(`unknown hash format '${name}', expect 'base16', 'nix32', 'base64', or 'sri'`, {
    class: 'UsageError',
  });
}

function convertHash(ctx: EvalContext, arg: Slot): Value {
  const attrs = forceAttrs(arg, NO_POS, 'while evaluating the first argument passed to builtins.convertHash');
  const required = (name: string) =>
    forceStringNoContext(
      getAttr(attrs, name, `while locating the attribute '${name}'`),
      NO_POS,
      `while evaluating the attribute '${name}'`,
    );
  const text = required('hash');
  const algorithm = attrs.get('hashAlgo');
  const parsed =
    algorithm === undefined
      ? undefined
      : parseHashAlgorithm(forceStringNoContext(algorithm, NO_POS, "while evaluating the attribute 'hashAlgo'"));
  const format = hashFormat(ctx, required('toHashFormat'));
  return printHash(parseHash(text, parsed), format, format === 'sri');
}

export const hashBuiltins: readonly Builtin[] = [
  {
    name: 'hashString',
    args: ['type', 's'],
    type: 'string → string → string',
    doc: 'The hash of a string in base 16. *type* is `"md5"`, `"sha1"`, `"sha256"`, `"sha512"`, or `"blake3"`.',
    example: { expr: 'builtins.hashString "md5" "abc"', value: '"900150983cd24fb0d6963f7d28e17f72"' },
    run: (_ctx, _pos, type, s) => {
      const name = forceStringNoContext(
        type,
        NO_POS,
        'while evaluating the first argument passed to builtins.hashString',
      );
      const algorithm = parseHashAlgorithm(name);
      const text = forceString(s, NO_POS, 'while evaluating the second argument passed to builtins.hashString');
      return hashTextHex(algorithm, stringText(text));
    },
  },
  {
    name: 'hashFile',
    args: ['type', 'p'],
    type: 'string → path → string',
    doc: 'The hash of a file in base 16; *type* as for `hashString`.',
    example: {
      expr: 'builtins.hashFile "md5" (builtins.toFile "a" "abc")',
      value: '"900150983cd24fb0d6963f7d28e17f72"',
    },
    run: (ctx, _pos, type, p) => {
      const name = forceStringNoContext(
        type,
        NO_POS,
        'while evaluating the first argument passed to builtins.hashFile',
      );
      const algorithm = parseHashAlgorithm(name);
      return toHex(hashBytes(algorithm, ctx.host.readFile(realisePath(ctx, p))));
    },
  },
  {
    name: 'convertHash',
    args: ['args'],
    type: '{ hash :: string; hashAlgo ? string; toHashFormat :: string } → string',
    doc: 'A hash in another notation. The set has `hash` (any notation), `toHashFormat` (`"base16"`, `"nix32"`, `"base64"` or `"sri"`) and, where the hash itself does not tell, `hashAlgo`.',
    example: {
      expr: 'builtins.convertHash { hash = "900150983cd24fb0d6963f7d28e17f72"; hashAlgo = "md5"; toHashFormat = "nix32"; }',
      value: '"3jgzhjhz9zjvbb0kyj7jc500ch"',
    },
    run: (ctx, _pos, args) => convertHash(ctx, args),
  },
];
