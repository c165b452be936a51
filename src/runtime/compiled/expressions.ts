/**
 * One instruction after the other: `value` for those whose value is wanted, `tail` for those that end the function. A
 * `site` is the site (support.ts) of what the instruction is a part of: the lines of an error that it does not explain
 * itself.
 */
import * as op from '../../code/opcodes.ts';
import { lambdaInfo } from '../machine-load.ts';
import { writeCall } from './calls.ts';
import { enterLet, enterWith, writeAssert, writeBoolean, writeCondition, writeLogic } from './control.ts';
import type { Generator, Kind, Val } from './generator.ts';
import { writeArithmetic, writeConcat, writeEqual, writeSum } from './operators.ts';
import { pathEnv, writeAttrs, writeSelect, writeSet } from './sets.ts';
import { writeSlot } from './slots.ts';
import { constantAt, constantValue, writeVariable } from './variables.ts';

/** Writes what gives the value of an instruction. `site`: the lines of an error that it does not explain itself. */
export function writeValue(g: Generator, pc: number, site: number): Val {
  const { code } = g;
  g.count();
  const known = constantAt(g, pc);
  if (known !== undefined) return constantValue(g, known);
  switch (code[pc]) {
    case op.VAR_0:
    case op.VAR_1:
    case op.VAR_2:
      return writeVariable(g, pc, code[pc]! - op.VAR_0, code[pc + 1]!, -1, site);
    case op.VAR:
      return writeVariable(g, pc, code[pc + 1]!, code[pc + 2]!, -1, site);
    case op.LAZY:
      return writeVariable(g, pc, code[pc + 1]!, code[pc + 2]!, code[pc + 3]!, site);
    case op.DELAY:
      return writeValue(g, code[pc + 1]!, site);
    case op.LAMBDA: {
      const info = g.shared.constant(lambdaInfo(g.unit, pc));
      return g.keep(`new Lambda(${info}, ${g.env()})`, 'other');
    }
    case op.CALL_1:
    case op.CALL_2:
    case op.CALL:
      return writeCall(g, pc, site, false)!;
    case op.ATTRS:
      return writeAttrs(g, pc, site);
    case op.DYNAMIC:
      return g.general(site, `addDynamic(U, ${pc}, ${g.env()})`, 'set');
    case op.LIST: {
      const items: string[] = [];
      for (let i = 0; i < code[pc + 1]!; i++) items.push(writeSlot(g, code[pc + 2 + i]!));
      return g.keep(`[${items.join(', ')}]`, 'list');
    }
    case op.SELECT:
      return writeSelect(g, pc, site);
    case op.SELECT_PATH: {
      const subject = writeValue(
        g,
        code[pc + 1]!,
        g.shared.site(code[pc + 1]!, 0, site, 'while selecting an attribute'),
      );
      return g.general(site, `selectFrom(${subject.js}, U, ${pc}, ${pathEnv(g, pc + 2)})`);
    }
    case op.SELECT_OR: {
      const subject = writeValue(
        g,
        code[pc + 1]!,
        g.shared.site(code[pc + 1]!, 0, site, 'while selecting an attribute'),
      );
      const found = g.general(site, `selectIfThere(${subject.js}, U, ${pc}, ${pathEnv(g, pc + 3)})`);
      const known = constantAt(g, code[pc + 2]!);
      g.emit(`if (${found.js} === undefined) {`);
      // What goes wrong in the default is told as an error of the selection, so that does the rest.
      const rest = () =>
        known === undefined ? `selectOrFrom(${subject.js}, U, ${pc}, ${g.env()})` : constantValue(g, known).js;
      g.maybe(() => g.emit(`${found.js} = ${rest()};`));
      g.emit('}');
      return found;
    }
    case op.HAS_ATTR: {
      const inside = g.shared.site(pc, code[pc + 1]!, site);
      const subject = writeValue(g, code[pc + 1]!, inside);
      if (code[pc + 2] === 1 && code[pc + 3]! >= 0) {
        const name = g.shared.constant(g.unit.text(code[pc + 3]!));
        return g.keep(`${subject.js} instanceof Attrs && ${subject.js}.has(${name})`, 'boolean');
      }
      return g.general(inside, `hasAttrPath(${subject.js}, U, ${pc}, ${pathEnv(g, pc + 2)})`, 'boolean');
    }
    case op.LET:
      return g.within(enterLet(g, pc), () => writeValue(g, code[pc + 2]!, site));
    case op.WITH:
      return g.within(enterWith(g, pc), () => writeValue(g, code[pc + 2]!, site));
    case op.IF: {
      const condition = writeCondition(g, pc, site);
      const t = g.temp();
      let kind: Kind | undefined;
      const branch = (part: number) => {
        const value = writeValue(g, part, site);
        kind = kind === undefined || kind === value.kind ? value.kind : 'any';
        g.emit(`${t} = ${value.js};`);
      };
      g.either(
        condition,
        () => branch(code[pc + 2]!),
        () => branch(code[pc + 3]!),
      );
      return { js: t, kind: kind! };
    }
    case op.ASSERT:
      writeAssert(g, pc, site);
      return writeValue(g, code[pc + 2]!, site);
    case op.NOT: {
      const inside = g.shared.site(pc, code[pc + 1]!, site);
      return g.keep(`!${writeBoolean(g, code[pc + 1]!, inside)}`, 'boolean');
    }
    case op.AND:
    case op.OR:
    case op.IMPLIES:
      return writeLogic(g, pc, site);
    case op.EQUAL:
    case op.NOT_EQUAL:
      return writeEqual(g, pc, site);
    case op.UPDATE: {
      const right = writeSet(g, code[pc + 2]!, g.shared.site(pc, code[pc + 2]!, site));
      const left = writeSet(g, code[pc + 1]!, g.shared.site(pc, code[pc + 1]!, site));
      return g.keep(`Attrs.update(${left}, ${right})`, 'set');
    }
    case op.CONCAT_LISTS: {
      const left = writeValue(g, code[pc + 1]!, g.shared.site(pc, code[pc + 1]!, site));
      const right = writeValue(g, code[pc + 2]!, g.shared.site(pc, code[pc + 2]!, site));
      return g.general(site, `concatLists(${left.js}, ${right.js}, ${g.pos(pc)})`, 'list');
    }
    case op.CONCAT:
      return code[pc + 1] === 0 && code[pc + 2] === 2 ? writeSum(g, pc, site) : writeConcat(g, pc, site);
    case op.LESS:
    case op.SUBTRACT:
    case op.MULTIPLY:
      return writeArithmetic(g, pc, site);
    case op.CUR_POS:
      return g.keep(`positionValue(${g.pos(pc)})`);
    case op.WITH_VAR: {
      const t = g.general(site, `lookupWith(U, ${pc}, ${g.env()})`);
      g.emit(`if (${t.js} instanceof Thunk) ${t.js} = forced(${t.js}, ${g.pos(pc)});`);
      return t;
    }
    case op.GLOBAL:
      return g.general(site, `part(U, U.code, ${pc}, env)`);
    default:
      return g.general(site, `part(U, U.code, ${pc}, ${g.env()})`);
  }
}

/** Writes what returns the value of an instruction. */
export function writeTail(g: Generator, pc: number): void {
  const { code } = g;
  g.count();
  switch (code[pc]) {
    case op.DELAY:
      writeTail(g, code[pc + 1]!);
      return;
    case op.IF:
      g.either(
        writeCondition(g, pc, 0),
        () => writeTail(g, code[pc + 2]!),
        () => writeTail(g, code[pc + 3]!),
      );
      return;
    case op.LET:
      g.within(enterLet(g, pc), () => writeTail(g, code[pc + 2]!));
      return;
    case op.WITH:
      g.within(enterWith(g, pc), () => writeTail(g, code[pc + 2]!));
      return;
    case op.ASSERT:
      writeAssert(g, pc, 0);
      writeTail(g, code[pc + 2]!);
      return;
    case op.CALL_1:
    case op.CALL_2:
    case op.CALL:
      g.emit(`${g.leave}return ${writeCall(g, pc, 0, true)!.js};`);
      return;
    default:
      g.emit(`${g.leave}return ${writeValue(g, pc, 0).js};`);
      return;
  }
}
