/**
 * The forms of generated expressions: kind -> templates (see generator.ts). A name means a kind wherever it is bound or
 * selected (i, j: int; x: float; p: bool; s, t: string; q: path; l: list; is, ss: lists of ints and strings; a, r: set;
 * d: derivation; f: function), so that most programs are well typed without anyone checking types; `prelude` binds all of
 * them at the outside. Every form can stand anywhere: it is an atom or in parentheses.
 *
 * Left out is what Nix 2.8 does not have, what reads the clock or the network, positions (of texts 2.8 gives the text as the
 * file, 2.36 nothing), and where 2.8 does something undefined; other differences are in known-differences.ts.
 */
import { collections } from './forms/collections.ts';
import { documents } from './forms/documents.ts';
import { functions } from './forms/functions.ts';
import { numbers } from './forms/numbers.ts';
import { texts } from './forms/texts.ts';
import type { Forms } from './generator.ts';

export const prelude = `let
  i = 3; j = -7; x = 2.5; p = true; s = "foo"; t = "b-1.2"; q = ./data.json; l = [ 1 "two" null ]; is = [ 3 1 2 ]; ss = [ "b" "a" "a" ];
  a = { i = 5; s = "bar"; a = { j = 8; }; }; r = rec { i = 1; j = i; s = "r"; };
  d = derivation { name = "d"; system = "x86_64-linux"; builder = "/bin/sh"; };
  f = e: e;
in `;

export const forms: Forms = {
  program: [
    [12, `${prelude}<any>`],
    [1, '<any>'],
    [2, `${prelude}[ <any*> ]`],
    [1, `${prelude}{ <binding*> }`],
    [1, `${prelude}[ <drv> (builtins.getContext "\${<drv>}\${<string>}") ]`],
    '(builtins.fromJSON <json>)',
    '(builtins.fromTOML <toml>)',
    '[ (builtins.match <pattern> "<letters>") (builtins.split <pattern> "<letters>") ]',
    '[ (builtins.compareVersions <version> <version>) (builtins.splitVersion <version>) (builtins.parseDrvName <version>) ]',
  ],

  any: [
    // The left side of // cannot fail here: 2.8 evaluates it first.
    '({ i = 1; } // <operand> <operator> <operand>)',
    '(<attrs> == { i = 1; } // <operand> ++ <operand>)',
    '(<operand> -> { s = "s"; } // <attrs> <operator> <operand>)',
    '((i: j: s: <any>) <int> <int> <string>)',
    '((i: <formals>: <any>) <int> <attrs>)',
    '((i: j: <fn>) <int> <int> <any>)',
    '(let i = <int>; in let j = <int>; in (x: s: let t = <string>; in <any>) <float> <string>)',
    '(assert <any>; <any>)',
    '(<fn> <any> <any>)',
    [4, '<int>'],
    [2, '<float>'],
    [3, '<bool>'],
    [6, '<string>'],
    [1, '<path>'],
    [2, 'null'],
    [3, '(<operand> <operator> <operand> <operator> <operand>)'],
    [2, '(<operand> <operator> <operand> <operator> <operand> <operator> <operand>)'],
    'i',
    's',
    'l',
    'a',
    'r',
    'x',
    'f',
    'd',
    'q',
    'true',
    '"foo"',
    '[ ]',
    '{ }',
    [4, '<list>'],
    [2, '<ints>'],
    [2, '<strings>'],
    [5, '<attrs>'],
    '<drv>',
    [2, '<fn>'],
    '(builtins.tryEval <any>)',
    '(builtins.tryEval (builtins.deepSeq <any> <any>))',
    '(if <bool> then <any> else <any>)',
    '(let <binding*> in <any>)',
    '(with <attrs>; <any>)',
    '(assert <bool>; <any>)',
    '(builtins.seq <any> <any>)',
    '(<fn> <any>)',
    '(builtins.elemAt <list> <small>)',
    '(builtins.head <list>)',
    '<attrs>.<name>',
    '<attrs>.<name>.<name>',
    '(<attrs>.<name> or <any>)',
    '(<attrs>.<name>.<name> or <any>)',
    '(<attrs>.${<string>} or <any>)',
    '(builtins.getAttr <string> <attrs>)',
    '(builtins.fromJSON <json>)',
    '(builtins.fromJSON (builtins.toJSON <any>))',
    '(builtins.fromTOML <toml>)',
    "(builtins.foldl' (e: y: <any>) <any> <list>)",
    '(import ./<word>.nix)',
    '(builtins.scopedImport <attrs> ./scoped.nix)',
    '(builtins.addErrorContext <string> <any>)',
    '(builtins.trace <any> <any>)',
    [3, '(builtins.trace "@<label>" <any>)'],
    '(builtins.functionArgs <fn>)',
    '(throw ("thrown: " + <string>))',
    '(abort <string>)',
    '(let { body = <any>; <binding*> })',
    '<list>.<name>',
  ],

  ...numbers,
  ...texts,
  ...documents,
  ...collections,
  ...functions,
};
