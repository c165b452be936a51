/** Making sets, and selecting from them. */
import * as op from '../../code/opcodes.ts';
import { literalShape } from '../machine-sets.ts';
import { writeValue } from './expressions.ts';
import type { Generator, Val } from './generator.ts';
import { knownInt, writeSlot } from './slots.ts';
import { isAtHand } from './variables.ts';

/** The value of a part that must be a set. */
export function writeSet(g: Generator, part: number, site: number): string {
  const value = writeValue(g, part, site);
  if (value.kind !== 'set') g.emit(`if (!(${value.js} instanceof Attrs)) { s = ${site}; throw notASet(${value.js}); }`);
  return value.js;
}

export function writeSelect(g: Generator, pc: number, site: number): Val {
  const { code } = g;
  const part = code[pc + 1]!;
  const subject = writeValue(g, part, g.shared.site(pc, part, site)).js;
  const inside = g.shared.site(pc, pc, site);
  const t = g.temp();
  const cell = code[pc + 3]!;
  g.emit(
    `if (!(${subject} instanceof Attrs && M[${cell}] === ${subject}.shape && (${t} = ${subject}.slots[M[${cell + 1}]]) !== undefined && !(${t} instanceof Thunk))) {`,
  );
  g.emit(`s = ${inside}; q = ${subject}; ${t} = select(${subject}, U, ${pc}); }`);
  return { js: t, kind: 'any' };
}

/** A set; attributes that are known already are put there at once. */
export function writeAttrs(g: Generator, pc: number, site: number): Val {
  const { code } = g;
  const flags = code[pc + 2]!;
  const n = code[pc + 3]!;
  if (flags !== 0 || n > 8 || g.shared.observeThunks) {
    return g.general(site, `makeAttrs(U, ${pc}, ${g.env()})`, 'set');
  }
  const shape = literalShape(g.unit, pc);
  const slots: string[] = [];
  /** In JavaScript: are there slots that are to be made later? */
  const missing: string[] = [];
  for (let i = 0; i < n; i++) {
    const part = code[pc + 5 + i]!;
    if (isAtHand(g, part)) {
      slots.push(writeSlot(g, part));
      continue;
    }
    shape.codes ??= [];
    shape.codes[i + 1] = g.shared.thunkCode(part);
    const known = code[part] === op.SUBTRACT || code[part] === op.CONCAT ? knownInt(g, part) : undefined;
    slots.push(known ?? 'undefined');
    missing.push(known === undefined ? 'true' : `${known} === undefined`);
  }
  const makers =
    missing.length === 0
      ? 'undefined'
      : missing.includes('true')
        ? g.env()
        : `${missing.join(' || ')} ? ${g.env()} : undefined`;
  return g.keep(`new Attrs(${g.shared.constant(shape)}, [${[makers, ...slots].join(', ')}], undefined)`, 'set');
}

/** The environment for names of a path that are computed; any will do where there are none. */
export function pathEnv(g: Generator, countAt: number): string {
  const { code } = g;
  for (let i = 1; i <= code[countAt]!; i++) if (code[countAt + i]! < 0) return g.env();
  return 'env';
}
