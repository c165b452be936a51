/** Binding `{ a, b ? e, ... }@x`: from the set that is passed to the environment that the body runs in. */
import type { LambdaInfo } from '../code/lambda.ts';
import { asMet } from '../errors/name-order.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS, type Pos } from '../errors/position.ts';
import { bestMatches } from '../errors/suggestions.ts';
import { type Attrs, slotAt } from './attrs.ts';
import { forceAttrs } from './coerce.ts';
import { type Lambda, lambdaLabel } from './function.ts';
import type { Env } from './machine.ts';
import { newEnv } from './machine-slots.ts';

import type { Slot } from './value.ts';

/** [parent, whole argument if it has a name, formals in order]. A formal left to its default stays unmade (VAR_LAZY). */
export function bindFormals(lambda: Lambda, arg: Slot, pos: Pos): Env {
  const info = lambda.info;
  const attrs = passedSet(info, arg, pos);
  const formals = info.formals!;
  const hasName = info.arg !== undefined;
  const env = newEnv(lambda.env, hasName ? formals.length + 1 : formals.length);
  if (hasName) env[1] = arg;
  let used = 0;
  // What callPackage passes stands in the order of the formals: the next name is the first to be tried.
  let next = 1;
  for (let i = 0, at = hasName ? 2 : 1; i < formals.length; i++, at++) {
    const { name, fallback } = formals[i]!;
    let layer = attrs;
    for (;;) {
      const { shape, below } = layer;
      const index = below === undefined && shape.names[next] === name ? next : shape.find(name);
      if (index !== 0) {
        env[at] = slotAt(shape, layer.slots, index);
        if (below === undefined) next = index + 1;
        used++;
        break;
      }
      if (below === undefined) {
        if (fallback < 0) throw missingArgument(lambda, attrs, pos);
        break;
      }
      layer = below;
    }
  }
  if (!info.ellipsis) checkUnexpected(lambda, attrs, used, pos);
  return env;
}

function passedSet(info: LambdaInfo, arg: Slot, pos: Pos): Attrs {
  try {
    return forceAttrs(arg, info.pos, 'while evaluating the value passed for the lambda argument');
  } catch (error) {
    if (error instanceof NixError && pos !== NO_POS) error.addTrace('from call site', pos);
    throw error;
  }
}

/** Layers are looked through one by one: counting their names would mean merging them. */
function checkUnexpected(lambda: Lambda, attrs: Attrs, used: number, pos: Pos): void {
  const info = lambda.info;
  if (attrs.below === undefined && attrs.shape.size === used) return;
  const unexpected: string[] = [];
  for (let layer: Attrs | undefined = attrs; layer !== undefined; layer = layer.below) {
    const names = layer.shape.names;
    for (let i = 1; i < names.length; i++) if (!info.hasFormal(names[i]!)) unexpected.push(names[i]!);
  }
  if (unexpected.length === 0) return;
  const name = asMet(attrs.keys().filter((key) => !info.hasFormal(key)))[0]!;
  const error = new NixError(`function '${lambdaLabel(lambda, false)}' called with unexpected argument '${name}'`, {
    class: 'TypeError',
    pos: info.pos,
    suggestions: bestMatches(
      info.formals!.map((formal) => formal.name),
      name,
    ),
  });
  if (pos !== NO_POS) error.addTrace('from call site', pos);
  throw error;
}

function missingArgument(lambda: Lambda, attrs: Attrs, pos: Pos): NixError {
  const missing = lambda.info.formals!.filter(({ name, fallback }) => fallback < 0 && !attrs.has(name));
  const name = asMet(missing.map((formal) => formal.name))[0]!;
  const error = new NixError(`function '${lambdaLabel(lambda, false)}' called without required argument '${name}'`, {
    class: 'TypeError',
    pos: lambda.info.pos,
  });
  if (pos !== NO_POS) error.addTrace('from call site', pos);
  return error;
}
