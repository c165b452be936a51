/**
 * The grammar of Nix, in Chevrotain. Three things are not left to the rules' own look-ahead:
 *
 * - what may stand before a body (`x:`, `{ a, b }:`, `assert e;`, `with e;`, `let ... in`, `if ... else`) is read in a
 *   loop and wrapped around the body afterwards, inside out, as operators are grouped afterwards (operator-row.ts): so
 *   long chains cost no stack;
 * - whether a brace opens a set or a function's formals is decided by the two tokens after it (`atHead`);
 * - messages: Chevrotain only finds out that the input is wrong; what Nix would say is messages.ts's business.
 *
 * Everything else needs one token of look-ahead. One instance lives as long as the process; `parseText` lends it a lexer
 * and its actions. Speed is why lists of alternatives that need no local variable are kept (`this.xs ??= [...]`), as
 * Chevrotain's guide advises.
 */
import type { IToken } from 'chevrotain';
import type { Actions, AnyActions, Formal, FormalSet, Head, Part } from './actions.ts';
import type { NixLexer } from './lexer.ts';
import { OperatorRow } from './operator-row.ts';
import { NEGATE_PRECEDENCE, NOT_PRECEDENCE } from './operators.ts';
import { LazyTokenParser } from './token-source.ts';
import * as t from './tokens.ts';

type N = unknown;
type AnyHead = Head<N, unknown>;
type Alternatives<T> = { ALT: () => T }[];

/** Chevrotain runs every rule once, without input, to learn the grammar: nothing is to be built then. */
const duringRecording = new Proxy({}, { get: () => () => undefined }) as AnyActions;

/** The input does not follow the grammar, in a way that no rule says. */
class GrammarMismatch extends Error {}

export class NixParser extends LazyTokenParser {
  private actions = duringRecording;

  /** `validate` has Chevrotain check the grammar for ambiguities, which takes longer than reading it. */
  constructor(validate = false) {
    super(t.vocabulary, { maxLookahead: 1, recoveryEnabled: false, skipValidations: !validate, errorMessageProvider });
    this.performSelfAnalysis();
  }

  /** See parseText. */
  run(rule: 'file' | 'replBindings', lexer: NixLexer, actions: AnyActions): { readonly result: unknown } | undefined {
    this.readFrom(lexer);
    this.actions = actions;
    try {
      const result = this[rule]();
      return this.errors.length === 0 ? { result } : undefined;
    } catch (error) {
      if (error instanceof GrammarMismatch) return undefined;
      throw error;
    } finally {
      this.actions = duringRecording;
    }
  }

  private readonly file = this.RULE('file', (): N => {
    const node = this.SUBRULE(this.expression);
    this.CONSUME(t.EndOfFile);
    return node;
  });

  /** What the REPL takes besides expressions: `x = 1; inherit (y) z;` */
  private readonly replBindings = this.RULE('replBindings', (): unknown => {
    const bindings = this.actions.bindings();
    this.AT_LEAST_ONE(() => this.SUBRULE(this.binding, { ARGS: [bindings] }));
    this.CONSUME(t.EndOfFile);
    return bindings;
  });

  private readonly expression = this.RULE('expression', (): N => {
    let heads: AnyHead[] | undefined;
    this.MANY({
      GATE: this.atHead,
      DEF: () => {
        const head = this.SUBRULE(this.head);
        if (heads) heads.push(head);
        else heads = [head];
      },
    });
    let node = this.SUBRULE(this.operation);
    if (heads) for (let i = heads.length - 1; i >= 0; i--) node = this.actions.wrap(heads[i]!, node);
    return node;
  });

  /** Does what comes now stand before a body? */
  private readonly atHead = (): boolean => {
    const next = this.LA(2).tokenType;
    switch (this.LA(1).tokenType) {
      case t.Identifier:
        return next === t.Colon || next === t.At;
      case t.OpenBrace: {
        if (next === t.Ellipsis) return true;
        const third = this.LA(3).tokenType;
        if (next === t.Identifier) return third === t.Comma || third === t.Question || third === t.CloseBrace;
        return next === t.CloseBrace && (third === t.Colon || third === t.At);
      }
      case t.Let:
        return next !== t.OpenBrace;
      default:
        return true;
    }
  };

