/** What messages call the type of a value. builtins.typeOf has shorter names; see builtins/types.ts. */
import { Attrs } from './attrs.ts';
import { Lambda, Primop, PrimopApp } from './function.ts';
import { ContextString, isList, NixFloat, NixPath, type Value } from './value.ts';

/** For instance "an integer"; a builtin is "a built-in function". */
export function describeType(value: Value): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'boolean':
      return 'a Boolean';
    case 'number':
    case 'bigint':
      return 'an integer';
    case 'string':
      return 'a string';
  }
  if (value instanceof ContextString) return 'a string with context';
  if (value instanceof Attrs) return 'a set';
  if (isList(value)) return 'a list';
  if (value instanceof NixPath) return 'a path';
  if (value instanceof NixFloat) return 'a float';
  if (value instanceof Lambda) return 'a function';
  if (value instanceof Primop) return `the built-in function '${value.builtin.name}'`;
  if (value instanceof PrimopApp) return `the partially applied built-in function '${value.primop.builtin.name}'`;
  throw new Error('not a value');
}
