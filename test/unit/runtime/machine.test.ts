import { describe, expect, test } from 'vitest';
import { evaluate, evaluationError } from '../../support/evaluate.ts';

const values: [string, string][] = [
  // constants and variables
  ['1', '1'],
  ['9223372036854775807', '9223372036854775807'],
  ['1.5', '1.5'],
  ['[ true false null ]', '[ true false null ]'],
  ['/a/../b', '/b'],
  ['let x = 1; y = x; z = y; in z', '1'],
  ['let f = x: y: z: [ x y z ]; in f 1 2 3', '[ 1 2 3 ]'],
  ['let a = 1; in let inherit a; in a', '1'],
  ['let inherit ({ a = 1; b = 2; }) a b; in a + b', '3'],
  // functions
  ['({ a, b ? a + 1, ... }@args: [ a b args.c ]) { a = 1; c = 3; }', '[ 1 2 3 ]'],
  ['({ a ? b, b ? 2 }: a) { }', '2'],
  ['{ __functor = self: x: self.k + x; k = 1; } 2', '3'],
  ['let f = { __functor = self: a: { __functor = s: b: a + b; }; }; in f 1 2', '3'],
  // sets
  ['rec { a = b; b = 1; }', '{ a = 1; b = 1; }'],
  ['{ inherit ({ x = 1; }) x; y = 2; }', '{ x = 1; y = 2; }'],
  ['rec { inherit ({ x = 1; }) x; y = x; }.y', '1'],
  ['{ ${"a" + "b"} = 1; ${null} = 2; c = 3; }', '{ ab = 1; c = 3; }'],
  ['rec { a = 1; ${"b"} = a; }', '{ a = 1; b = 1; }'],
  ['{ a.b = 1; a.c = 2; }', '{ a = { b = 1; c = 2; }; }'],
  ['rec { x = 1; y = x; __overrides = { x = 5; z = 6; }; }.y', '5'],
  ['{ a = 1; b = 2; } // { b = 3; c = 4; }', '{ a = 1; b = 3; c = 4; }'],
  ['{ a.b = 1; } ? a.b', 'true'],
  ['{ a.b = 1; } ? a.c', 'false'],
  ['1 ? a', 'false'],
  ['{ a.b = 1; }.a.c or 7', '7'],
  ['(1).a or 8', '8'],
  ['{ a = { }; }.a.${"x"} or 9', '9'],
  // scopes
  ['with { x = 1; }; x', '1'],
  ['let x = 1; in with { x = 2; }; x', '1'],
  ['with { x = 1; y = 1; }; with { x = 2; }; [ x y ]', '[ 2 1 ]'],
  ['with { x = 1; }; let f = a: with { z = a; }; [ x z ]; in f 3', '[ 1 3 ]'],
  // operators
  ['1 + 2.5', '3.5'],
  ['"a" + "b" + "c"', '"abc"'],
  ['"a${"b"}${"c"}"', '"abc"'],
  ['/a + "b"', '/ab'],
  ['/a + "/b/../c"', '/a/c'],
  ['[ 1 ] ++ [ 2 ] ++ [ ]', '[ 1 2 ]'],
  ['!true || false && throw "no"', 'false'],
  ['true -> false', 'false'],
  ['[ (1 < 2) (2 <= 1) (3 > 2) (2 >= 2) (5 - 7) (2 * 3) (-1) ]', '[ true false true true -2 6 -1 ]'],
  ['let __sub = a: b: "mine"; in 1 - 2', '"mine"'],
  ['9007199254740991 + 2', '9007199254740993'],
  ['{ a = 1; } == { a = 1; }', 'true'],
  ['if 1 == 1.0 then "y" else "n"', '"y"'],
  ['assert true; 1', '1'],
  // laziness
  ['let x = throw "no"; in 1', '1'],
  ['(x: 1) (throw "no")', '1'],
  ['{ a = throw "no"; b = 1; }.b', '1'],
  ['let l = [ (throw "no") ]; in builtins.seq l 1', '1'],
  [
    'let x = builtins.tryEval (throw "a"); y = builtins.tryEval y2; y2 = throw "b"; in [ x.success y.success ]',
    '[ false false ]',
  ],
];

test.each(values)('%s', (text, expected) => {
  expect(evaluate(text)).toBe(expected);
});