  private heads: Alternatives<AnyHead> | undefined;
  private readonly head = this.RULE('head', (): AnyHead => {
    this.heads ??= [
      { ALT: () => this.SUBRULE(this.namedHead) },
      { ALT: () => this.SUBRULE(this.formalsHead) },
      { ALT: () => this.SUBRULE(this.guard) },
      {
        ALT: () => {
          const start = this.CONSUME(t.Let).startOffset;
          const bindings = this.SUBRULE(this.bindings);
          this.CONSUME(t.In);
          return { kind: 'let', bindings, start };
        },
      },
      {
        ALT: () => {
          const start = this.CONSUME(t.If).startOffset;
          const condition = this.SUBRULE(this.expression);
          this.CONSUME(t.Then);
          const then = this.SUBRULE2(this.expression);
          this.CONSUME(t.Else);
          return { kind: 'if', condition, then, start };
        },
      },
    ];
    return this.OR(this.heads);
  });

  private readonly guard = this.RULE('guard', (): AnyHead => {
    const word = this.OR([{ ALT: () => this.CONSUME(t.With) }, { ALT: () => this.CONSUME(t.Assert) }]);
    const subject = this.SUBRULE(this.expression);
    this.CONSUME(t.Semicolon);
    return { kind: word.tokenType === t.With ? 'with' : 'assert', subject, start: word.startOffset };
  });

  /** `x:` or `x@{ ... }:` */
  private readonly namedHead = this.RULE('namedHead', (): AnyHead => {
    const arg = this.CONSUME(t.Identifier) as t.NixToken;
    let set: FormalSet<N> | undefined;
    this.OPTION(() => {
      this.CONSUME(t.At);
      set = this.SUBRULE(this.formals);
    });
    this.CONSUME(t.Colon);
    return { kind: 'lambda', arg, set, start: arg.startOffset };
  });

  /** `{ ... }:` or `{ ... }@x:` */
  private readonly formalsHead = this.RULE('formalsHead', (): AnyHead => {
    const set = this.SUBRULE(this.formals);
    let arg: t.NixToken | undefined;
    this.OPTION(() => {
      this.CONSUME(t.At);
      arg = this.CONSUME(t.Identifier) as t.NixToken;
    });
    this.CONSUME(t.Colon);
    return { kind: 'lambda', arg, set, start: set.start };
  });

  /** A comma may end the list, but not begin it; after the ellipsis nothing comes. */
  private readonly formals = this.RULE('formals', (): FormalSet<N> => {
    const start = this.CONSUME(t.OpenBrace).startOffset;
    const formals: Formal<N>[] = [];
    let ellipsis = false;
    let more = true;
    this.MANY({
      GATE: () => more,
      DEF: () => {
        more = false;
        this.OR([
          { ALT: () => (ellipsis = this.CONSUME(t.Ellipsis) !== undefined) },
          {
            ALT: () => {
              formals.push(this.SUBRULE(this.formal));
              this.OPTION(() => (more = this.CONSUME(t.Comma) !== undefined));
            },
          },
        ]);
      },
    });
    this.CONSUME(t.CloseBrace);
    return { formals, ellipsis, start };
  });

  private readonly formal = this.RULE('formal', (): Formal<N> => {
    const name = this.CONSUME(t.Identifier) as t.NixToken;
    const fallback = this.OPTION(() => {
      this.CONSUME(t.Question);
      return this.SUBRULE(this.expression);
    });
    return { name, fallback };
  });

  /** Operands and operators in a row. Most rows are a single operand, and need no OperatorRow. */
  private readonly operation = this.RULE('operation', (): N => {
    let row: OperatorRow | undefined;
    this.MANY(() => {
      row ??= new OperatorRow(this.actions);
      this.SUBRULE(this.prefix, { ARGS: [row] });
    });
    const start = this.LA(1).startOffset;
    const first = this.SUBRULE(this.application);
    row?.operand(first, start);
    this.MANY2(() => {
      row ??= new OperatorRow(this.actions).operand(first, start);
      this.SUBRULE(this.operator, { ARGS: [row] });
    });
    return row ? row.finish() : first;
  });

  private readonly prefix = this.RULE('prefix', (row: OperatorRow): void => {
    const operator = this.OR([{ ALT: () => this.CONSUME(t.Not) }, { ALT: () => this.CONSUME(t.Minus) }]);
    if (this.RECORDING_PHASE) return;
    row.prefix(operator as t.NixToken, operator.tokenType === t.Not ? NOT_PRECEDENCE : NEGATE_PRECEDENCE);
  });

