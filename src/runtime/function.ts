/**
 * Functions and calling them: Nix lambdas, builtins, builtins that wait for more arguments, and sets with `__functor`.
 * The machine goes on with a lambda's body in place where a call is in tail position; everybody else calls through here.
 */
import type { LambdaInfo } from '../code/lambda.ts';
import { LAMBDA } from '../code/opcodes.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS, type Pos } from '../errors/position.ts';
import { Attrs } from './attrs.ts';
import type { Builtin } from './builtin.ts';
import { compileLambda, tier } from './compiled/tier.ts';
import type { EvalContext } from './eval-context.ts';
import { bindFormals } from './formals.ts';
import { type Env, run } from './machine.ts';
import { notAFunction } from './machine-errors.ts';
import { lambdaInfo } from './machine-load.ts';
import { callDepthExceeded, calls } from './stack.ts';
import { force, Thunk } from './thunk.ts';
import type { Slot, Value } from './value.ts';

/** A function written in Nix, with the environment that it was made in. */
export class Lambda {
  declare readonly info: LambdaInfo;
  declare readonly env: Env;
  constructor(info: LambdaInfo, env: Env) {
    this.info = info;
    this.env = env;
  }
}

/** A builtin, bound to the session. Its arity is the number of `builtin.args`, at least 1. */
export class Primop {
  readonly builtin: Builtin;
  readonly ctx: EvalContext;
  readonly arity: number;
  readonly run: (ctx: EvalContext, pos: Pos, a?: Slot, b?: Slot, c?: Slot) => Value;
  constructor(builtin: Builtin, ctx: EvalContext) {
    this.builtin = builtin;
    this.ctx = ctx;
    this.arity = builtin.args.length;
    this.run = builtin.run as typeof this.run;
  }
}

/** A builtin with fewer arguments than it needs. */
export class PrimopApp {
  declare readonly primop: Primop;
  declare readonly args: readonly Slot[];
  constructor(primop: Primop, args: readonly Slot[]) {
    this.primop = primop;
    this.args = args;
  }
}

/** Another function object that does the same; other values as they are. */
export function copyFunction(value: Value): Value {
  if (value instanceof Lambda) return new Lambda(value.info, value.env);
  if (value instanceof Primop) return new Primop(value.builtin, value.ctx);
  return value instanceof PrimopApp ? new PrimopApp(value.primop, value.args) : value;
}

/** What builtins.functionArgs tells: each formal and whether it has a default; undefined for `x: ...`. */
export function functionFormals(lambda: Lambda): ReadonlyMap<string, boolean> | undefined {
  const formals = lambda.info.formals;
  return formals && new Map(formals.map((formal) => [formal.name, formal.fallback >= 0]));
}

/** Calls with any number of arguments (at least one). `pos` is the call site. */
export function callFunction(callee: Slot, args: readonly Slot[], pos: Pos): Value {
  let current = force(callee, pos);
  let done = 0;
  while (done < args.length) {
    if (current instanceof Lambda) current = callLambda(current, args[done++]!, pos);
    else if (current instanceof Primop) {
      const left = args.length - done;
      if (left < current.arity) return new PrimopApp(current, done === 0 ? args : args.slice(done));
      const own = left === current.arity && done === 0 ? args : args.slice(done, done + current.arity);
      done += current.arity;
      current = applyPrimop(current, own, pos);
    } else if (current instanceof PrimopApp) {
      const { primop, args: have } = current;
      const needed = primop.arity - have.length;
      const all = [...have, ...args.slice(done, done + needed)];
      if (all.length < primop.arity) return new PrimopApp(primop, all);
      done += needed;
      current = applyPrimop(primop, all, pos);
    } else current = callFunctor(current, args[done++]!, pos);
  }
  return current;
}

/** Calls with one argument. */
export function call1(callee: Slot, arg: Slot, pos: Pos): Value {
  const f = callee instanceof Thunk ? force(callee, pos) : callee;
  if (f instanceof Lambda) return callLambda(f, arg, pos);
  if (f instanceof Primop)
    return f.arity === 1 ? callPrimop(f, pos, arg, undefined, undefined) : new PrimopApp(f, [arg]);
  if (f instanceof PrimopApp) {
    const { primop, args } = f;
    const have = args.length;
    if (have + 1 < primop.arity) return new PrimopApp(primop, [...args, arg]);
    return have === 1
      ? callPrimop(primop, pos, args[0], arg, undefined)
      : callPrimop(primop, pos, args[0], args[1], arg);
  }
  return callFunctor(f, arg, pos);
}

