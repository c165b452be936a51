/**
 * The derivations that a value stands for: itself, or those of a set or a list. Of a set's attributes those count whose
 * names could stand in a selection path without quotes, in byte order; a set inside is entered only if it says
 * `recurseForDerivations = true`. The same set counts once. Source: Nix manual, "nix-build", "nix-env".
 */
import { NixError } from '../errors/nix-error.ts';
import { Attrs } from '../runtime/attrs.ts';
import { forceBool, forceStringNoContext, isDerivation, traced } from '../runtime/coerce.ts';
import { coerceToStorePath } from '../runtime/coerce-path.ts';
import { ContextBuilder } from '../runtime/context-builder.ts';
import type { EvalContext } from '../runtime/eval-context.ts';
import { force } from '../runtime/thunk.ts';
import { isList, type Slot, type Value } from '../runtime/value.ts';
import { autoCall } from './auto-call.ts';

export interface FoundDerivation {
  readonly attrPath: string;
  readonly name: string;
  readonly drvPath: string;
  readonly outputName: string;
}

export function findDerivations(ctx: EvalContext, root: Slot, autoArgs: Attrs): FoundDerivation[] {
  const found: FoundDerivation[] = [];
  new Search(ctx, autoArgs, found).enter(root, '');
  return found;
}

/** A value that must be one derivation. */
export function theDerivation(ctx: EvalContext, value: Value): FoundDerivation {
  if (!isDerivation(value)) throw new NixError("expression does not evaluate to a derivation, so I can't build it");
  return describe(ctx, value, '');
}

class Search {
  private readonly ctx: EvalContext;
  private readonly autoArgs: Attrs;
  private readonly found: FoundDerivation[];
  private readonly seen = new Set<Attrs>();

  constructor(ctx: EvalContext, autoArgs: Attrs, found: FoundDerivation[]) {
    this.ctx = ctx;
    this.autoArgs = autoArgs;
    this.found = found;
  }

  enter(slot: Slot, path: string): void {
    const value = autoCall(this.autoArgs, slot);
    if (!this.take(value, path)) return;
    if (value instanceof Attrs) this.enterSet(value, path);
    else if (isList(value))
      value.forEach((element, index) => {
        const inner = path === '' ? String(index) : `${path}.${index}`;
        if (this.take(force(element), inner)) this.enter(element, inner);
      });
    else
      throw new NixError('expression does not evaluate to a derivation (or a set or list of those)', {
        class: 'TypeError',
      });
  }

  /** Takes a derivation; true where the value is none, and may hold some. */
  private take(value: Value, path: string): boolean {
    if (!isDerivation(value)) return true;
    if (!this.seen.has(value)) {
      this.seen.add(value);
      this.found.push(describe(this.ctx, value, path));
    }
    return false;
  }

  private enterSet(set: Attrs, path: string): void {
    for (const name of set.sortedKeys()) {
      if (!/^[A-Za-z_][A-Za-z0-9\-_+]*$/.test(name)) continue;
      try {
        const inner = path === '' ? name : `${path}.${name}`;
        const value = force(set.get(name)!, set.pos(name));
        if (!this.take(value, inner) || !(value instanceof Attrs)) continue;
        const recurse = value.get('recurseForDerivations');
        if (
          recurse !== undefined &&
          forceBool(
            recurse,
            value.pos('recurseForDerivations'),
            'while evaluating the attribute `recurseForDerivations`',
          )
        )
          this.enter(value, inner);
      } catch (error) {
        throw traced(error, `while evaluating the attribute '${name}'`, set.pos(name));
      }
    }
  }
}

function describe(ctx: EvalContext, set: Attrs, attrPath: string): FoundDerivation {
  const text = (attribute: string): string | undefined => {
    const slot = set.get(attribute);
    return slot === undefined
      ? undefined
      : forceStringNoContext(slot, set.pos(attribute), `while evaluating the '${attribute}' attribute of a derivation`);
  };
  const name = text('name');
  if (name === undefined) throw new NixError('derivation name missing', { class: 'TypeError' });
  const slot = set.get('drvPath');
  if (slot === undefined) throw new NixError("derivation does not contain a 'drvPath' attribute");
  const drvPath = coerceToStorePath(
    ctx,
    set.pos('drvPath'),
    slot,
    new ContextBuilder(),
    "while evaluating the 'drvPath' attribute of a derivation",
  );
  const outputName = text('outputName') ?? '';
  if (outputName === '') throw new NixError(`derivation '${drvPath}' lacks an 'outputName' attribute`);
  return { attrPath, name, drvPath, outputName };
}
