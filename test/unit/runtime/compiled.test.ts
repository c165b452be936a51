/**
 * The second tier against the machine: everything compiled at its first call, and nothing compiled at all, must come to
 * the same value, or the same error with the same trace, with the same messages on the way.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { decodeBytes } from '../../../src/base/bytes.ts';
import { NixError } from '../../../src/errors/nix-error.ts';
import { renderError } from '../../../src/errors/render.ts';
import { Source } from '../../../src/errors/source.ts';
import { tier } from '../../../src/runtime/compiled/tier.ts';
import { deepForce } from '../../../src/runtime/deep-force.ts';
import { printAmbiguous } from '../../../src/runtime/print-ambiguous.ts';
import { NeedsLargerStack } from '../../../src/runtime/stack.ts';
import { samplePrograms } from '../../fuzz/differential.ts';
import { textOf } from '../../fuzz/piece.ts';
import { type MemorySetup, memorySession } from '../../support/memory-session.ts';

const usual = { ...tier };
const never = 2 ** 29;
const always = -1;

afterEach(() => {
  Object.assign(tier, usual);
  vi.unstubAllGlobals();
});

const files = {
  '/base/data.json': '{"i": 4, "s": "from a file"}',
  '/base/value.nix': '{ i = 11; s = "value"; }',
  '/base/function.nix': 'e: [ e ]',
};

/** Messages, and the value or the error with all that is told about it. */
function outcome(text: string, threshold: number, setup: MemorySetup = {}): string {
  const messages: string[] = [];
  const session = memorySession({ files, messages, ...setup });
  tier.threshold = threshold;
  try {
    const value = session.evalText(new Source(text, { kind: 'string' }), '/base');
    if (!setup.options?.observeThunks) session.enter(() => deepForce(value));
    messages.push(session.enter(() => printAmbiguous(value)));
  } catch (error) {
    if (error instanceof NixError) messages.push(renderError(error, { showTrace: true }));
    else if (error instanceof NeedsLargerStack) messages.push('the stack is full');
    else throw error;
  }
  return messages.join('\n');
}

/** What is at the outside of a text never runs twice: it is put into a function. */
function compareTiers(text: string, setup?: MemorySetup): string {
  const inFunction = `(_: ${text}\n) null`;
  const plain = outcome(inFunction, never, setup);
  expect(outcome(inFunction, always, setup), text).toBe(plain);
  return plain;
}

const lazily = { options: { observeThunks: true } };

