/**
 * Where the evaluator gets its parser from. Parsing pulls in Chevrotain, which costs more than evaluating a small
 * program whose compiled form is cached; so nothing on the way of a warm start imports parse.ts. Whoever sets up a
 * session plugs in a loader, and it runs when the first text has to be parsed.
 *
 * A loader is synchronous, as the evaluator is: in Node `() => require('.../syntax/parse.ts')` of node:module's
 * createRequire, which also loads ES modules; where all code is loaded anyway (bundle for the browser, tests) the module.
 */
import type { Pos } from '../errors/position.ts';
import type { Source } from '../errors/source.ts';
import type { Warning } from '../errors/warning.ts';
import type { LintSettings } from './lower/lints.ts';
import type { AttrsNode, Node, Offset } from './nodes.ts';

export interface ParseOptions {
  /** The absolute directory that relative paths resolve against. */
  readonly basePath: string;
  /** What `~` stands for; without it, `~/x` is an error. */
  readonly homeDirectory?: string;
  /** Experimental feature pipe-operators. */
  readonly pipeOperators?: boolean;
  /** Paths in the home directory are refused. */
  readonly pureEval?: boolean;
  readonly lint?: LintSettings;
  readonly warn?: (warning: Warning) => void;
}

/** A tree, and the position of its source's first character: the position of a node is `base + node.pos`. */
export interface Parsed<Tree = Node> {
  readonly node: Tree;
  readonly base: Pos;
}

export interface ParserModule {
  parse(source: Source, options: ParseOptions): Parsed;
  parseBindings(source: Source, options: ParseOptions): Parsed<AttrsNode>;
  /** Doc comments, by the offset of the token that follows. */
  docComments(source: Source): ReadonlyMap<Offset, string>;
}

let load: (() => ParserModule) | undefined;
let loaded: ParserModule | undefined;

export function setParserLoader(loader: () => ParserModule): void {
  load = loader;
  loaded = undefined;
}

export function parser(): ParserModule {
  if (loaded) return loaded;
  if (!load) throw new Error('no parser is plugged in: call setParserLoader first');
  loaded = load();
  return loaded;
}
