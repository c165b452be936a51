/** Regular expressions over strings: match and split. The engine is in regex/. */
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceString, forceStringNoContext } from '../runtime/coerce.ts';
import { type Slot, stringText, type Value } from '../runtime/value.ts';
import { compileRegex, type Regex } from './regex/regex.ts';
import { RegexError } from './regex/syntax.ts';

function regexOf(slot: Slot, name: string): Regex {
  const pattern = forceStringNoContext(slot, NO_POS, `while evaluating the first argument passed to builtins.${name}`);
  try {
    return compileRegex(pattern);
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    throw new NixError(
      error.tooLarge
        ? `memory limit exceeded by regular expression '${pattern}'`
        : `invalid regular expression '${pattern}'`,
    );
  }
}

function subjectOf(slot: Slot, name: string): string {
  return stringText(forceString(slot, NO_POS, `while evaluating the second argument passed to builtins.${name}`));
}

function match(regex: Slot, str: Slot): Value {
  const compiled = regexOf(regex, 'match');
  return compiled.match(subjectOf(str, 'match')) ?? null;
}

function split(regex: Slot, str: Slot): Value {
  const compiled = regexOf(regex, 'split');
  const parts = compiled.split(subjectOf(str, 'split'));
  // Where nothing matches, the string is handed on as it is, with its context.
  return parts.length === 1 ? [str] : parts;
}

export const patternBuiltins: readonly Builtin[] = [
  {
    name: 'match',
    args: ['regex', 'str'],
    type: 'string → string → null or [null or string]',
    doc: 'Where the POSIX extended regular expression *regex* matches the whole of *str*: the list of what its groups matched, `null` for a group that took no part. Else `null`.',
    example: {
      expr: 'map (builtins.match "([a-z]+)(-[0-9]+)?") [ "abc-12" "abc" "12" ]',
      value: '[ [ "abc" "-12" ] [ "abc" null ] null ]',
    },
    run: (_ctx, _pos, regex, str) => match(regex, str),
  },
  {
    name: 'split',
    args: ['regex', 'str'],
    type: 'string → string → [string or [null or string]]',
    doc: 'The parts of *str* between the matches of *regex*, and between two parts the list of what the groups matched.',
    example: { expr: 'builtins.split "(a)b" "abc-ab"', value: '[ "" [ "a" ] "c-" [ "a" ] "" ]' },
    run: (_ctx, _pos, regex, str) => split(regex, str),
  },
];
