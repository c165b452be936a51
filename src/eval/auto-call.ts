/**
 * Calling a function that the command line gave, with the arguments that it has: --arg and --argstr where its pattern
 * names them (all of them where the pattern has `...`), its own defaults for the rest. Anything that is no function with a
 * pattern stays as it is. Source: Nix manual, "nix-build".
 */
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import { Attrs, AttrsBuilder } from '../runtime/attrs.ts';
import { call1, Lambda } from '../runtime/function.ts';
import { force } from '../runtime/thunk.ts';
import type { Slot, Value } from '../runtime/value.ts';

export function autoCall(args: Attrs, slot: Slot): Value {
  let value = force(slot);
  while (value instanceof Attrs) {
    const functor = value.get('__functor');
    if (functor === undefined) return value;
    value = call1(functor, value, NO_POS);
  }
  if (!(value instanceof Lambda) || value.info.formals === undefined) return value;
  const { formals, ellipsis } = value.info;
  if (ellipsis) return call1(value, args, NO_POS);
  const passed = new AttrsBuilder();
  for (const formal of formals) {
    const given = args.get(formal.name);
    if (given !== undefined) passed.set(formal.name, given);
    else if (formal.fallback < 0) throw missingArgument(formal.name, formal.pos);
  }
  return call1(value, passed.build(), NO_POS);
}

function missingArgument(name: string, pos: number): NixError {
  return new NixError(
    `cannot evaluate a function that has an argument without a value ('${name}')\n` +
      'Nix attempted to evaluate a function as a top level expression; in\n' +
      'this case it must have its arguments supplied either by default\n' +
      "values, or passed explicitly with '--arg' or '--argstr'. See\n" +
      'https://nix.dev/manual/nix/stable/language/syntax.html#functions.',
    { class: 'MissingArgumentError', pos },
  );
}
