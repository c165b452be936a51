/**
 * From the syntax tree to flat code (code/opcodes.ts). Every kind of node has its function, in the file of its theme; the
 * table below names them all. Each emits the node's code and gives its offset.
 */
import type { Unit } from '../code/unit.ts';
import type { Pos } from '../errors/position.ts';
import type { Source } from '../errors/source.ts';
import type { Node, NodeKind } from '../syntax/nodes.ts';
import { Scope } from '../syntax/scope.ts';
import { compileCurPos, compileFloat, compileInt, compilePath, compileString } from './constants.ts';
import { compileAssert, compileIf, compileLet, compileWith } from './control.ts';
import { Emitter } from './emitter.ts';
import { compileCall, compileLambda } from './functions.ts';
import { compileBinary, compileConcat, compileNot } from './operators.ts';
import { compileHasAttr, compileSelect } from './selection.ts';
import { compileAttrs, compileList } from './sets.ts';
import { compileVariable } from './variables.ts';

/** Variables that are bound outside of the text. */
export interface GlobalNames {
  has(name: string): boolean;
  /** Is it bound to something else than what it means everywhere (scopedImport, the REPL)? */
  isShadowed(name: string): boolean;
}

export interface CompileOptions {
  readonly globals: GlobalNames;
  /** Position of the source's first character, for errors that are found while compiling. */
  readonly base: Pos;
  readonly source: () => Source;
  /** The directory that relative paths in it start from. */
  readonly basePath: string;
}

/** What the functions of all themes work with. */
export interface Compiler {
  readonly out: Emitter;
  readonly globals: GlobalNames;
  readonly base: Pos;
  /** Of the whole source. */
  readonly text: string;
  readonly basePath: string;
  compile(node: Node, scope: Scope): number;
}

type Table = {
  readonly [Kind in NodeKind]: (c: Compiler, node: Extract<Node, { kind: Kind }>, scope: Scope) => number;
};

const table: Table = {
  int: compileInt,
  float: compileFloat,
  string: compileString,
  path: compilePath,
  curPos: compileCurPos,
  variable: compileVariable,
  select: compileSelect,
  hasAttr: compileHasAttr,
  attrs: compileAttrs,
  list: compileList,
  lambda: compileLambda,
  call: compileCall,
  let: compileLet,
  with: compileWith,
  if: compileIf,
  assert: compileAssert,
  not: compileNot,
  binary: compileBinary,
  concat: compileConcat,
};

/**
 * Compiles an expression.
 * @throws NixError of class UndefinedVarError for a variable that is bound nowhere.
 */
export function compile(root: Node, options: CompileOptions): Unit {
  const out = new Emitter();
  const compiler: Compiler = {
    out,
    globals: options.globals,
    base: options.base,
    text: options.source().text,
    basePath: options.basePath,
    compile(node, scope) {
      return (table[node.kind] as (c: Compiler, node: Node, scope: Scope) => number)(compiler, node, scope);
    },
  };
  return out.finish(compiler.compile(root, Scope.binding(undefined)), options.source);
}