describe('the same as the machine', () => {
  const folder = new URL('../../../fixtures/lang/', import.meta.url);
  const fixtures = readdirSync(folder).filter((file) => /^eval-(okay|fail)-.*\.nix$/.test(file));

  test.each(fixtures)('%s', (file) => {
    const text = decodeBytes(readFileSync(new URL(file, folder)));
    compareTiers(text);
    compareTiers(text, lazily);
  });

  test('generated programs', () => {
    for (const piece of samplePrograms(33, 400)) {
      compareTiers(textOf(piece));
      compareTiers(textOf(piece), lazily);
    }
  }, 120_000);

  test.each([
    // Calls of all shapes
    'let f = a: b: c: d: [ a b c d ]; in [ (f 1 2 3 4) (map (f 1 2 3) [ 4 ]) (map (f 1) [ 2 ]) ]',
    'let f = a: b: c: a - b * c; g = f 9; in [ (f 1 2 3) (g 2 1) (map (g 1) [ 1 2 ]) ]',
    'let f = { a, b ? a + 1, ... }@all: [ a b (all.c or "none") ]; in [ (f { a = 1; }) (f { a = 2; b = 3; c = 4; }) ]',
    'let f = { a, b ? c, c ? b }: a; in [ (f { a = 1; }) (f { a = 2; b = 1; }) ]',
    'let f = { a }: a; in f { a = 1; b = 2; }',
    'let f = { a, b }: a; in f { a = 1; }',
    'let f = { a }: a; in f 1',
    'let s = { __functor = self: x: x + self.n; n = 3; }; in map s [ 1 2 ]',
    'let f = 1; in [ (f 2) ]',
    'let f = x: x; in f 1 2',
    'let f = x: y: x; in f 1 2 3',
    'builtins.map (builtins.add 1) [ 1 2 ]',
    'let add = builtins.add; in [ (add 1 2) (builtins.div 7 2) (builtins.div (-7) 2) (7 / 0) ]',
    // Loops in tail position
    'let loop = n: acc: if n == 0 then acc else loop (n - 1) (acc + n); in loop 3000 0',
    'let loop = a: b: n: if n == 0 then [ a b ] else loop b a (n - 1); in loop 1 2 7',
    'let loop = n: f: if n == 0 then f null else loop (n - 1) (_: n + f null); in loop 50 (_: 0)',
    'let loop = { n, acc ? [ ] }: if n == 0 then acc else loop { n = n - 1; acc = acc ++ [ n ]; }; in loop { n = 30; }',
    'let loop = { n }: if n == 0 then 0 else loop { n = n - 1; x = throw "no"; }; in loop { n = 3; }',
    'let loop = { n }: if n == 0 then 0 else loop (n - 1); in loop { n = 3; }',
    'let even = n: if n == 0 then true else odd (n - 1); odd = n: if n == 0 then false else even (n - 1); in even 2001',
    'let loop = n: loop (n + 1); in loop 0',
    'let f = n: 1 + f n; in f 0',
    'let make = k: let f = n: if n == 0 then k else if k == 0 then f (n - 1) else make (k - 1) n; in f; in make 3 5',
    // Variables of let
    'let f = n: let a = n + 1; b = a * a; in if n > 2 then b else a; in map f [ 1 2 3 4 ]',
    'let f = n: let a = throw "a"; b = n; in if n > 2 then a else b; in [ (f 1) (builtins.tryEval (f 3)) ]',
    'let f = n: let a = b; b = a; in if n > 2 then a else n; in [ (f 1) (f 3) ]',
    'let f = n: let a = a + 1; in if n > 2 then a else n; in [ (f 1) (f 3) ]',
    'let f = n: let g = x: if x == 0 then n else g (x - 1); in g n; in map f [ 1 2 3 ]',
    'let f = n: let a = builtins.trace "once" n; in a + a + (if n > 1 then a else 0); in map f [ 1 2 ]',
    'let f = n: let a = builtins.trace "once" n; in [ a a (x: a) ]; in builtins.head (f 1)',
    'let f = n: let a = x: x; in [ a ] == [ a ]; in f 1',
    'let f = s: let inherit (s) a b; in if a then b else a; in [ (f { a = true; b = 1; }) (f { a = false; }) (f { }) ]',
    // Scopes
    'let f = s: with s; with { b = 2; }; [ a b ]; in [ (f { a = 1; }) (f { b = 3; }) ]',
    'let f = s: with s; x; in f 1',
    'let f = n: rec { a = n; b = a + 1; c = { inherit a b; }; }; in map f [ 1 2 ]',
    'let f = n: { a = n; b = n + 1; c = n; d = [ n ]; ${"x" + n} = n; }; in f "s"',
    // Operators, and ints at their ends
    'let f = a: b: [ (a + b) (a - b) (a * b) (a < b) (a == b) ]; in [ (f 3 4) (f 3 4.5) (f 9007199254740991 1) (f 0 (-5)) ]',
    'let f = a: b: a + b; in [ (f 9223372036854775806 1) (f 9223372036854775807 1) ]',
    'let f = a: b: a - b; in [ (f (-9223372036854775807) 1) (f (-9223372036854775807) 2) ]',
    'let f = a: b: a * b; in [ (f 94906267 94906267) (f 9007199254740993 2) (f 9223372036854775807 2) ]',
    'let f = a: b: a + b; in [ (f "a" "b") (f /a "b") (f 1 1.5) (f 1 "b") ]',
    'let f = a: b: a + b; in f { } (throw "not reached")',
    'let f = a: "<${a}|${toString 1}>"; in [ (f "x") (f { outPath = "/o"; }) (f (throw "inside")) ]',
    'let f = a: "${a}${toString a}"; in f 1',
    'let f = a: b: [ (a && b) (a || b) (a -> b) (!a) ]; in [ (f true false) (f false true) (f 1 true) ]',
    'let f = a: b: a && b; in f true 1',
    'let f = a: b: [ (a == b) (a != b) ]; in [ (f null null) (f [ 1 ] [ 1 ]) (f 1 1.0) (f "a" { }) (f (x: x) 1) ]',
    'let f = a: b: a // b; in [ (f { a = 1; } { b = 2; }) (f { } 1) ]',
    'let f = a: b: a // b // { c = 1; }; in f 1 { }',
    'let f = a: b: a ++ b; in [ (f [ 1 ] [ 2 ]) (f [ ] 1) ]',
    'let f = a: if a then 1 else 2; in [ (f true) (f 1) ]',
    'let f = a: assert a > 1; a; in [ (f 2) (f 1) ]',
    'let f = a: b: assert a == b; a; in f { x = 1; } { x = 2; }',
    // Selections
    'let f = s: s.a.b; in [ (f { a.b = 1; }) (f { a = { }; }) ]',
    'let f = s: s.a; in [ (f { a = 1; }) (f { b = 2; a = 3; }) (f { ab = 1; }) ]',
    'let f = s: s.a; in f 1',
    'let f = s: s.a; in f { a = throw "inside"; }',
    'let f = s: n: s.${n} or (throw "default of ${n}"); in [ (f { a = 1; } "a") (f { } "b") ]',
    'let f = s: s.a.b or s.c; in [ (f { a.b = 1; }) (f { c = 2; }) (f { a = 1; c = 3; }) (f { }) ]',
    'let f = s: [ (s ? a) (s ? a.b) (s ? ${"c"}) ]; in [ (f { a.b = 1; }) (f 1) (f (throw "subject")) ]',
    'let f = x: { k = x.k + 1; m = x.k; }; in f (f { k = 1; })',
    'let f = x: [ x.a (x.a + 1) (x.b - 1) ]; in [ (f { a = 1; b = 2; }) (f { a = 1.5; b = throw "late"; }) ]',
    // Laziness, and what is evaluated only once
    'let f = n: [ (throw "never") n ]; in builtins.length (f 1)',
    'let f = x: let t = builtins.tryEval (assert x; 1); in [ t t.value ]; in [ (f true) (f false) ]',
    'let f = x: builtins.seq x (y: x); in [ (f 1 2) (f (throw "now") 2) ]',
    'let f = x: x.y; r = f { y = r; }; in r',
    'let l = builtins.genList (i: if i == 70 then throw "seventy" else i) 100; in [ (builtins.elemAt l 99) (builtins.tryEval (builtins.foldl\' builtins.add 0 l)) (builtins.elemAt l 99) (builtins.elemAt l 70) ]',
    'let l = map (x: builtins.trace "x" x) (builtins.genList (i: i) 80); in [ (builtins.length l) (builtins.head l) (builtins.any (x: x == 2) l) (builtins.foldl\' builtins.add 0 l) ]',
    'let l = builtins.genList (i: if i < 2 then 1 else builtins.elemAt l (i - 1) + builtins.elemAt l (i - 2)) 70; in builtins.elemAt l 69',
    'let l = builtins.genList (i: builtins.elemAt l i) 70; in builtins.filter (x: x > 1) l',
  ])('%s', (text) => {
    compareTiers(text);
    compareTiers(text, lazily);
  });

  test('the limit of call depth is reached at the same call', () => {
    const settings = { settings: { maxCallDepth: 100 } };
    for (let depth = 90; depth < 105; depth++) {
      compareTiers(`let f = n: if n == 0 then 0 else 1 + f (n - 1); in f ${depth}`, settings);
      compareTiers(`let f = n: if n == 0 then 0 else f (n - 1); in f ${depth}`, settings);
      compareTiers(`let f = n: if n == 0 then "" else toString (f (n - 1)); in f ${depth}`, settings);
      compareTiers(
        `let f = n: s: if n == 0 then s.x else f (n - 1) { x = s.x + 1; }; in f ${depth} { x = 0; }`,
        settings,
      );
    }
  });
});

describe('a function that becomes hot', () => {
  test('goes on with what it had', () => {
    const text = `let sum = n: acc: if n == 0 then acc else sum (n - 1) (acc + n);
      in [ (map (n: sum n 0) (builtins.genList (i: i) 50)) (sum 30 "not a number") ]`;
    expect(outcome(text, 100)).toBe(outcome(text, never));
  });

  test('and is left alone where JavaScript may not be made of text', () => {
    vi.stubGlobal(
      'Function',
      class {
        constructor() {
          throw new EvalError('Code generation from strings disallowed for this context');
        }
      },
    );
    expect(outcome('map (x: x + 1) [ 1 2 3 ]', always)).toBe('[ 2 3 4 ]');
    expect(tier.available).toBe(false);
  });

  test('is seen by those who want to see calls', () => {
    const text = 'let f = n: if n == 0 then throw "end" else 1 + f (n - 1); in f 2';
    const shown = outcome(text, always, { options: { showTrace: true } });
    expect(shown.match(/while calling 'f'/g)).toHaveLength(3);
  });
});
