/** What is no function: records without arguments, computed once per session. */
import { Attrs } from '../runtime/attrs.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { Shape } from '../runtime/shape.ts';

const searchPathShape = Shape.of(['path', 'prefix']);

export const constantBuiltins: readonly Builtin[] = [
  {
    name: 'true',
    args: [],
    type: 'bool',
    global: true,
    doc: 'The Boolean value "true". A variable like any other: it may be shadowed.',
    example: { expr: '1 == 1', value: 'true' },
    run: () => true,
  },
  {
    name: 'false',
    args: [],
    type: 'bool',
    global: true,
    doc: 'The Boolean value "false".',
    example: { expr: '1 == 2', value: 'false' },
    run: () => false,
  },
  {
    name: 'null',
    args: [],
    type: 'null',
    global: true,
    doc: 'The value that stands for "nothing".',
    example: { expr: 'builtins.null', value: 'null' },
    run: () => null,
  },
  {
    name: 'builtins',
    args: [],
    type: 'set',
    global: true,
    doc: 'The set of all builtins. Asking whether it has one (`builtins ? name`) is how expressions adapt to the version.',
    example: { expr: 'builtins.builtins ? map', value: 'true' },
    run: (ctx) => ctx.builtins,
  },
  {
    name: 'currentTime',
    args: [],
    type: 'int',
    impureOnly: true,
    doc: 'The time at which evaluation began, in seconds since 1970. Not there in pure mode.',
    example: { expr: 'builtins.isInt builtins.currentTime', value: 'true' },
    run: (ctx) => ctx.host.currentTime(),
  },
  {
    name: 'currentSystem',
    args: [],
    type: 'string',
    impureOnly: true,
    doc: 'The system that derivations are to be built for unless told otherwise, for instance `"x86_64-linux"`. Not there in pure mode.',
    example: { expr: 'builtins.isString builtins.currentSystem', value: 'true' },
    run: (ctx) => ctx.settings.system,
  },
  {
    name: 'nixVersion',
    args: [],
    type: 'string',
    doc: 'The version of Nix whose language this is.',
    example: { expr: 'builtins.nixVersion', value: '"2.36.0"' },
    run: () => '2.36.0',
  },
  {
    name: 'langVersion',
    args: [],
    type: 'int',
    doc: 'The version of the language.',
    example: { expr: 'builtins.langVersion', value: '6' },
    run: () => 6,
  },
  {
    name: 'storeDir',
    args: [],
    type: 'string',
    doc: 'The logical location of the store.',
    example: { expr: 'builtins.storeDir', value: '"/nix/store"' },
    run: (ctx) => ctx.host.store.storeDir,
  },
  {
    name: 'nixPath',
    args: [],
    type: '[{ path; prefix }]',
    doc: 'The search path for `<name>`: a list of sets `{ prefix = ...; path = ...; }`, in the order in which they are tried.',
    example: { expr: 'builtins.isList builtins.nixPath', value: 'true' },
    run: (ctx) => ctx.settings.searchPath.map(({ path, prefix }) => Attrs.of(searchPathShape, path, prefix)),
  },
];
