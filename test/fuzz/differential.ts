/** Generated expressions, evaluated by nixlet and by C++ Nix: the same value, or the same kind of failure. */
import fc from 'fast-check';
import { definitions, emulations } from './emulation.ts';
import { forms } from './forms.ts';
import { expressions } from './generator.ts';
import { gistOf } from './gist.ts';
import { knownDifference } from './known-differences.ts';
import type { NixletThread } from './nixlet-thread.ts';
import type { Outcome } from './outcome.ts';
import { askPeer, type Peer } from './peer.ts';
import { failuresOf } from './peer-repl.ts';
import { type Piece, shrink, textOf } from './piece.ts';

/**
 * Evaluates the members of a value in the order of their names. Printing would evaluate them in the order in which Nix has
 * met the names first (2.8: in which they lie in memory), and which of several failures is told depends on that.
 */
const inOrder = `(let
  walk = n: v:
    if n == 0 then null
    else if builtins.isList v then builtins.foldl' (r: walk (n - 1)) null v
    else if !builtins.isAttrs v then null
    else builtins.foldl' (r: name: walk (less n v) v.\${name}) null (names v);
  isDerivation = v: (v.type or null) == "derivation";
  # Its outputs have it in them.
  less = n: v: if n > 2 && isDerivation v then 2 else n - 1;
  names = v: (if isDerivation v && v ? drvPath then [ "drvPath" ] else [ ]) ++ builtins.attrNames v;
in v: builtins.seq (walk 6 v) v)`;

const programs = expressions(forms, 'program');

export interface Difference {
  readonly text: string;
  /** Was nixlet's second tier used for everything? It is for every other seed. */
  readonly compiled: boolean;
  readonly ours: Outcome;
  readonly theirs: Outcome;
}

export interface Tally {
  cases: number;
  values: number;
  /** Cases that an entry of known-differences.ts explains, by its text. */
  readonly known: Map<string, number>;
}

export interface Contest {
  readonly nixlet: NixletThread;
  readonly peer: Peer;
}

export function samplePrograms(seed: number, count: number): Piece[] {
  return fc.sample(programs, { seed, numRuns: count });
}

/** Runs `count` cases of this seed; gives the differences that nothing explains, as they were generated. */
export async function compare(
  contest: Contest,
  seed: number,
  count: number,
  tally: Tally,
): Promise<(Difference & { readonly piece: Piece })[]> {
  const pieces = samplePrograms(seed, count);
  const compiled = seed % 2 === 1;
  const texts = pieces.map(textOf);
  const ours = await contest.nixlet.ask(texts.map(ordered), 'evaluate', compiled);
  const theirs = await peerOutcomes(contest.peer, texts, ours);
  const found: (Difference & { readonly piece: Piece })[] = [];
  for (const [i, text] of texts.entries()) {
    const case_ = { text, compiled, ours: ours[i]!, theirs: theirs[i]! };
    tally.cases++;
    if ('value' in case_.ours) tally.values++;
    if (agree(case_)) continue;
    const why = await explanation(contest, case_, pieces[i]!);
    if (why === undefined) found.push({ ...case_, piece: pieces[i]! });
    else tally.known.set(why, (tally.known.get(why) ?? 0) + 1);
  }
  return found;
}

/** Failures as the REPL tells them, where nixlet agrees; values, and what is disputed, from nix-instantiate. */
async function peerOutcomes(peer: Peer, texts: readonly string[], ours: readonly Outcome[]): Promise<Outcome[]> {
  const failures = await failuresOf(peer, texts.map(ordered));
  const theirs = failures.map((failing, i) => {
    return failing !== undefined && agree({ ours: ours[i]!, theirs: failing }) ? failing : undefined;
  });
  const open = [...texts.keys()].filter((i) => theirs[i] === undefined);
  const answers = await askPeer(
    peer,
    open.map((i) => ordered(texts[i]!)),
  );
  for (const [k, i] of open.entries()) theirs[i] = answers[k]!;
  return theirs as Outcome[];
}

/** The smallest case that shows a difference of the same sort. */
export async function smallest(contest: Contest, found: Difference & { readonly piece: Piece }): Promise<Difference> {
  let best: Difference = found;
  await shrink(found.piece, async (piece) => {
    const text = textOf(piece);
    const [ours] = await contest.nixlet.ask([ordered(text)], 'evaluate', found.compiled);
    if (sortOf(ours!) !== sortOf(found.ours)) return false;
    const [theirs] = await askPeer(contest.peer, [ordered(text)]);
    const now = { text, compiled: found.compiled, ours: ours!, theirs: theirs! };
    if (agree(now) || sortOf(theirs!) !== sortOf(found.theirs) || (await explanation(contest, now, piece)))
      return false;
    best = now;
    return true;
  });
  return best;
}

/** Which change since 2.8 it is that makes the difference. */
async function explanation({ nixlet }: Contest, found: Difference, piece: Piece): Promise<string | undefined> {
  const single = emulations.map(({ what, rewrite }) => ({ what, text: textOf(rewrite(piece)) }));
  const relevant = single.filter(({ text }) => text !== found.text);
  const together = textOf(emulations.reduce((changed, { rewrite }) => rewrite(changed), piece));
  const attempts = relevant.length > 1 ? [...relevant, { what: relevant[0]!.what, text: together }] : relevant;
  const outcomes = await nixlet.ask(
    attempts.map(({ text }) => definitions + ordered(text)),
    'evaluate',
  );
  for (const [i, { what }] of attempts.entries()) {
    if (agree({ ours: outcomes[i]!, theirs: found.theirs })) return what;
  }
  // What cannot be emulated; perhaps behind something that can.
  const known = knownDifference(found.ours, found.theirs, found.text);
  if (known !== undefined) return known;
  return attempts.find((_, i) => knownDifference(outcomes[i]!, found.theirs, found.text) !== undefined)?.what;
}

function ordered(text: string): string {
  return `${inOrder}\n(${text})`;
}

function agree({ ours, theirs }: Pick<Difference, 'ours' | 'theirs'>): boolean {
  if ('broken' in ours || 'broken' in theirs || ours.steps !== theirs.steps) return false;
  if ('value' in ours) return 'value' in theirs && ours.value === theirs.value;
  return 'failure' in theirs && ours.failure === theirs.failure && gistOf(ours.message) === gistOf(theirs.message);
}

/** What two differences have in common that are likely to be the same one. */
export function sortOf(outcome: Outcome): string {
  if ('value' in outcome) return 'value';
  return 'failure' in outcome ? outcome.failure : 'broken';
}