  /** An operator with what stands to its right. */
  private readonly operator = this.RULE('operator', (row: OperatorRow): void => {
    this.OR([
      {
        ALT: () => {
          const operator = this.CONSUME(t.BinaryOperator) as t.NixToken;
          if (!this.RECORDING_PHASE && !row.operator(operator)) throw new GrammarMismatch();
          this.MANY(() => this.SUBRULE(this.prefix, { ARGS: [row] }));
          const start = this.LA(1).startOffset;
          const operand = this.SUBRULE(this.application);
          row?.operand(operand, start);
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.Question);
          const path = this.SUBRULE(this.attributePath);
          row?.hasAttribute(path);
        },
      },
    ]);
  });

  private readonly application = this.RULE('application', (): N => {
    const start = this.LA(1).startOffset;
    let node = this.SUBRULE(this.selection);
    this.actions.callee(node);
    this.MANY(() => {
      const argument = this.SUBRULE2(this.selection);
      node = this.actions.apply(node, argument, start);
      this.actions.argument(argument);
    });
    return node;
  });

  /** A primary expression, with `.a.b`, `.a or fallback`, or a stray `or` after it. */
  private readonly selection = this.RULE('selection', (): N => {
    const start = this.LA(1).startOffset;
    const subject = this.OR((this.primaries ??= this.primaryAlternatives()));
    return this.OR2([
      {
        ALT: () => {
          this.CONSUME(t.Dot);
          const path = this.SUBRULE(this.attributePath);
          const fallback = this.OPTION(() => {
            this.CONSUME(t.OrKeyword);
            const node = this.SUBRULE(this.selection);
            this.actions.argument(node);
            return node;
          });
          return this.actions.select(subject, path, fallback, start);
        },
      },
      { ALT: () => this.actions.applyOr(subject, start, (this.CONSUME2(t.OrKeyword) as t.NixToken).end) },
      { ALT: () => subject },
    ]);
  });

  private primaries: Alternatives<N> | undefined;
  private primaryAlternatives(): Alternatives<N> {
    return [
      { ALT: () => this.actions.variable(this.CONSUME(t.Identifier) as t.NixToken) },
      { ALT: () => this.SUBRULE(this.string) },
      { ALT: () => this.SUBRULE(this.indentedString) },
      { ALT: () => this.SUBRULE(this.parenthesized) },
      { ALT: () => this.SUBRULE(this.list) },
      { ALT: () => this.SUBRULE(this.attributeSet) },
      { ALT: () => this.SUBRULE(this.path) },
      { ALT: () => this.actions.integer(this.CONSUME(t.Integer) as t.NixToken) },
      { ALT: () => this.actions.float(this.CONSUME(t.Float) as t.NixToken) },
      { ALT: () => this.actions.searchPath(this.CONSUME(t.SearchPath) as t.NixToken) },
      { ALT: () => this.actions.uri(this.CONSUME(t.Uri) as t.NixToken) },
    ];
  }

  private readonly parenthesized = this.RULE('parenthesized', (): N => {
    this.CONSUME(t.OpenParen);
    const node = this.SUBRULE(this.expression);
    this.CONSUME(t.CloseParen);
    return node;
  });

  private readonly list = this.RULE('list', (): N => {
    const { startOffset } = this.CONSUME(t.OpenBracket);
    const items: N[] = [];
    this.MANY(() => {
      const item = this.SUBRULE(this.selection);
      this.actions.argument(item);
      items.push(item);
    });
    this.CONSUME(t.CloseBracket);
    return this.actions.list(items, startOffset);
  });

  private setWords: Alternatives<IToken> | undefined;
  private readonly attributeSet = this.RULE('attributeSet', (): N => {
    const { startOffset, tokenType } = this.LA(1);
    this.OPTION(() => {
      this.setWords ??= [{ ALT: () => this.CONSUME(t.Rec) }, { ALT: () => this.CONSUME(t.Let) }];
      this.OR(this.setWords);
    });
    this.CONSUME(t.OpenBrace);
    const bindings = this.SUBRULE(this.bindings);
    this.CONSUME(t.CloseBrace);
    if (tokenType === t.Let) return this.actions.legacyLet(bindings, startOffset);
    return this.actions.attributeSet(bindings, tokenType === t.Rec, startOffset);
  });

  private readonly bindings = this.RULE('bindings', (): unknown => {
    const bindings = this.actions.bindings();
    this.MANY(() => this.SUBRULE(this.binding, { ARGS: [bindings] }));
    return bindings;
  });

  private readonly binding = this.RULE('binding', (bindings: unknown): void => {
    this.OR([
      {
        ALT: () => {
          const start = this.LA(1).startOffset;
          const path = this.SUBRULE(this.attributePath);
          this.CONSUME(t.Assign);
          const value = this.SUBRULE(this.expression);
          this.CONSUME(t.Semicolon);
          this.actions.bind(bindings, path, value, start);
        },
      },
      { ALT: () => this.SUBRULE(this.inheritance, { ARGS: [bindings] }) },
    ]);
  });

  private readonly inheritance = this.RULE('inheritance', (bindings: unknown): void => {
    this.CONSUME(t.Inherit);
    const source = this.OPTION(() => this.SUBRULE(this.parenthesized));
    const names: unknown[] = [];
    this.MANY(() => names.push(this.actions.inheritedName(this.SUBRULE(this.name))));
    this.CONSUME(t.Semicolon);
    this.actions.inherit(bindings, source, names);
  });

  private readonly attributePath = this.RULE('attributePath', (): unknown[] => {
    const path = [this.SUBRULE(this.name)];
    this.MANY(() => {
      this.CONSUME(t.Dot);
      path.push(this.SUBRULE2(this.name));
    });
    return path;
  });

  private names: Alternatives<unknown> | undefined;
  private readonly name = this.RULE('name', (): unknown => {
    this.names ??= [
      {
        ALT: () => {
          const { image, startOffset } = this.CONSUME(t.Identifier);
          return this.actions.name(image, startOffset);
        },
      },
      { ALT: () => this.actions.name('or', this.CONSUME(t.OrKeyword).startOffset) },
      {
        ALT: () => {
          const { startOffset } = this.CONSUME(t.Quote);
          const parts = this.SUBRULE(this.parts);
          this.CONSUME2(t.Quote);
          return this.actions.stringName(parts, startOffset);
        },
      },
      {
        ALT: () => {
          const { startOffset } = this.CONSUME(t.DollarBrace);
          const expression = this.SUBRULE(this.expression);
          this.CONSUME(t.CloseBrace);
          return this.actions.dynamicName(expression, startOffset);
        },
      },
    ];
    return this.OR(this.names);
  });

  private readonly string = this.RULE('string', (): N => {
    const { startOffset } = this.CONSUME(t.Quote);
    const parts = this.SUBRULE(this.parts);
    this.CONSUME2(t.Quote);
    return this.actions.string(parts, startOffset);
  });

  private readonly indentedString = this.RULE('indentedString', (): N => {
    const { startOffset } = this.CONSUME(t.IndentedOpen);
    const parts = this.SUBRULE(this.parts);
    this.CONSUME(t.IndentedClose);
    return this.actions.indentedString(parts, startOffset);
  });

  private pathStarts: Alternatives<IToken> | undefined;
  private readonly path = this.RULE('path', (): N => {
    this.pathStarts ??= [{ ALT: () => this.CONSUME(t.Path) }, { ALT: () => this.CONSUME(t.HomePath) }];
    const first = this.OR(this.pathStarts);
    const rest = this.SUBRULE(this.parts);
    this.CONSUME(t.PathEnd);
    if (this.RECORDING_PHASE) return undefined;
    if (!interpolatesFirst(rest)) throw new GrammarMismatch();
    return this.actions.path(first as t.NixToken, rest);
  });

  /** Text and interpolations, in whichever of the three they stand. */
  private readonly parts = this.RULE('parts', (): Part<N>[] => {
    const parts: Part<N>[] = [];
    this.MANY(() => parts.push(this.OR((this.partKinds ??= this.partAlternatives()))));
    return parts;
  });

  private partKinds: Alternatives<Part<N>> | undefined;
  private partAlternatives(): Alternatives<Part<N>> {
    return [
      { ALT: () => this.CONSUME(t.StringPart) as t.NixToken },
      { ALT: () => this.CONSUME(t.IndentedPart) as t.NixToken },
      {
        ALT: () => {
          const { startOffset } = this.CONSUME(t.DollarBrace);
          const expression = this.SUBRULE(this.expression);
          this.CONSUME(t.CloseBrace);
          return { expression, startOffset };
        },
      },
    ];
  }
}

/** `/a//b` are two pieces of text without an interpolation between them: no path. */
function interpolatesFirst([first, second]: readonly Part<N>[]): boolean {
  return first === undefined || 'expression' in first || (second !== undefined && 'expression' in second);
}

/** Nobody reads Chevrotain's messages, so they are not put together. */
const errorMessageProvider = {
  buildMismatchTokenMessage: () => '',
  buildNotAllInputParsedMessage: () => '',
  buildNoViableAltMessage: () => '',
  buildEarlyExitMessage: () => '',
};

let instance: NixParser | undefined;

/**
 * Parses what the lexer reads, reporting to `actions`, and gives what they made of the whole. Undefined where it does not
 * follow the grammar; what an action throws, and a stack overflow, go through.
 */
export function parseText<Node, Bindings, Name>(
  lexer: NixLexer,
  actions: Actions<Node, Bindings, Name>,
  rule: 'file' | 'replBindings',
): { readonly result: Node | Bindings } | undefined {
  instance ??= new NixParser();
  return instance.run(rule, lexer, actions) as { readonly result: Node | Bindings } | undefined;
}
