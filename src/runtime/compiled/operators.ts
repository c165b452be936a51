/** Operators. Ints, plain strings and booleans are dealt with in place; the support does the rest. */
import * as op from '../../code/opcodes.ts';
import { writeValue } from './expressions.ts';
import type { Generator, Kind, Val } from './generator.ts';

export function writeEqual(g: Generator, pc: number, site: number): Val {
  const { code } = g;
  const a = writeValue(g, code[pc + 1]!, g.shared.site(pc, code[pc + 1]!, site));
  const b = writeValue(g, code[pc + 2]!, g.shared.site(pc, code[pc + 2]!, site));
  const not = code[pc] === op.NOT_EQUAL;
  const simple = (kind: Kind) => kind === 'boolean' || kind === 'string' || kind === 'number';
  const t = g.temp();
  // Ints, booleans, null and strings without context; the same set may hold what is not equal to itself.
  const same = [a, b]
    .filter((value) => value.kind === 'any')
    .map(({ js }) => `typeof ${js} !== 'object'`)
    .join(' && ');
  if (simple(a.kind) && simple(b.kind)) g.emit(`${t} = ${a.js} ${not ? '!==' : '==='} ${b.js};`);
  else if (!simple(a.kind) && a.kind !== 'any') compare(g, t, a, b, not, pc, site);
  else if (!simple(b.kind) && b.kind !== 'any') compare(g, t, a, b, not, pc, site);
  else {
    g.emit(`if (${same}) ${t} = ${a.js} ${not ? '!==' : '==='} ${b.js}; else {`);
    compare(g, t, a, b, not, pc, site);
    g.emit('}');
  }
  return { js: t, kind: 'boolean' };
}

function compare(g: Generator, t: string, a: Val, b: Val, not: boolean, pc: number, site: number): void {
  g.emit(`s = ${site}; ${t} = ${not ? '!' : ''}equalValues(${a.js}, ${b.js}, ${g.pos(pc)});`);
}

export function writeArithmetic(g: Generator, pc: number, site: number): Val {
  const { code } = g;
  const a = writeValue(g, code[pc + 1]!, g.shared.site(pc, code[pc + 1]!, site));
  const b = writeValue(g, code[pc + 2]!, g.shared.site(pc, code[pc + 2]!, site));
  const t = g.temp();
  const slow = `s = ${site}; ${t} = operate(U, ${pc}, ${a.js}, ${b.js});`;
  if (code[pc] === op.LESS) {
    g.emit(`if (${ints(a, b)}) ${t} = ${a.js} < ${b.js}; else { ${slow} }`);
    return { js: t, kind: 'boolean' };
  }
  const result = code[pc] === op.SUBTRACT ? `${a.js} - ${b.js}` : `${a.js} * ${b.js} + 0`;
  g.emit(`if (!(${ints(a, b)} && ${safe(t, result)})) { ${slow} }`);
  return { js: t, kind: 'any' };
}

function ints(...values: readonly Val[]): string {
  const checks = values.filter(({ kind }) => kind !== 'number').map(({ js }) => `typeof ${js} === 'number'`);
  return checks.length === 0 ? 'true' : checks.join(' && ');
}

/** An assignment whose value is an int that numbers hold exactly. */
export function safe(t: string, result: string): string {
  return `(${t} = ${result}) <= 9007199254740991 && ${t} >= -9007199254740991`;
}

/** CONCAT of two parts that are no interpolation. */
export function writeSum(g: Generator, pc: number, site: number): Val {
  const { code } = g;
  const a = writeValue(g, code[pc + 3]!, g.shared.site(pc, code[pc + 3]!, site));
  // Anything else is looked at before the second part is evaluated.
  const checked = a.kind === 'number' || a.kind === 'string';
  const so = checked ? 'undefined' : g.temp();
  if (!checked) {
    g.emit(`${so} = undefined;`);
    g.emit(
      `if (typeof ${a.js} !== 'number' && typeof ${a.js} !== 'string') { s = ${site}; ${so} = concatPart(undefined, U, ${pc}, 0, '', ${a.js}); }`,
    );
  }
  const b = writeValue(g, code[pc + 4]!, g.shared.site(pc, code[pc + 4]!, site));
  const t = g.temp();
  const slow = `s = ${site}; ${t} = add(${so}, U, ${pc}, ${a.js}, ${b.js});`;
  const texts = [a, b]
    .filter(({ kind }) => kind !== 'string')
    .map(({ js }) => `typeof ${js} === 'string'`)
    .join(' && ');
  const maybeInt = a.kind !== 'string' && b.kind !== 'string';
  const maybeText = a.kind !== 'number' && b.kind !== 'number';
  const asText = `if (${texts === '' ? 'true' : texts}) ${t} = wholeText(${a.js} + ${b.js}); else { ${slow} }`;
  if (!maybeInt) g.emit(maybeText ? asText : slow);
  else g.emit(`if (!(${ints(a, b)} && ${safe(t, `${a.js} + ${b.js}`)})) { ${maybeText ? asText : slow} }`);
  return { js: t, kind: a.kind === 'string' && b.kind === 'string' ? 'string' : 'any' };
}

export function writeConcat(g: Generator, pc: number, site: number): Val {
  const { code } = g;
  const so = g.temp();
  const text = g.temp();
  g.emit(`${so} = undefined; ${text} = '';`);
  for (let i = 0, n = code[pc + 2]!; i < n; i++) {
    const part = code[pc + 3 + i]!;
    const value = writeValue(g, part, g.shared.site(pc, part, site));
    const v = value.js;
    const plain = value.kind === 'string' ? '' : ` && typeof ${v} === 'string'`;
    g.emit(`if (${so} === undefined${plain}) ${text} += ${v};`);
    g.emit(`else { s = ${site}; ${so} = concatPart(${so}, U, ${pc}, ${i}, ${text}, ${v}); }`);
  }
  return g.general(site, `${so} === undefined ? wholeText(${text}) : ${so}.finish()`);
}
