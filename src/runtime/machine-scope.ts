/** Variables that only `with` can bind, and __curPos. */
import type { Unit } from '../code/unit.ts';
import { NixError } from '../errors/nix-error.ts';
import { type Pos, resolvePosition } from '../errors/position.ts';
import { Attrs } from './attrs.ts';
import { forceAttrs } from './coerce.ts';
import type { Env } from './machine.ts';
import { lookUp } from './machine-select.ts';
import { Shape } from './shape.ts';
import type { Slot, Value } from './value.ts';

/** WITH_VAR text n (depth)... memo */
export function lookupWith(unit: Unit, pc: number, env: Env): Slot {
  const { code } = unit;
  const text = code[pc + 1]!;
  const count = code[pc + 2]!;
  const cells = code[pc + 3 + count]!;
  let home = env;
  let climbed = 0;
  for (let i = 0; i < count; i++) {
    for (const depth = code[pc + 3 + i]!; climbed < depth; climbed++) home = home[0] as Env;
    const slot = lookUp(unit, text, cells + 2 * i, scopeSet(home));
    if (slot !== undefined) return slot;
  }
  throw new NixError(`undefined variable '${unit.text(text)}'`, { class: 'UndefinedVarError', pos: unit.posBase + pc });
}

/** The set of a `with`, from its environment. */
function scopeSet(env: Env): Attrs {
  const slot = env[1] as Slot;
  if (slot instanceof Attrs) return slot;
  const pos = env[2] as Pos;
  const set = forceAttrs(slot, pos, 'while evaluating the first subexpression of a with expression');
  env[1] = set;
  return set;
}

const positionShape = Shape.of(['column', 'file', 'line']);

/** { file, line, column } as __curPos and unsafeGetAttrPos give it; null where the position is in no file. */
export function positionValue(pos: Pos): Value {
  const position = resolvePosition(pos);
  if (position === undefined || position.source.origin.kind !== 'file') return null;
  const { line, column } = position.source.lineColumn(position.offset);
  return Attrs.of(positionShape, column, position.source.origin.path, line);
}
