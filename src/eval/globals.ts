/** The variables that every expression sees: `builtins`, and the builtins that need no `builtins.` in front. */
import { NO_POS } from '../errors/position.ts';
import { type Attrs, AttrsBuilder } from '../runtime/attrs.ts';
import type { Builtin } from '../runtime/builtin.ts';
import type { EvalContext, EvalSettings } from '../runtime/eval-context.ts';
import { Primop } from '../runtime/function.ts';
import { lazy } from '../runtime/thunk.ts';
import type { Slot, Value } from '../runtime/value.ts';

export interface Globals {
  readonly builtins: Attrs;
  readonly variables: ReadonlyMap<string, Slot>;
}

/** Those that neither an experimental feature nor pure mode hides. */
export function enabledBuiltins(all: readonly Builtin[], settings: EvalSettings): Builtin[] {
  const { experimentalFeatures, pureEval } = settings;
  return all.filter(
    ({ feature, impureOnly }) =>
      (feature === undefined || experimentalFeatures.has(feature)) && !(pureEval && impureOnly),
  );
}

/** Binds builtins to a session. `derivation` is the function of that name, which is written in Nix. */
export function makeGlobals(enabled: readonly Builtin[], ctx: EvalContext, derivation: Slot): Globals {
  const variables = new Map<string, Slot>();
  const set = new AttrsBuilder();
  for (const builtin of enabled) {
    const slot = bind(builtin, ctx);
    set.set(builtin.name, slot);
    variables.set(builtin.global ? builtin.name : `__${builtin.name}`, slot);
  }
  const builtins: Slot = lazy(() => result.builtins);
  const own: [string, Slot][] = [
    ['builtins', builtins],
    ['derivation', derivation],
    ['true', true],
    ['false', false],
    ['null', null],
  ];
  for (const [name, slot] of own) {
    set.set(name, slot);
    variables.set(name, slot);
  }
  const result: Globals = { builtins: set.build(), variables };
  return result;
}

/** A function; or a constant, computed when it is first used. */
function bind(builtin: Builtin, ctx: EvalContext): Slot {
  if (builtin.args.length > 0) return new Primop(builtin, ctx);
  const run = builtin.run as (ctx: EvalContext, pos: number) => Value;
  return lazy(() => run(ctx, NO_POS));
}