const errors: [string, string[]][] = [
  ['x', ["undefined variable 'x' @1:1"]],
  ['with { }; x', ["undefined variable 'x' @1:11"]],
  [
    'with 1; x',
    ['expected a set but found an integer: 1', 'while evaluating the first subexpression of a with expression @1:1'],
  ],
  ['let a = b; b = a; in a', ['infinite recursion encountered @1:9', 'entering the infinite recursion']],
  ['{ a = 1; }.b', ["attribute 'b' missing", "while evaluating the attribute 'b' @1:1"]],
  [
    '(1).a',
    [
      'expected a set but found an integer: 1',
      'while selecting an attribute @1:1',
      "while evaluating the attribute 'a' @1:1",
    ],
  ],
  ['(throw "x").a', ['x @1:2', "while calling the 'throw' builtin @1:2", 'while selecting an attribute @1:2']],
  [
    '{ a = throw "x"; }.a',
    [
      'x @1:7',
      "while calling the 'throw' builtin @1:7",
      "from the definition of 'a' @1:3",
      "while evaluating the attribute 'a' @1:1",
    ],
  ],
  [
    '{ a.b = throw "x"; }.a.b',
    [
      'x @1:9',
      "while calling the 'throw' builtin @1:9",
      "from the definition of 'a.b' @1:3",
      "while evaluating the attribute 'a.b' @1:1",
    ],
  ],
  ['1 2', ['attempt to call something which is not a function but an integer: 1 @1:1']],
  ['if 1 then 2 else 3', ['expected a Boolean but found an integer: 1', 'while evaluating a branch condition']],
  [
    'if null then 2 else 3',
    ['expected a Boolean but found null: null @1:4', 'while evaluating a branch condition @1:4'],
  ],
  [
    'assert 1 == 2; 3',
    [
      "an integer with value '1' is not equal to an integer with value '2'",
      "while evaluating the condition of the assertion '(1 == 2)' @1:1",
    ],
  ],
  ['assert false; 3', ["assertion 'false' failed @1:1"]],
  [
    'assert throw "x"; 3',
    ['x @1:8', "while calling the 'throw' builtin @1:8", 'in the condition of the assert statement @1:8'],
  ],
  ['1 // { }', ['expected a set but found an integer: 1', "in the left operand of '//'"]],
  ['{ } // 1', ['expected a set but found an integer: 1', "in the right operand of '//'"]],
  ['true && 1', ['expected a Boolean but found an integer: 1', "in the right operand of '&&'"]],
  ['!(throw "x")', ['x @1:3', "while calling the 'throw' builtin @1:3", "in the argument of '!' @1:3"]],
  ['1 + "a"', ['cannot add a string to an integer @1:5']],
  ['9223372036854775807 + 1', ['integer overflow in adding 9223372036854775807 + 1 @1:23']],
  ['({ a }: a) { }', ["function 'anonymous lambda' called without required argument 'a' @1:2", 'from call site @1:1']],
  [
    'let f = { a }: a; in f { a = 1; b = 2; }',
    ["function 'f' called with unexpected argument 'b' @1:9", 'from call site @1:22'],
  ],
  [
    'let f = { a }: a; in f 1',
    [
      'expected a set but found an integer: 1',
      'while evaluating the value passed for the lambda argument @1:9',
      'from call site @1:22',
    ],
  ],
  ['{ ${"a" + ""} = 1; ${"" + "a"} = 2; }', ["dynamic attribute 'a' already defined at «string»:1:3 @1:20"]],
  ['let f = x: f x; in f 1', ['stack overflow; max-call-depth exceeded @1:12']],
  ['(throw "x") - 1', ['x @1:2', "while calling the 'throw' builtin @1:2", "while calling the 'sub' builtin @1:13"]],
];

describe('errors', () => {
  test.each(errors)('%s', (text, expected) => {
    expect(evaluationError(text)).toEqual(expected);
  });

  test('--show-trace tells every call', () => {
    const lines = evaluationError('let f = x: throw x; in (y: f y) "m"', { options: { showTrace: true } });
    expect(lines).toEqual([
      'm @1:12',
      "while calling the 'throw' builtin @1:12",
      "while calling 'f' @1:9",
      'from call site @1:28',
      'while calling anonymous lambda @1:25',
      'from call site @1:24',
    ]);
  });

  test('a failed thunk is as it was', () => {
    const text = 'let x = throw "no"; r = builtins.tryEval x; s = builtins.tryEval x; in [ r s ]';
    expect(evaluate(text)).toBe('[ { success = false; value = false; } { success = false; value = false; } ]');
  });

  test('misspelt names get suggestions', () => {
    expect(() => evaluate('{ abcd = 1; }.abce')).toThrow(expect.objectContaining({ suggestions: ['abcd'] }));
  });
});

describe('depth', () => {
  test('calls in tail position count, as in Nix', () => {
    expect(evaluate('let f = n: if n == 0 then "done" else f (n - 1); in f 9000')).toBe('"done"');
    expect(evaluationError('let f = n: if n == 0 then 0 else f (n - 1); in f 11000')[0]).toContain('max-call-depth');
  });

  test('a session is usable after an overflow', () => {
    const text = 'let f = x: f x; g = n: if n == 0 then 1 else g (n - 1); in g 5000';
    expect(evaluate(text)).toBe('1');
  });
});
