/** Order of evaluation, errors, and messages to the user. */
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import { renderWarning } from '../errors/render.ts';
import { Attrs } from '../runtime/attrs.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceString } from '../runtime/coerce.ts';
import { coerceToString, plainText } from '../runtime/coerce-string.ts';
import { ContextBuilder } from '../runtime/context-builder.ts';
import { deepForce } from '../runtime/deep-force.ts';
import type { EvalContext } from '../runtime/eval-context.ts';
import { printValue } from '../runtime/print.ts';
import { Shape } from '../runtime/shape.ts';
import { calls } from '../runtime/stack.ts';
import { force } from '../runtime/thunk.ts';
import { isNixString, type Slot, stringText, type Value } from '../runtime/value.ts';

const resultShape = Shape.of(['success', 'value']);

function tryEval(e: Slot): Value {
  const depth = calls.depth;
  try {
    force(e, NO_POS);
    return Attrs.of(resultShape, true, e);
  } catch (error) {
    if (!(error instanceof NixError) || !error.catchable) throw error;
    calls.depth = depth;
    return Attrs.of(resultShape, false, false);
  }
}

function trace(ctx: EvalContext, message: Slot, result: Slot): Value {
  const value = force(message, NO_POS);
  const text = isNixString(value) ? stringText(value) : printValue(message, { trackRepeated: true });
  ctx.host.message('trace', `trace: ${text}`);
  return force(result, NO_POS);
}

function warn(ctx: EvalContext, message: Slot, result: Slot): Value {
  const text = stringText(
    forceString(message, NO_POS, 'while evaluating the first argument; the message passed to builtins.warn'),
  );
  ctx.host.message('warning', renderWarning({ message: text, pos: NO_POS, fromExpression: true }));
  if (ctx.settings.abortOnWarn)
    throw new NixError('aborting to reveal stack trace of warning, as abort-on-warn is set', { class: 'Error' });
  return force(result, NO_POS);
}

function addErrorContext(ctx: EvalContext, context: Slot, value: Slot): Value {
  try {
    return force(value, NO_POS);
  } catch (error) {
    if (error instanceof NixError) {
      const text = coerceToString(
        ctx,
        NO_POS,
        context,
        new ContextBuilder(),
        'while evaluating the error message passed to builtins.addErrorContext',
        plainText,
      );
      error.addTrace(text, NO_POS, true);
    }
    throw error;
  }
}

export const controlBuiltins: readonly Builtin[] = [
  {
    name: 'seq',
    args: ['e1', 'e2'],
    type: 'a → b → b',
    doc: 'Evaluates *e1*, as far as to know what kind of value it is, and gives *e2*.',
    example: { expr: 'builtins.seq [ (throw "not reached") ] 1', value: '1' },
    run: (_ctx, _pos, e1, e2) => {
      force(e1, NO_POS);
      return force(e2, NO_POS);
    },
  },
  {
    name: 'deepSeq',
    args: ['e1', 'e2'],
    type: 'a → b → b',
    doc: 'Evaluates *e1* with everything in it, lists and sets all the way down, and gives *e2*.',
    example: { expr: '(builtins.tryEval (builtins.deepSeq [ (throw "reached") ] 1)).success', value: 'false' },
    run: (_ctx, _pos, e1, e2) => {
      deepForce(e1);
      return force(e2, NO_POS);
    },
  },
  {
    name: 'tryEval',
    args: ['e'],
    type: 'a → { success :: bool; value :: a or false }',
    doc: 'Evaluates *e* and tells whether it went well: `{ success = true; value = ...; }`, or `{ success = false; value = false; }`. Only what `throw` and `assert` raise is caught, no other error. Members of *e* are not evaluated: combine it with `deepSeq` for that.',
    example: { expr: 'builtins.tryEval (throw "no")', value: '{ success = false; value = false; }' },
    run: (_ctx, _pos, e) => tryEval(e),
  },
  {
    name: 'throw',
    args: ['s'],
    type: 'string → error',
    global: true,
    doc: 'Stops with the message *s*. `tryEval` can catch it, and commands that look at many packages skip the package.',
    example: { expr: '(builtins.tryEval (throw "no")).success', value: 'false' },
    run: (ctx, _pos, s) => {
      const context = 'while evaluating the error message passed to builtin.throw';
      throw new NixError(coerceToString(ctx, NO_POS, s, new ContextBuilder(), context), { class: 'ThrownError' });
    },
  },
  {
    name: 'abort',
    args: ['s'],
    type: 'string → error',
    global: true,
    doc: 'Stops the whole evaluation with the message *s*; nothing catches it.',
    run: (ctx, _pos, s) => {
      const context = 'while evaluating the error message passed to builtins.abort';
      const text = coerceToString(ctx, NO_POS, s, new ContextBuilder(), context);
      throw new NixError(`evaluation aborted with the following error message: '${text}'`, { class: 'Abort' });
    },
  },
  {
    name: 'trace',
    args: ['e1', 'e2'],
    type: 'a → b → b',
    doc: 'Prints *e1* to standard error and gives *e2*.',
    example: { expr: 'builtins.trace "looking" 1', value: '1' },
    run: (ctx, _pos, e1, e2) => trace(ctx, e1, e2),
  },
  {
    name: 'traceVerbose',
    args: ['e1', 'e2'],
    type: 'a → b → b',
    doc: 'Like `trace`, but only where the setting `trace-verbose` is on; else *e1* is not even evaluated.',
    example: { expr: 'builtins.traceVerbose (throw "not evaluated") 1', value: '1' },
    run: (ctx, _pos, e1, e2) => (ctx.settings.traceVerbose ? trace(ctx, e1, e2) : force(e2, NO_POS)),
  },
  {
    name: 'warn',
    args: ['e1', 'e2'],
    type: 'string → b → b',
    doc: 'Prints the string *e1* to standard error as a warning and gives *e2*. With the setting `abort-on-warn` it is an error instead.',
    example: { expr: 'builtins.warn "deprecated" 1', value: '1' },
    run: (ctx, _pos, e1, e2) => warn(ctx, e1, e2),
  },
  {
    name: 'addErrorContext',
    args: ['context', 'value'],
    type: 'string → a → a',
    doc: 'Gives *value*; if evaluating it fails, the text *context* becomes a line of the trace.',
    example: { expr: 'builtins.addErrorContext "while counting" 1', value: '1' },
    run: (ctx, _pos, context, value) => addErrorContext(ctx, context, value),
  },
  {
    name: 'break',
    args: ['v'],
    type: 'a → a',
    global: true,
    doc: 'Gives *v*. In C++ Nix it stops in the debugger, where there is one.',
    example: { expr: 'break 1', value: '1' },
    run: (_ctx, _pos, v) => force(v, NO_POS),
  },
];
