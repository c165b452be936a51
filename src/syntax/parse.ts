/**
 * Text to tree: the one place where grammar/ and the lowering meet. It reserves the source's positions, and turns
 * whatever goes wrong into a NixError in Nix's words. Loads Chevrotain; see parser-port.ts for how not to.
 */
import { NixLexer, tokenize } from '../../grammar/lexer.ts';
import { syntaxErrorOf } from '../../grammar/messages.ts';
import { parseText } from '../../grammar/parser.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS, type Pos, reserveSourcePositions } from '../errors/position.ts';
import type { Source } from '../errors/source.ts';
import { warning } from '../errors/warning.ts';
import { stackOverflow } from './catalogue.ts';
import { hintFor } from './hints.ts';
import type { AttrsBuilder } from './lower/attrs.ts';
import { SyntaxFault } from './lower/fault.ts';
import { Lowering } from './lower/lowering.ts';
import type { AttrName, AttrsNode, Node, Offset } from './nodes.ts';
import type { Parsed, ParseOptions } from './parser-port.ts';

/**
 * Parses a whole expression.
 * @throws NixError of class ParseError with a position in `source`; StackOverflowError where it is nested too deeply.
 */
export function parse(source: Source, options: ParseOptions): Parsed {
  return run(source, options, 'file') as Parsed;
}

/** Parses what the REPL also takes: `x = 1; inherit (y) z;` */
export function parseBindings(source: Source, options: ParseOptions): Parsed<AttrsNode> {
  return run(source, options, 'replBindings') as Parsed<AttrsNode>;
}

export function docComments({ text }: Source): ReadonlyMap<Offset, string> {
  const { docs } = new NixLexer(text);
  return new Map(Array.from(docs, ([offset, { start, end }]) => [offset, text.slice(start, end)]));
}

function run(source: Source, options: ParseOptions, rule: 'file' | 'replBindings'): Parsed<Node | AttrsNode> {
  const base = reserveSourcePositions(source);
  const { text } = source;
  const locate = (offset: number) => {
    const { line, column } = source.lineColumn(offset);
    return `${source.label}:${line}:${column}`;
  };
  const lexer = new NixLexer(text, options);
  const lowering = new Lowering(text, lexer.docs, locate, {
    ...options,
    warn: ({ message, offset }) => options.warn?.(warning(message, offset === undefined ? NO_POS : base + offset)),
  });
  try {
    const parsed = parseText<Node, AttrsBuilder, AttrName>(lexer, lowering, rule);
    if (parsed) return { node: parsed.result, base };
    const tokens = tokenize(text, options);
    const { message, offset } = syntaxErrorOf(tokens, rule);
    throw new SyntaxFault(message, offset, hintFor(tokens, offset, locate));
  } catch (error) {
    throw asNixError(error, base);
  }
}

function asNixError(error: unknown, base: Pos): unknown {
  if (error instanceof SyntaxFault)
    return new NixError(error.message, { class: 'ParseError', pos: base + error.offset, hint: error.hint });
  if (error instanceof RangeError && /call stack/.test(error.message)) return stackOverflow();
  return error;
}
