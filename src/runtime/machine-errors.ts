/** What the machine complains about, in Nix's words. */
import { NixError } from '../errors/nix-error.ts';
import type { Pos } from '../errors/position.ts';
import { Attrs } from './attrs.ts';
import { describeValue } from './describe.ts';
import type { Value } from './value.ts';

export function notAFunction(value: Value, pos: Pos): NixError {
  return new NixError(`attempt to call something which is not a function but ${describeValue(value)}`, {
    class: 'TypeError',
    pos,
  });
}

/** The value as a set; `context` is the trace line of the error if it is none. */
export function expectAttrs(value: Value, pos: Pos, context: string): Attrs {
  if (value instanceof Attrs) return value;
  throw new NixError(`expected a set but found ${describeValue(value)}`, { class: 'TypeError', pos }).addTrace(
    context,
    pos,
  );
}
