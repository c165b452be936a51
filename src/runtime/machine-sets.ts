/** Making sets that are written in Nix. */
import { ATTRS, ATTRS_OVERRIDES, ATTRS_RECURSIVE } from '../code/opcodes.ts';
import type { Unit } from '../code/unit.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import { Attrs, AttrsBuilder } from './attrs.ts';
import { forceAttrs, forceStringNoContext } from './coerce.ts';
import { positionText } from './describe.ts';
import { type Env, run } from './machine.ts';
import { makeSlot, newEnv } from './machine-slots.ts';
import { Shape } from './shape.ts';
import { Thunk } from './thunk.ts';

/** ATTRS memo flags n size (value)... text... : no slot is made yet. */
export function makeAttrs(unit: Unit, pc: number, env: Env): Attrs {
  return attrsIn(unit, pc, newEnv(env, unit.code[pc + 4]!));
}

/** The same; `slots` is the set's array of slots, which for a recursive set is its environment, too. */
function attrsIn(unit: Unit, pc: number, slots: Env): Attrs {
  const { code } = unit;
  const shape = literalShape(unit, pc);
  if (code[pc + 2]! & ATTRS_OVERRIDES) return withOverrides(shape, slots);
  return new Attrs(shape, slots as never);
}

/** The shape of the sets that an ATTRS makes. */
export function literalShape(unit: Unit, pc: number): Shape {
  return (unit.memo[unit.code[pc + 1]!] as Shape | undefined) ?? loadShape(unit, pc);
}

function loadShape(unit: Unit, pc: number): Shape {
  const { code } = unit;
  const size = code[pc + 3]!;
  const values = pc + 5;
  const names = [''];
  for (let i = 0; i < size; i++) names.push(unit.text(code[values + size + i]!));
  const recursive = (code[pc + 2]! & ATTRS_RECURSIVE) !== 0;
  const shape = Shape.literal(names, unit, values - 1, recursive);
  unit.memo[code[pc + 1]!] = shape;
  return shape;
}

/** `rec { __overrides = { ... }; ... }`: its attributes replace the set's own, also for the other attributes. */
function withOverrides(shape: Shape, env: Env): Attrs {
  const set = new Attrs(shape, env as never);
  // Every value is a thunk here, so that nothing has looked at a variable before it is replaced.
  for (let i = 1; i <= shape.size; i++) env[i] = new Thunk(shape.unit, shape.unit!.code[shape.firstCode + i]!, env);
  const overrides = forceAttrs(set.get('__overrides')!, NO_POS, 'while evaluating the `__overrides` attribute');
  for (const [name, slot] of overrides.entries()) {
    const index = shape.find(name);
    if (index !== 0) env[index] = slot;
  }
  return Attrs.update(set, overrides);
}

/** DYNAMIC @attrs n (@name @value)... : `${name} = value` on top of the fixed attributes. */
export function addDynamic(unit: Unit, pc: number, env: Env): Attrs {
  const { code } = unit;
  const base = code[pc + 1]!;
  const slots = code[base] === ATTRS ? newEnv(env, code[base + 4]!) : undefined;
  const fixed = slots === undefined ? Attrs.empty : attrsIn(unit, base, slots);
  const inner = slots !== undefined && code[base + 2]! & ATTRS_RECURSIVE ? slots : env;
  const builder = new AttrsBuilder();
  for (let i = 0, at = pc + 3, n = code[pc + 2]!; i < n; i++, at += 2) {
    const pos = unit.posBase + at;
    const nameValue = run(unit, code[at]!, inner);
    if (nameValue === null) continue;
    const name = forceStringNoContext(nameValue, pos, 'while evaluating the name of a dynamic attribute');
    if (fixed.has(name) || builder.has(name)) {
      const first = builder.has(name) ? builder.pos(name) : fixed.pos(name);
      throw new NixError(`dynamic attribute '${name}' already defined at ${positionText(first)}`, { pos });
    }
    builder.set(name, makeSlot(unit, code[at + 1]!, inner), pos);
  }
  return Attrs.update(fixed, builder.build());
}
