/**
 * Where Nix 2.8, which the generated cases are compared with, does something else than 2.36, which nixlet follows, and that
 * cannot be emulated (emulation.ts). Each entry says what changed and recognizes it in the two outcomes, as narrowly as it
 * can; only what cannot be left out of the forms stands here.
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
    applies: (ours) => fails(ours, 'overflow') && 'message' in ours && overflows(ours.message),
  },
  {
    what: 'fromJSON refuses ints beyond 64 bits; 2.8 wraps around.',
    applies: (ours) => fails(ours, 'other', /^unsigned json number \d{19,20} outside of Nix integer range/),
  },
  {
    what: 'What depends on a .drv file as a whole (toXML, toString of drvPath) fails in 2.8 where it is not written.',
    applies: (_ours, theirs, text) =>
      /drv|toXML|derivation/.test(text) && fails(theirs, 'context', /\.drv' is not valid/),
  },
  {
    what: 'Names of store paths: . and .. and what starts with .- or ..- are refused, and a derivation checks its name first.',
    applies: (ours) =>
      'failure' in ours &&
      /^name '|^invalid derivation name|^path '.*' is not a valid store path: name '/s.test(ours.message),
  },
  {
    what: 'Floats among structured attributes: see toJSON. Their paths differ, too.',
    applies: (ours, theirs, text) =>
      text.includes('structuredAttrs') &&
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
    applies: (ours, theirs, text) =>
      /\.["$]/.test(text) && 'failure' in ours && sameResult(ours, theirs) && stepsOf(ours) !== stepsOf(theirs),
  },
  {
    what: 'A failing assertion of an equation evaluates both sides again, for the message.',
    applies: (ours, theirs, text) =>
      text.includes('assert') &&
      fails(ours, 'assertion', notEqual) &&
      fails(theirs, 'assertion') &&
      repeatsItsEnd(stepsOf(ours), stepsOf(theirs)),
  },
  {
    what: 'a.a.b = 1; a = { ${c} = 2; } and a = { a.d = 3; } make one set; 2.8 refuses some and forgets the computed names of others.',
    applies: (_ours, theirs, text) =>
      fails(theirs, 'parse', /already defined/) ||
      (/\b[ar]\.[\w.$"{]/.test(text) && /\b[ar] = (?:rec )?\{.*\$\{/s.test(text) && 'value' in theirs),
  },
  {
    what: 'Bytes that are no UTF-8 cannot become JSON; 2.8 writes them as they are.',
    applies: (ours) => fails(ours, 'json', /type_error\.316/),
  },
  {
    what: 'Names of attributes are printed as strings are, with $ as it is unless { follows.',
    applies: (ours, theirs) => 'value' in ours && 'value' in theirs && ours.value === plainDollars(theirs.value),
  },
  {
    what: 'Of several undefined variables, and of several unknown or missing arguments, 2.8 tells one by the places of their names in memory.',
    applies: (ours, theirs) =>
      (['undefined variable', 'unexpected argument', 'missing argument'] as const).some(
        (kind) => fails(ours, kind) && fails(theirs, kind),
      ) ||
      (fails(ours, 'other', /^unsupported argument/) && fails(theirs, 'other', /^unsupported argument/)),
  },
  {
    what: 'An empty key of appendContext is an error; 2.8 ends with a failed check of its own.',
    applies: (ours, theirs) =>
      fails(ours, 'other', /^context key '' is not a store path$/) &&
      'broken' in theirs &&
      theirs.broken.includes('SIGABRT'),
  },
  {
    what: 'An output that an input does not have is only missed by the build; 2.8 fails with the name of a C++ function.',
    applies: (_ours, theirs, text) => /\[? ?"?outputs/.test(text) && fails(theirs, 'other', /^map::at/),
  },
  {
    what: "An output may have an empty name in a string's context; 2.8 takes that for all outputs.",
    applies: (ours, theirs, text) =>
      text.includes('appendContext') &&
      'value' in ours &&
      'value' in theirs &&
      /outputs.{1,6}""|outputs.*\\"\\"/.test(ours.value),
  },
  {
    what: 'builtins.storePath says that what is not there is not in the store; 2.8 that it is not there.',
    applies: (ours, theirs) =>
      fails(ours, 'other', /is not in the Nix store$/) && fails(theirs, 'path', /^getting status of .*No such file/),
  },
  {
    what: 'A list that no memory could hold: nixlet names the size, C++ Nix runs out of memory.',
    applies: (ours, theirs) =>
      fails(ours, 'other', /^cannot create list of size \d{10,}$/) && fails(theirs, 'other', /^out of memory$/),
  },
  {
    what: 'Members of a set are compared, forced and read by builtins.path in the order in which their names were met; 2.8 by their places in memory. (Of ==, nixlet takes the order of definition.)',
    applies: (ours, theirs, text) =>
      'failure' in ours &&
      'failure' in theirs &&
      (ours.failure !== theirs.failure || ours.message !== theirs.message || ours.steps !== theirs.steps) &&
      (/builtins\.path \{ path = .* recursive = .* name = /s.test(text) ||
        (/\be == e\b/.test(text) && sameSteps(ours.steps, theirs.steps)) ||
        (/\bor = |\(derivation \{/.test(text) && text.includes('deepSeq'))),
  },
  {
    what: 'genericClosure finds keys in trees of other forms: of keys that cannot be compared, messages tell others.',
    applies: (ours, theirs, text) =>
      text.includes('genericClosure') && fails(ours, 'comparison') && fails(theirs, 'comparison'),
  },
  {
    what: 'A computed name that needs the set it is in is an infinite recursion; 2.8 shows it the set as far as it is there.',
    applies: (ours, theirs, text) =>
      /\$\{/.test(text) && fails(ours, 'recursion') && 'failure' in theirs && theirs.failure !== 'recursion',
  },
  {
    what: 'listToAttrs evaluates all names before it looks for values; 2.8 one element after the other.',
    applies: (ours, theirs, text) =>
      text.includes('listToAttrs') &&
      'failure' in ours &&
      fails(theirs, 'missing attribute', /^attribute 'value' missing/),
  },
  {
    what: 'A variable that a with may bind is looked up when it is evaluated; 2.8 at once where the set of the with is known.',
    applies: (ours, theirs, text) =>
      /\(with /.test(text) && fails(theirs, 'undefined variable') && !fails(ours, 'parse'),
  },
  {
    what: 'A faulty number right behind a function with an argument that stands twice: C++ Nix of all versions tells of the number, nixlet of the argument.',
    applies: (ours, theirs) =>
      fails(ours, 'parse', /^duplicate formal/) &&
      'failure' in theirs &&
      /^invalid (?:float|integer)/.test(theirs.message),
  },
  {
    what: 'What toFile makes can be read though nothing is written: nixlet keeps it in memory. (C++ Nix 2.36 refuses as 2.8 does.)',
    applies: (_ours, theirs, text) => text.includes('toFile') && fails(theirs, 'context', /^path '[^']*' is not valid/),
  },
];

const notEqual =
  /(?: is not equal to |differs from )|^attribute name .* is contained in .* but not in |^distinct functions/s;

/** Does the calculation that the message tells really leave 64 bits? */
function overflows(message: string): boolean {
  const [, verb, a, b] = /^integer overflow in (\w+) (-?\d+) [-+*/] (-?\d+)/.exec(message) ?? [];
  if (a === undefined || b === undefined) return /^integer overflow in negating -9223372036854775808/.test(message);
  const [x, y] = [BigInt(a), BigInt(b)];
  const result = verb === 'adding' ? x + y : verb === 'subtracting' ? x - y : verb === 'multiplying' ? x * y : x / y;
  return BigInt.asIntN(64, result) !== result;
}

function stepsOf(outcome: Outcome): string {
  return 'steps' in outcome ? outcome.steps : '';
}

/** Are these the same steps, but for the last ones done twice? */
function repeatsItsEnd(steps: string, once: string): boolean {
  if (!steps.startsWith(`${once} `)) return false;
  const again = steps.slice(once.length + 1);
  return once === again || once.endsWith(` ${again}`);
}

/** The same ones, in any order; or those of one of both are among the other's. */
function sameSteps(a: string, b: string): boolean {
  const [few, many] = [a.split(' ').filter(Boolean), b.split(' ').filter(Boolean)].sort((x, y) => x.length - y.length);
  const rest = [...many!];
  return few!.every((step) => {
    const at = rest.indexOf(step);
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
}

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
    .replaceAll(/[0-9a-z]{32}-/g, '')
    .replaceAll(/-?(?:inf|nan)/g, 'null')
    .replaceAll(/\d+(?:\.\d+)?(?:e[-+]?\d+)?/g, (number) => Number(number).toPrecision(6));
}

export function knownDifference(ours: Outcome, theirs: Outcome, text: string): string | undefined {
  return knownDifferences.find(({ applies }) => applies(ours, theirs, text))?.what;
}
