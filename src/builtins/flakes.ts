/** Flakes, and the references that name them. */
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import { AttrsBuilder } from '../runtime/attrs.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceAttrs, forceStringNoContext } from '../runtime/coerce.ts';
import { force } from '../runtime/thunk.ts';
import { describeType } from '../runtime/type-names.ts';
import { isInt, isNixString, type Slot, stringText } from '../runtime/value.ts';
import { getFlake } from './flake/get-flake.ts';
import { parseFlakeReference, printFlakeReference, type SourceAttributes } from './flake-reference.ts';

function referenceAttributes(arg: Slot): SourceAttributes {
  const attrs = forceAttrs(arg, NO_POS, 'while evaluating the argument passed to builtins.flakeRefToString');
  const given: SourceAttributes = {};
  attrs.forEach((name, slot, pos) => {
    const value = force(slot, pos);
    if (isInt(value)) {
      if (value < 0) throw new NixError(`negative value given for flake ref attr ${name}: ${value}`);
      given[name] = Number(value);
    } else if (typeof value === 'boolean') given[name] = value;
    else if (isNixString(value)) given[name] = stringText(value);
    else
      throw new NixError(
        `flake reference attribute sets may only contain integers, Booleans, and strings, but attribute '${name}' is ${describeType(value)}`,
      );
  });
  return given;
}

export const flakeBuiltins: readonly Builtin[] = [
  {
    name: 'getFlake',
    args: ['args'],
    type: 'string or path → set',
    feature: 'flakes',
    doc: 'The outputs of a flake, with what is known of its source (`outPath`, `narHash`, `rev`, `lastModified` ...), its `inputs` and its `outputs`. Its inputs are those of its `flake.lock`; what is not locked is fetched as it is now, without being written down. In pure mode the reference must be locked.',
    run: (ctx, _pos, args) => getFlake(ctx, args),
  },
  {
    name: 'parseFlakeRef',
    args: ['flake-ref'],
    type: 'string → set',
    feature: 'flakes',
    doc: 'A flake reference, taken apart: `type`, and what that kind of source is described by.',
    example: {
      expr: 'builtins.parseFlakeRef "github:NixOS/nixpkgs/23.05?dir=lib"',
      value: '{ dir = "lib"; owner = "NixOS"; ref = "23.05"; repo = "nixpkgs"; type = "github"; }',
    },
    run: (_ctx, _pos, reference) => {
      const context = 'while evaluating the argument passed to builtins.parseFlakeRef';
      const attrs = new AttrsBuilder();
      const parsed = parseFlakeReference(forceStringNoContext(reference, NO_POS, context));
      for (const [name, value] of Object.entries(parsed)) attrs.set(name, value);
      return attrs.build();
    },
  },
  {
    name: 'flakeRefToString',
    args: ['attrs'],
    type: 'set → string',
    feature: 'flakes',
    doc: 'A flake reference as text, from the form that `parseFlakeRef` gives.',
    example: {
      expr: 'builtins.flakeRefToString { type = "github"; owner = "NixOS"; repo = "nixpkgs"; ref = "23.05"; dir = "lib"; }',
      value: '"github:NixOS/nixpkgs/23.05?dir=lib"',
    },
    run: (_ctx, _pos, attrs) => printFlakeReference(referenceAttributes(attrs)),
  },
];
