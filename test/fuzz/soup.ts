/**
 * Texts that are mostly no Nix at all, or Nix with a few faults: bytes, tokens in any order, and programs and snippets that
 * were cut, doubled and spliced. Whatever the parser and the evaluator make of them, it must be a value or a Nix error.
 */
import fc from 'fast-check';
import { decodeBytes } from '../../src/base/bytes.ts';
import { tokenSoup } from '../support/token-soup.ts';
import { forms } from './forms.ts';
import { expressions } from './generator.ts';
import type { NixletThread } from './nixlet-thread.ts';
import type { Outcome } from './outcome.ts';
import { textOf } from './piece.ts';
import { snippets } from './snippets.ts';

/** What edits put in: most of what the lexer treats in a way of its own. */
const splinters =
  "{ } ( ) [ ] ; : , . .. ... = == != < <= > >= + ++ - -> * / // ! && || ? @ | |> <| $ ${ \" '' ' \\ # /* */ ~ ~/ ./ ../ <a> <a/b> a:b http://x if then else let in rec with inherit assert or import throw null true __curPos 0 1 -1 1.5 .5 9223372036854775807 9223372036854775808 1e400 x y-z _ \t \n \r\n \u00e9 \u2192 \u{1f600} \udc80".split(
    ' ',
  );

const edits = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(12),
    act: fc.oneof(
      fc.constant({ kind: 'delete' as const }),
      fc.constant({ kind: 'double' as const }),
      fc.record({ kind: fc.constant('move' as const), to: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ kind: fc.constant('insert' as const), text: fc.constantFrom(...splinters) }),
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

function edited(text: string, list: typeof edits extends fc.Arbitrary<infer T> ? T : never): string {
  let result = text;
  for (const { at, length, act } of list) {
    const start = Math.floor(at * (result.length + 1));
    const [before, piece, after] = [
      result.slice(0, start),
      result.slice(start, start + length),
      result.slice(start + length),
    ];
    if (act.kind === 'delete') result = before + after;
    else if (act.kind === 'double') result = before + piece + piece + after;
    else if (act.kind === 'insert') result = before + act.text + piece + after;
    else {
      const rest = before + after;
      const to = Math.floor(act.to * (rest.length + 1));
      result = rest.slice(0, to) + piece + rest.slice(to);
    }
  }
  return result;
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((array) => decodeBytes(array)),
  fc.array(fc.integer({ min: 32, max: 126 }), { maxLength: 60 }).map((codes) => String.fromCharCode(...codes)),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
);
const tokens = fc.array(fc.constantFrom(...splinters), { maxLength: 30 }).map((list) => list.join(' '));
const packed = fc.array(fc.constantFrom(...splinters), { maxLength: 20 }).map((list) => list.join(''));
const programs = expressions(forms, 'any').map(textOf);

/** The same thing inside itself, many times: recursive descent meets its limits. */
const nested = fc
  .record({
    open: fc.constantFrom(
      '(',
      '[',
      '{ a = ',
      'let a = ',
      '"${',
      "''${",
      'x: ',
      '!',
      '- ',
      'if true then ',
      'a.${',
      'f ',
      '1 + ',
      '[ ] ++ ',
      '{ ',
      'with a; ',
      '(x: x) (',
      'assert true; ',
      '/a/${',
      '${',
    ),
    count: fc.constantFrom(10, 100, 1000, 5000),
    middle: fc.constantFrom('1', 'x', '""', '{ }', ''),
    close: fc.boolean(),
  })
  .map(({ open, count, middle, close }) => {
    const closers: Record<string, string> = { '(': ')', '[': ']', '{': '}', '"': '"', "''": "''" };
    let end = '';
    if (close)
      for (const token of open.match(/''|"|[([{]/g) ?? [])
        end = (open.includes('= ') && token === '{' ? '; ' : '') + closers[token] + end;
    if (close && open.startsWith('let')) end = '; in a';
    return open.repeat(count) + middle + end.repeat(count);
  });

export const soup: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: bytes },
  { weight: 4, arbitrary: tokens },
  { weight: 2, arbitrary: packed },
  { weight: 4, arbitrary: tokenSoup() },
  { weight: 4, arbitrary: fc.tuple(programs, edits).map(([text, list]) => edited(text, list)) },
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...snippets), edits).map(([text, list]) => edited(text, list)) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...snippets), edits).map(([text, list]) => edited(text.slice(0, 80), list)),
  },
);

export const deepSoup = nested;

/** Real files with a few faults, or pieces of them. */
export function spoiled(files: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...files), edits, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(2000))
    .map(([text, list, at, length]) => {
      const whole = length % 2 === 0;
      const start = Math.floor(at * text.length);
      return edited(whole ? text : text.slice(start, start + length), list);
    });
}

export interface Broken {
  readonly text: string;
  readonly outcome: Outcome;
}

/** Runs `count` texts of this seed; gives those that came to no end of the two allowed ones. One in 200 nests deeply. */
export async function stir(
  nixlet: NixletThread,
  seed: number,
  count: number,
  arbitrary = soup,
): Promise<{ outcomes: Outcome[]; broken: Broken[] }> {
  const deep = Math.floor(count / 200);
  const texts = [
    ...fc.sample(arbitrary, { seed, numRuns: count - deep }),
    ...(deep > 0 ? fc.sample(deepSoup, { seed, numRuns: deep }) : []),
  ];
  const outcomes = await nixlet.ask(texts, 'probe');
  const broken: Broken[] = [];
  for (const [i, outcome] of outcomes.entries()) if ('broken' in outcome) broken.push({ text: texts[i]!, outcome });
  return { outcomes, broken };
}

/** The shortest text that can be reached in so many milliseconds by leaving out stretches of it, and still is broken. */
export async function shortest(nixlet: NixletThread, found: Broken, patience = 60_000): Promise<Broken> {
  let best = found;
  const until = Date.now() + patience;
  for (let length = best.text.length >> 1; length >= 1; length >>= 1) {
    for (let at = 0; at < best.text.length && Date.now() < until; ) {
      const text = best.text.slice(0, at) + best.text.slice(at + length);
      const [outcome] = await nixlet.ask([text], 'probe');
      if ('broken' in outcome!) best = { text, outcome };
      else at += length;
    }
  }
  return best;
}
