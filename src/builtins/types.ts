/** Asking for the type of a value. */
import { NO_POS } from '../errors/position.ts';
import { Attrs } from '../runtime/attrs.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { isFunction } from '../runtime/coerce.ts';
import { force } from '../runtime/thunk.ts';
import { isInt, isList, isNixString, NixFloat, NixPath, type Value } from '../runtime/value.ts';

function typeName(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (isInt(value)) return 'int';
  if (isNixString(value)) return 'string';
  if (value instanceof Attrs) return 'set';
  if (isList(value)) return 'list';
  if (value instanceof NixPath) return 'path';
  if (value instanceof NixFloat) return 'float';
  return 'lambda';
}

function test(name: string, what: string, is: (value: Value) => boolean, expr: string, value = 'true'): Builtin {
  return {
    name,
    args: ['e'],
    type: 'a → bool',
    doc: `Is the value of *e* ${what}?`,
    example: { expr, value },
    run: (_ctx, _pos, e) => is(force(e, NO_POS)),
  };
}

export const typeBuiltins: readonly Builtin[] = [
  {
    name: 'typeOf',
    args: ['e'],
    type: 'a → string',
    doc: 'The type of the value of *e*: `"int"`, `"bool"`, `"string"`, `"path"`, `"null"`, `"set"`, `"list"`, `"lambda"` or `"float"`.',
    example: {
      expr: 'map builtins.typeOf [ 1 1.5 "a" ./. (x: x) ]',
      value: '[ "int" "float" "string" "path" "lambda" ]',
    },
    run: (_ctx, _pos, e) => typeName(force(e, NO_POS)),
  },
  {
    ...test('isNull', '`null`', (v) => v === null, 'map isNull [ null false ]', '[ true false ]'),
    global: true,
  },
  test('isFunction', 'a function (a set with `__functor` is none)', isFunction, 'builtins.isFunction (x: x)'),
  test('isInt', 'an integer', isInt, 'map builtins.isInt [ 1 1.0 ]', '[ true false ]'),
  test('isFloat', 'a floating-point number', (v) => v instanceof NixFloat, 'builtins.isFloat 1.0'),
  test('isString', 'a string', isNixString, 'builtins.isString "x"'),
  test('isBool', 'a Boolean', (v) => typeof v === 'boolean', 'builtins.isBool false'),
  test('isPath', 'a path', (v) => v instanceof NixPath, 'map builtins.isPath [ /a "/a" ]', '[ true false ]'),
  test('isList', 'a list', isList, 'builtins.isList [ ]'),
  test('isAttrs', 'a set', (v) => v instanceof Attrs, 'builtins.isAttrs { }'),
];