/** Calls with two arguments. */
export function call2(callee: Slot, a: Slot, b: Slot, pos: Pos): Value {
  const f = callee instanceof Thunk ? force(callee, pos) : callee;
  if (f instanceof Primop) {
    if (f.arity === 2) return callPrimop(f, pos, a, b, undefined);
    if (f.arity > 2) return new PrimopApp(f, [a, b]);
  } else if (f instanceof Lambda && !calls.keepFrames) {
    const { info } = f;
    if (info.code2 !== undefined || (++info.heat > tier.threshold && compileLambda(info, 2)))
      return info.code2!(f.env, a, b, pos) as Value;
    // A curried function: the second lambda need not be made.
    const { unit, body } = info;
    if (info.formals === undefined && unit.code[body] === LAMBDA) {
      const inner = lambdaInfo(unit, body);
      if (inner.formals === undefined) return runCurried(inner, [[f.env, a], b], pos);
    }
  }
  return call1(call1(f, a, pos), b, pos);
}

export function callLambda(lambda: Lambda, arg: Slot, pos: Pos): Value {
  const { info } = lambda;
  if (info.code1 !== undefined || (++info.heat > tier.threshold && compileLambda(info, 1)))
    return info.code1!(lambda.env, arg, pos) as Value;
  const depth = calls.depth;
  if (depth > calls.max) throw callDepthExceeded(pos);
  calls.depth = depth + 1;
  const env: Env = info.formals === undefined ? [lambda.env, arg] : bindFormals(lambda, arg, pos);
  const value = calls.keepFrames ? runFramed(lambda, env, pos) : run(info.unit, info.body, env);
  calls.depth = depth;
  return value;
}

function runCurried(info: LambdaInfo, env: Env, pos: Pos): Value {
  const depth = calls.depth;
  if (depth > calls.max) throw callDepthExceeded(pos);
  calls.depth = depth + 1;
  const value = run(info.unit, info.body, env);
  calls.depth = depth;
  return value;
}

function runFramed(lambda: Lambda, env: Env, pos: Pos): Value {
  const { observer } = calls;
  observer?.enter(lambda.info);
  try {
    return run(lambda.info.unit, lambda.info.body, env);
  } catch (error) {
    if (calls.showTrace && error instanceof NixError) {
      error.addTrace(`while calling ${lambdaLabel(lambda, true)}`, lambda.info.pos);
      if (pos !== NO_POS) error.addTrace('from call site', pos);
    }
    throw error;
  } finally {
    observer?.leave();
  }
}

/** `args` are exactly as many as it takes. */
function applyPrimop(primop: Primop, args: readonly Slot[], pos: Pos): Value {
  return callPrimop(primop, pos, args[0], args[1], args[2]);
}

/** A call with as many arguments as it takes. */
export function callPrimop(primop: Primop, pos: Pos, a?: Slot, b?: Slot, c?: Slot): Value {
  const depth = calls.depth;
  if (depth > calls.max) throw callDepthExceeded(pos);
  calls.depth = depth + 1;
  try {
    const value = primop.run(primop.ctx, pos, a, b, c);
    calls.depth = depth;
    return value;
  } catch (error) {
    const { name } = primop.builtin;
    if (error instanceof NixError && name !== 'addErrorContext')
      error.addTrace(`while calling the '${name}' builtin`, pos);
    throw error;
  }
}

/** `set arg` for a set with __functor; what is no function at all ends here, too. */
export function callFunctor(callee: Value, arg: Slot, pos: Pos): Value {
  const functor = callee instanceof Attrs ? callee.get('__functor') : undefined;
  if (functor === undefined) throw notAFunction(callee, pos);
  const depth = calls.depth;
  if (depth > calls.max) throw callDepthExceeded(pos);
  calls.depth = depth + 1;
  try {
    const value = callFunction(functor, [callee, arg], (callee as Attrs).pos('__functor'));
    calls.depth = depth;
    return value;
  } catch (error) {
    if (error instanceof NixError) {
      error.addTrace("while calling a functor (an attribute set with a '__functor' attribute)", pos);
    }
    throw error;
  }
}

/** 'name' or anonymous lambda. Where a name is there, `quoted` puts it in quotes. */
export function lambdaLabel(lambda: Lambda, quoted: boolean): string {
  const name = lambda.info.name;
  return name === undefined ? 'anonymous lambda' : quoted ? `'${name}'` : name;
}
