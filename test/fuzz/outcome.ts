/**
 * What evaluating one case came to: the value as printed, or which kind of failure; and by which steps, as far as the case
 * traces them with labels. Both versions of Nix word most failures
 * differently, so that messages are sorted into kinds; the same table serves for both. A kind is as fine as both tell it.
 */
export type Outcome =
  | { readonly value: string; readonly steps: string }
  | { readonly failure: FailureKind; readonly message: string; readonly steps: string }
  /** Neither of both: an exception that is no NixError, a signal, no end. */
  | { readonly broken: string };

const kinds = {
  thrown: /^thrown:/,
  abort: /^evaluation aborted with/,
  assertion:
    /^assertion .* failed|^.* (?:is not equal to|differs from) |^attribute name .* is contained in .* but not in |^distinct functions/s,
  overflow: /^integer overflow/,
  recursion: /infinite recursion encountered/,
  'stack overflow': /^stack overflow/,
  'undefined variable': /^undefined variable/,
  parse:
    /^syntax error|^attribute [\s\S]* already defined|^duplicate formal|^invalid integer|^dynamic attributes|^path has a trailing|^(?:path )?.*trailing slash|^URL literals|^no .* in let/,
  'missing attribute': /^(?:required )?attribute /,
  'missing argument': /called without required argument/,
  'unexpected argument': /called with unexpected argument/,
  division: /^division by zero/,
  index: /^list index|^'?builtins\.(?:elemAt|head|tail)'? called|^'(?:head|tail)' called|called on an empty list/,
  regex: /^invalid regular expression|^memory limit exceeded by regular expression/,
  json: /^\[json\.exception|^JSON|while decoding a JSON|parse error|^in JSON/,
  toml: /TOML|\[error\] toml::/,
  context:
    /^the string '|is not allowed to refer to a store path|cannot refer to (?:derivation|other) outputs?|which is not allowed|is not valid|in-store/,
  path: /^getting status of|^path .* does not exist|^opening file|^reading (?:from|directory)|^opening directory|^cannot (?:read|open)|does not exist|^file .* not found|^string .* doesn't represent an absolute path|^cannot import/,
  comparison: /^cannot compare/,
  type: /^(?:value is|expected an? |cannot coerce|cannot convert|cannot add|attempt to call something|not a function|the .* argument .* must be|'.*' requires|cannot (?:concatenate|append)|selector|cannot decode|cannot evaluate a function|getContext|.*is not a function)/s,
} satisfies Record<string, RegExp>;

export type FailureKind = keyof typeof kinds | 'other';

/** The kind of a message without the word "error:" before it. */
export function failureKind(message: string): FailureKind {
  for (const [kind, pattern] of Object.entries(kinds)) if (pattern.test(message)) return kind as FailureKind;
  return 'other';
}

export function failure(message: string, steps: string): Outcome {
  return { failure: failureKind(message), message, steps };
}

/** The labels among the lines that were traced: `builtins.trace "@a"`, as forms.ts has it. */
export function labelsIn(lines: string): string {
  return (lines.match(/^trace: @\w+$/gm) ?? []).map((line) => line.slice('trace: @'.length)).join(' ');
}

export function show(outcome: Outcome): string {
  if ('broken' in outcome) return `BROKEN ${outcome.broken}`;
  const steps = outcome.steps === '' ? '' : ` after ${outcome.steps}`;
  if ('value' in outcome) return outcome.value + steps;
  return `error (${outcome.failure}): ${outcome.message.split('\n').slice(0, 3).join(' | ')}${steps}`;
}
