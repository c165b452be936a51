import fc from 'fast-check';

const words =
  "a b or if then else assert with let in rec inherit 1 2.5 \"s\" ''i'' ./p ~/p <s> u:u { } ( ) [ ] ; : , . = ... @ ? ! - + * / ++ // == != < <= && || -> |> <| ${ \" '' /p/ ".split(
    ' ',
  );

/** Well-formed pieces, so that a random row of them is now and then a program. */
const phrases = [
  '{ a = 1; }',
  '{ a, b ? 1, ... }:',
  '{ a }@b:',
  'b@{ }:',
  'a: a',
  'a.b or 1',
  'let a = 1; in',
  'let { body = 1; }',
  'rec { inherit a; inherit (a) b "c"; }',
  '"a${b}c"',
  './a/${b}',
  'if a then b else',
  'with a;',
  'assert a;',
  '[ a (b) ]',
  '(a b)',
  '{ ${a}.b."c" = 1; }',
  'a ? b.c',
  'x = 1;',
];

/** Texts that look like Nix: most are wrong, many only by a little. */
export function tokenSoup(): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...words) },
    { weight: 3, arbitrary: fc.constantFrom(...phrases) },
  );
  return fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(' '));
}
