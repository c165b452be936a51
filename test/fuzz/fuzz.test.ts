/** A short run of the fuzzers, always the same cases; the long one is `npm run fuzz`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withPeer } from '../support/peers.ts';
import { compare, type Tally } from './differential.ts';
import { NixletThread } from './nixlet-thread.ts';
import { show } from './outcome.ts';
import { type Piece, shrink, textOf } from './piece.ts';
import { stir } from './soup.ts';
import { makeWorkplace, type Workplace } from './workplace.ts';

let workplace: Workplace;
let nixlet: NixletThread;

beforeAll(() => {
  workplace = makeWorkplace();
  nixlet = new NixletThread(workplace);
});

afterAll(async () => {
  await nixlet.close();
  workplace.remove();
});

describe('generated expressions', () => {
  withPeer('nix-instantiate')('come to the same value or kind of failure as in C++ Nix', async () => {
    const tally: Tally = { cases: 0, values: 0, known: new Map() };
    const contest = { nixlet, peer: workplace };
    const found = await compare(contest, 1, 300, tally);
    const shown = found.map(({ text, ours, theirs }) => `${text}\n  nixlet: ${show(ours)}\n  C++ Nix: ${show(theirs)}`);
    expect(shown).toEqual([]);
    expect(tally.values).toBeGreaterThan(100);
  });
});

describe('token soup', () => {
  test('ends in a value or a Nix error', async () => {
    const { outcomes, broken } = await stir(nixlet, 1, 1000);
    expect(broken).toEqual([]);
    expect(outcomes).toHaveLength(1000);
  });

  test('no end, and what is no Nix error, are told as such', async () => {
    const deep = '['.repeat(20_000);
    const outcomes = await nixlet.ask(['1 +', deep, '1 + 1'], 'probe');
    expect(outcomes.map((outcome) => ('broken' in outcome ? 'broken' : show(outcome).slice(0, 13)))).toEqual([
      'error (parse)',
      'error (parse)',
      '2',
    ]);
  });
});

describe('shrinking', () => {
  const int = (...parts: (string | Piece)[]): Piece => ({ kind: 'int', parts });

  test('takes out of a tree what matters', async () => {
    const culprit: Piece = { kind: 'string', parts: ['"bad"'] };
    const row: Piece = { kind: 'any*', row: true, parts: [int('1'), culprit, int('2')] };
    const tree = int('(', int('(', int('7'), ' + ', int('8'), ')'), ' + f [ ', row, ' ])');
    const bad = (piece: Piece) => textOf(piece).includes('bad');
    expect(textOf(await shrink(tree, bad))).toBe('"bad"');
    const inList = (piece: Piece) => /f .*bad/.test(textOf(piece));
    expect(textOf(await shrink(tree, inList))).toBe('(1 + f [ "bad" ])');
  });

  test('asks so many questions at most', async () => {
    let questions = 0;
    const tree = int('(', int('7'), ' + ', int('8'), ')');
    await shrink(tree, () => ++questions < 0, 2);
    expect(questions).toBe(2);
  });
});
