/**
 * nixlet made to do what Nix 2.8 does: a case is rewritten so that some builtins and operators are Nix functions with
 * 2.8's behaviour. A difference is explained when this takes it away, and only then; so an entry here cannot hide anything
 * else that is wrong with the same builtin.
 */
import type { Piece } from './piece.ts';

export interface Emulation {
  /** What is other in 2.36. */
  readonly what: string;
  /** The same case for nixlet; the same piece where this has nothing to do with it. */
  readonly rewrite: (piece: Piece) => Piece;
}

/** What rewritten cases call. Of arguments it forces what 2.8 forces, in its order. */
export const definitions = `let nix28 = {
  # Floats with six digits, which XML still has, and infinities as they are.
  toJSON =
    let
      float = x: builtins.elemAt (builtins.split "\\"" (builtins.toXML x)) 2;
      go = v:
        if builtins.isFloat v then float v
        else if builtins.isList v then "[" + builtins.concatStringsSep "," (map go v) + "]"
        else if !builtins.isAttrs v || v ? __toString then builtins.toJSON v
        else if v ? outPath then go v.outPath
        else "{" + builtins.concatStringsSep "," (map (n: builtins.toJSON n + ":" + go v.\${n}) (builtins.attrNames v)) + "}";
    in go;
  # All replacements, needed or not.
  replaceStrings = from: to: text:
    let each = list: builtins.foldl' (done: e: builtins.seq (builtins.hashString "md5" e) done) null list; in
    if builtins.length from != builtins.length to then builtins.replaceStrings from to ""
    else builtins.seq (each from) (builtins.seq (each to) (builtins.replaceStrings from to text));
  map = f: map (e: f e);
  genList = f: builtins.genList (i: f i);
  # All arguments before the first is looked at, and of ints the lower half.
  substring = start: length: text:
    let from = int32 start; size = int32 length; in
    builtins.seq from (builtins.seq size (builtins.seq (builtins.stringLength text) (builtins.substring from size text)));
  elemAt = list: n: builtins.elemAt list (int32 n);
  # The left one first.
  update = a: builtins.seq (a // { }) (b: a // b);
}; int32 = n: let low = builtins.bitAnd n 4294967295; in if low > 2147483647 then low - 4294967296 else low; in `;

export const emulations: readonly Emulation[] = [
  {
    what: 'Floats in JSON have as many digits as they need, .0 where they are whole, and are null where they are no numbers; 2.8 prints six digits.',
    rewrite: calling('toJSON'),
  },
  { what: 'replaceStrings evaluates only the replacements that it uses (2.17).', rewrite: calling('replaceStrings') },
  {
    what: 'map evaluates the function before it gives a list that is not empty; 2.8 when an element is evaluated.',
    rewrite: calling('map', /(?<![.\w])(?:builtins\.)?map\b(?!Attrs)/g),
  },
  {
    what: 'genList evaluates the function before it gives a list; 2.8 when an element is evaluated.',
    rewrite: calling('genList'),
  },
  {
    what: 'substring checks its first argument before it evaluates the others, and its ints are 64 bits wide; 2.8 takes the lower 32.',
    rewrite: calling('substring'),
  },
  { what: 'Positions in lists are 64 bits wide; 2.8 takes the lower 32.', rewrite: calling('elemAt') },
  { what: 'x // y evaluates y first.', rewrite: leftFirst },
  { what: 'inherit (x) a b evaluates x once; 2.8 for each name.', rewrite: inheritEach },
];

function calling(name: string, pattern = new RegExp(String.raw`builtins\.${name}\b`, 'g')): Emulation['rewrite'] {
  const rewrite = (piece: Piece): Piece => ({
    ...piece,
    parts: piece.parts.map((part) =>
      typeof part === 'string' ? part.replace(pattern, `nix28.${name}`) : rewrite(part),
    ),
  });
  return rewrite;
}

function leftFirst(piece: Piece): Piece {
  const parts = piece.parts.map((part) => (typeof part === 'string' ? part : leftFirst(part)));
  const isChain = parts.every((part, i) =>
    i % 2 === 1 ? typeof part !== 'string' : part === (i === 0 ? '(' : i === parts.length - 1 ? ')' : ' // '),
  );
  if (!isChain || parts.length < 5) return { ...piece, parts };
  const sets = parts.filter((part) => typeof part !== 'string');
  const nested = (rest: readonly (string | Piece)[]): (string | Piece)[] =>
    rest.length === 1 ? [rest[0]!] : ['(nix28.update ', rest[0]!, ' ', ...nested(rest.slice(1)), ')'];
  return { ...piece, parts: nested(sets) };
}

function inheritEach(piece: Piece): Piece {
  const parts = piece.parts.map((part) => (typeof part === 'string' ? part : inheritEach(part)));
  const out: (string | Piece)[] = [];
  for (const [i, part] of parts.entries()) {
    const from = parts[i - 1];
    const names = typeof part === 'string' && typeof from === 'object' ? /^\) (\w+(?: \w+)+);/.exec(part) : null;
    const opened = parts[i - 2];
    if (!names || typeof opened !== 'string' || !opened.endsWith('inherit (')) {
      out.push(part);
      continue;
    }
    const [first, ...others] = names[1]!.split(' ');
    out.push(`) ${first};`);
    for (const name of others) out.push(' inherit (', from!, `) ${name};`);
    out.push((part as string).slice(names[0].length));
  }
  return { ...piece, parts: out };
}
