/**
 * Where Nix 2.8, which the generated cases are compared with, does something else than 2.36, which nixlet follows. Each
 * entry says what changed and recognizes it in the two outcomes; only what cannot be left out of the forms stands here.
 */
import type { FailureKind, Outcome } from './outcome.ts';

interface Difference {
  readonly what: string;
  readonly applies: (ours: Outcome, theirs: Outcome, text: string) => boolean;
}

function fails(outcome: Outcome, kind: FailureKind, message?: RegExp): boolean {
  return 'failure' in outcome && outcome.failure === kind && (message?.test(outcome.message) ?? true);
}

export const knownDifferences: readonly Difference[] = [
  {
    what: 'Arithmetic that leaves 64 bits is an error; 2.8 wraps around.',
    applies: (ours) => fails(ours, 'overflow'),
  },
  {
    what: 'fromJSON refuses ints beyond 64 bits; 2.8 wraps around.',
    applies: (ours) => fails(ours, 'other', /^unsigned json number .* outside of Nix integer range/),
  },
  {
    what: 'replaceStrings evaluates only the replacements that it uses (2.17).',
    applies: (_ours, theirs, text) =>
      text.includes('replaceStrings') && ('failure' in theirs || text.includes('tryEval')),
  },
  {
    what: 'map and genList evaluate the function before they give a list; 2.8 when an element is evaluated.',
    applies: (ours, _theirs, text) => /map|genList/.test(text) && 'failure' in ours,
  },
  {
    what: 'substring checks its first argument before it evaluates the others.',
    applies: (ours, _theirs, text) =>
      text.includes('substring') && fails(ours, 'other', /^negative start position in 'substring'/),
  },
  {
    what: 'What depends on a .drv file as a whole (toXML, toString of drvPath) fails in 2.8 where it is not written.',
    applies: (_ours, theirs, text) => text.includes('drv') && fails(theirs, 'context', /\.drv' is not valid/),
  },
  {
    what: 'Names of store paths: . and .. and what starts with .- or ..- are refused, and a derivation checks its name first.',
    applies: (ours) => 'failure' in ours && /^name '|^invalid derivation name/.test(ours.message),
  },
  {
    what: 'Floats in JSON have as many digits as they need, and .0 where they are whole; 2.8 prints six digits.',
    applies: (ours, theirs, text) =>
      /toJSON|structuredAttrs/.test(text) &&
      'value' in ours &&
      'value' in theirs &&
      roundNumbers(ours.value) === roundNumbers(theirs.value),
  },
  {
    what: 'ceil and floor refuse what an int cannot hold; 2.8 does something undefined.',
    applies: (ours) => fails(ours, 'other', /is not in the range of NixInt|^Due to a bug/),
  },
  {
    what: 'A list is printed as «repeated» where it is the same variable again, in 2.8 where it is the same list.',
    applies: (ours, theirs) =>
      'value' in ours && 'value' in theirs && hasInOrder(ours.value, plainDollars(theirs.value).split('«repeated»')),
  },
  {
    what: 'TOML: a table defined twice and an int beyond 64 bits are refused, a table named after its members is not; 2.8 the other way round.',
    applies: (ours, theirs) =>
      fails(ours, 'toml', /already defined|defined already|too large integer/) ||
      fails(theirs, 'toml', /toml::insert_value: table .* already exists/),
  },
  {
    what: 'A failing selection evaluates its computed names again, for the message.',
    applies: (ours, theirs, text) => /\.["$]/.test(text) && 'failure' in ours && sameResult(ours, theirs),
  },
  {
    what: 'a.a.b = 1; a = { ${c} = 2; } and a = { a.d = 3; } make one set; 2.8 refuses some and forgets the computed names of others.',
    applies: (_ours, theirs, text) =>
      fails(theirs, 'parse', /already defined/) || (/\b[ar]\.[\w.]+ =/.test(text) && /\b[ar] = .*\$\{/s.test(text)),
  },
  {
    what: 'inherit (x) a b evaluates x once; 2.8 for each name.',
    applies: (ours, theirs, text) => /inherit \(/.test(text) && sameResult(ours, theirs),
  },
  {
    what: 'Bytes that are no UTF-8 cannot become JSON; 2.8 writes them as they are.',
    applies: (ours) => fails(ours, 'json', /type_error\.316/),
  },
  {
    what: 'Positions and lengths are 64 bits wide; 2.8 takes the lower 32 of them.',
    applies: (_ours, _theirs, text) => /substring|elemAt/.test(text) && /\d{10}/.test(text),
  },
  {
    what: 'x // y evaluates y first.',
    applies: (ours, theirs, text) => text.includes(' // ') && 'failure' in ours && 'failure' in theirs,
  },
  {
    what: 'Names of attributes are printed as strings are, with $ as it is unless { follows.',
    applies: (ours, theirs) => 'value' in ours && 'value' in theirs && ours.value === plainDollars(theirs.value),
  },
];

function plainDollars(text: string): string {
  return text.replaceAll(/\\\$(?!\{)/g, '$');
}

/** The same but for the steps on the way. */
function sameResult(ours: Outcome, theirs: Outcome): boolean {
  if ('value' in ours) return 'value' in theirs && ours.value === theirs.value;
  return 'failure' in ours && 'failure' in theirs && ours.failure === theirs.failure;
}

/** Are these parts of the text, one behind the other, from its beginning to its end? */
function hasInOrder(text: string, parts: readonly string[]): boolean {
  if (parts.length < 2 || !text.startsWith(parts[0]!) || !text.endsWith(parts.at(-1)!)) return false;
  let at = 0;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}

function roundNumbers(text: string): string {
  return text
    .replaceAll(/-?(?:inf|nan)/g, 'null')
    .replaceAll(/\d+(?:\.\d+)?(?:e[-+]?\d+)?/g, (number) => Number(number).toPrecision(6));
}

export function knownDifference(ours: Outcome, theirs: Outcome, text: string): string | undefined {
  return knownDifferences.find(({ applies }) => applies(ours, theirs, text))?.what;
}
