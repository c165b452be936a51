/** What the machine makes once of an instruction, and keeps in its memo cell. */

import { type FormalInfo, LambdaInfo } from '../code/lambda.ts';
import { LAMBDA_ARG, LAMBDA_ELLIPSIS, LAMBDA_FORMALS } from '../code/opcodes.ts';
import { resolvePath } from '../code/paths.ts';
import type { Unit } from '../code/unit.ts';
import type { EvalContext } from './eval-context.ts';
import { NixFloat, NixPath, type Slot, type Value } from './value.ts';

/** What running code wants of the session that loaded it. */
export interface MachineSession {
  readonly globals: { get(name: string): Slot | undefined };
  readonly context: EvalContext;
}

/** LAMBDA memo @body name flags formals (text @default)... [text] */
export function lambdaInfo(unit: Unit, pc: number): LambdaInfo {
  const memo = unit.code[pc + 1]!;
  const known = unit.memo[memo] as LambdaInfo | undefined;
  return known ?? ((unit.memo[memo] = loadLambda(unit, pc)) as LambdaInfo);
}

function loadLambda(unit: Unit, pc: number): LambdaInfo {
  const { code } = unit;
  const name = code[pc + 3]!;
  const flags = code[pc + 4]!;
  const count = code[pc + 5]!;
  const formals: FormalInfo[] = [];
  for (let i = 0, at = pc + 6; i < count; i++, at += 2) {
    formals.push({ name: unit.text(code[at]!), fallback: code[at + 1]!, pos: unit.posBase + at });
  }
  return new LambdaInfo(
    unit,
    pc,
    code[pc + 2]!,
    unit.posBase + pc,
    name < 0 ? undefined : unit.text(name),
    flags & LAMBDA_ARG ? unit.text(code[pc + 6 + 2 * count]!) : undefined,
    flags & LAMBDA_FORMALS ? formals : undefined,
    (flags & LAMBDA_ELLIPSIS) !== 0,
  );
}

/** GLOBAL text memo */
export function loadGlobal(unit: Unit, pc: number): Slot {
  const name = unit.text(unit.code[pc + 1]!);
  const slot = (unit.session as MachineSession).globals.get(name);
  if (slot === undefined) throw new Error(`the session has no global variable ${name}`);
  unit.memo[unit.code[pc + 2]!] = slot;
  return slot;
}

/** PATH text memo */
export function loadPath(unit: Unit, pc: number): NixPath {
  const memo = unit.code[pc + 2]!;
  const known = unit.memo[memo] as NixPath | undefined;
  if (known !== undefined) return known;
  const text = unit.code[pc + 1]!;
  const path = new NixPath(text >= 0 ? unit.text(text) : resolvePath(unit.basePath, unit.text(-1 - text)));
  unit.memo[memo] = path;
  return path;
}

/** FLOAT number memo */
export function loadFloat(unit: Unit, pc: number): NixFloat {
  const memo = unit.code[pc + 2]!;
  const known = unit.memo[memo] as NixFloat | undefined;
  return known ?? ((unit.memo[memo] = new NixFloat(Number(unit.numbers[unit.code[pc + 1]!]!))) as NixFloat);
}

/** BIG_INT number */
export function loadBigInt(unit: Unit, pc: number): Value {
  return unit.numbers[unit.code[pc + 1]!]!;
}
