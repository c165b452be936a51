/**
 * The grammar of Nix, in Chevrotain's DSL (engine.ts says how it runs). The file is long because Chevrotain takes a grammar
 * as one class. Three things are not left to the rules' own look-ahead:
 *
 * - what may stand before a body (`x:`, `{ a, b }:`, `assert e;`, `with e;`, `let ... in`, `if ... else`) is read in a
 *   loop and wrapped around the body afterwards, inside out, as operators are grouped afterwards (operator-row.ts): so
 *   long chains cost no stack;
 * - whether a brace opens a set or a function's formals is decided by the two tokens after it (`atHead`);
 * - messages: the rules only find out that the input is wrong; what Nix would say is messages.ts's business.
 *
 * Everything else needs one token of look-ahead. One instance lives as long as the process; `parseText` lends it a lexer
 * and its actions. Speed is why bodies of loops and alternatives are kept in fields, with their state beside them, rather
 * than made anew at each call, and why loops that mostly do not begin are asked first (`ahead`).
 */
import type { Actions, AnyActions, Formal, FormalSet, Head, Part } from './actions.ts';
import { GrammarMismatch, LeanParser } from './engine.ts';
import type { NixLexer } from './lexer.ts';
import { OperatorRow } from './operator-row.ts';
import { NEGATE_PRECEDENCE, NOT_PRECEDENCE } from './operators.ts';
import * as t from './tokens.ts';

type N = unknown;
type AnyHead = Head<N, unknown>;

/** Chevrotain runs every rule once, without input, to learn the grammar: nothing is to be built then. */
const duringRecording = new Proxy({}, { get: () => () => undefined }) as AnyActions;

// The decisions: their numbers are arbitrary, but each is used once.
const REPL_BINDINGS = 0;
const HEADS = 1;
const HEAD = 2;
const GUARD = 3;
const FORMALS_BESIDE_NAME = 4;
const NAME_BESIDE_FORMALS = 5;
const FORMALS = 6;
const FORMAL = 7;
const COMMA = 8;
const DEFAULT = 9;
const PREFIXES = 10;
const PREFIX = 11;
const OPERATORS = 12;
const OPERATOR = 13;
const OPERAND_PREFIXES = 14;
const ARGUMENTS = 15;
const PRIMARY = 16;
const SUFFIX = 17;
const SUFFIX_KIND = 18;
const FALLBACK = 19;
const ITEMS = 20;
const SET_WORD = 21;
const SET_WORD_KIND = 22;
const BINDINGS = 23;
const BINDING = 24;
const INHERIT_SOURCE = 25;
const INHERITED = 26;
const PATH_STEPS = 27;
const STEP = 28;
const PATH_START = 29;
const PARTS = 30;
const PART = 31;

const IDENTIFIER = t.Identifier.tokenTypeIdx!;
const OPEN_BRACE = t.OpenBrace.tokenTypeIdx!;
const CLOSE_BRACE = t.CloseBrace.tokenTypeIdx!;
const COLON = t.Colon.tokenTypeIdx!;
const AT = t.At.tokenTypeIdx!;
const ELLIPSIS = t.Ellipsis.tokenTypeIdx!;
const COMMA_KIND = t.Comma.tokenTypeIdx!;
const QUESTION = t.Question.tokenTypeIdx!;
const LET = t.Let.tokenTypeIdx!;
const REC = t.Rec.tokenTypeIdx!;
const WITH = t.With.tokenTypeIdx!;
const NOT = t.Not.tokenTypeIdx!;
const HOME_PATH = t.HomePath.tokenTypeIdx!;

export class NixParser extends LeanParser {
  private actions = duringRecording;
  /** Of all expressions that are being read: what stands before their bodies. */
  private heads: AnyHead[] = [];
  /** Of the expression that is being read: its operators, and its first operand before there are any. */
  private row: OperatorRow | undefined;
  private operand: N;
  private operandStart = 0;
  /** The set that bindings go to. */
  private set: unknown;

  /**
   * `validate` has Chevrotain check the grammar for ambiguities, which takes longer than reading it. `analysis` is what
   * another instance's `analysis()` gave.
   */
  constructor(validate = false, analysis?: string) {
    super({ skipValidations: !validate, errorMessageProvider });
    if (analysis === undefined) this.performSelfAnalysis();
    else this.useAnalysis(analysis);
  }

  /** See parseText. */
  run(rule: 'file' | 'replBindings', lexer: NixLexer, actions: AnyActions): { readonly result: unknown } | undefined {
    this.readFrom(lexer);
    this.actions = actions;
    this.heads = [];
    this.row = undefined;
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
    const set = this.actions.bindings();
    this.set = set;
    this.SUBRULE(this.binding);
    this.many(REPL_BINDINGS, () => this.SUBRULE2(this.binding));
    this.CONSUME(t.EndOfFile);
    return set;
  });

  private readonly expression = this.RULE('expression', (): N => {
    const depth = this.heads.length;
    this.many(HEADS, this.anyHead);
    let node = this.SUBRULE(this.operation);
    while (this.heads.length > depth) node = this.actions.wrap(this.heads.pop()!, node);
    return node;
  });

  private readonly anyHead = {
    /** Does what comes now stand before a body? */
    GATE: (): boolean => {
      const next = this.kindAhead(1);
      switch (this.kindAhead(0)) {
        case IDENTIFIER:
          return next === COLON || next === AT;
        case OPEN_BRACE: {
          if (next === ELLIPSIS) return true;
          const third = this.kindAhead(2);
          if (next === IDENTIFIER) return third === COMMA_KIND || third === QUESTION || third === CLOSE_BRACE;
          return next === CLOSE_BRACE && (third === COLON || third === AT);
        }
        case LET:
          return next !== OPEN_BRACE;
        default:
          return true;
      }
    },
    DEF: (): void => {
      this.heads.push(this.or(HEAD, this.headKinds));
    },
  };

  private readonly headKinds = [
    { ALT: (): AnyHead => this.SUBRULE(this.namedHead) },
    { ALT: (): AnyHead => this.SUBRULE(this.formalsHead) },
    { ALT: (): AnyHead => this.SUBRULE(this.guard) },
    { ALT: (): AnyHead => this.SUBRULE(this.letHead) },
    { ALT: (): AnyHead => this.SUBRULE(this.ifHead) },
  ];

  private readonly letHead = this.RULE('letHead', (): AnyHead => {
    this.CONSUME(t.Let);
    const start = this.start();
    const bindings = this.SUBRULE(this.bindings);
    this.CONSUME(t.In);
    return { kind: 'let', bindings, start };
  });

  private readonly ifHead = this.RULE('ifHead', (): AnyHead => {
    this.CONSUME(t.If);
    const start = this.start();
    const condition = this.SUBRULE(this.expression);
    this.CONSUME(t.Then);
    const then = this.SUBRULE2(this.expression);
    this.CONSUME(t.Else);
    return { kind: 'if', condition, then, start };
  });

  private readonly guardWords = [{ ALT: () => this.CONSUME(t.With) }, { ALT: () => this.CONSUME(t.Assert) }];
  private readonly guard = this.RULE('guard', (): AnyHead => {
    this.or(GUARD, this.guardWords);
    const kind = this.kind() === WITH ? 'with' : 'assert';
    const start = this.start();
    const subject = this.SUBRULE(this.expression);
    this.CONSUME(t.Semicolon);
    return { kind, subject, start };
  });

  /** `x:` or `x@{ ... }:` */
  private readonly namedHead = this.RULE('namedHead', (): AnyHead => {
    this.CONSUME(t.Identifier);
    const arg = this.name();
    const start = this.start();
    const set = this.option(FORMALS_BESIDE_NAME, this.formalsAfterAt);
    this.CONSUME(t.Colon);
    return { kind: 'lambda', arg, set, start };
  });

  private readonly formalsAfterAt = (): FormalSet<N> => {
    this.CONSUME(t.At);
    return this.SUBRULE(this.formals);
  };

  /** `{ ... }:` or `{ ... }@x:` */
  private readonly formalsHead = this.RULE('formalsHead', (): AnyHead => {
    const set = this.SUBRULE(this.formals);
    const arg = this.option(NAME_BESIDE_FORMALS, this.nameAfterAt);
    this.CONSUME(t.Colon);
    return { kind: 'lambda', arg, set, start: set.start };
  });

  private readonly nameAfterAt = (): string => {
    this.CONSUME(t.At);
    this.CONSUME(t.Identifier);
    return this.name();
  };

  /** A comma may end the list, but not begin it; after the ellipsis nothing comes. */
  private readonly formals = this.RULE('formals', (): FormalSet<N> => {
    this.CONSUME(t.OpenBrace);
    const start = this.start();
    const formals: Formal<N>[] = [];
    let ellipsis = false;
    let more = true;
    const kinds = [
      {
        ALT: () => {
          this.CONSUME(t.Ellipsis);
          ellipsis = true;
          more = false;
        },
      },
      {
        ALT: () => {
          formals.push(this.SUBRULE(this.formal));
          more = false;
          this.option(COMMA, () => {
            this.CONSUME(t.Comma);
            more = true;
          });
        },
      },
    ];
    this.many(FORMALS, { GATE: () => more, DEF: () => this.or(FORMAL, kinds) });
    this.CONSUME(t.CloseBrace);
    return { formals, ellipsis, start };
  });

  private readonly formal = this.RULE('formal', (): Formal<N> => {
    this.CONSUME(t.Identifier);
    const name = this.name();
    const start = this.start();
    const fallback = this.option(DEFAULT, this.defaultValue);
    return { name, start, fallback };
  });

  private readonly defaultValue = (): N => {
    this.CONSUME(t.Question);
    return this.SUBRULE(this.expression);
  };

  /** Operands and operators in a row. Most rows are a single operand, and need no OperatorRow. */
  private readonly operation = this.RULE('operation', (): N => {
    const outer = this.row;
    this.row = undefined;
    this.many(PREFIXES, this.anyPrefix);
    const start = this.next();
    const first = this.SUBRULE(this.application);
    const prefixes = this.row as OperatorRow | undefined;
    if (prefixes) prefixes.operand(first, start);
    else if (!this.ahead(OPERATORS)) {
      this.row = outer;
      return first;
    } else {
      this.operand = first;
      this.operandStart = start;
    }
    this.many(OPERATORS, this.anyOperator);
    const row = this.row as OperatorRow | undefined;
    this.row = outer;
    return row ? row.finish() : first;
  });

  private readonly anyPrefix = (): void => this.SUBRULE(this.prefix);
  private readonly anyOperator = (): void => {
    this.row ??= new OperatorRow(this.actions).operand(this.operand, this.operandStart);
    this.SUBRULE(this.operator);
  };

  private readonly prefixes = [{ ALT: () => this.CONSUME(t.Not) }, { ALT: () => this.CONSUME(t.Minus) }];
  private readonly prefix = this.RULE('prefix', (): void => {
    this.or(PREFIX, this.prefixes);
    this.row ??= new OperatorRow(this.actions);
    const kind = this.kind();
    this.row.prefix(kind, this.start(), kind === NOT ? NOT_PRECEDENCE : NEGATE_PRECEDENCE);
  });

  /** An operator with what stands to its right. */
  private readonly operator = this.RULE('operator', (): void => this.or(OPERATOR, this.operators));
  private readonly operators = [
    {
      ALT: (): void => {
        this.CONSUME(t.BinaryOperator);
        if (!this.RECORDING_PHASE && !this.row!.operator(this.kind(), this.start())) throw new GrammarMismatch();
        this.many(OPERAND_PREFIXES, this.anyPrefix);
        const start = this.next();
        const operand = this.SUBRULE(this.application);
        this.row?.operand(operand, start);
      },
    },
    {
      ALT: (): void => {
        this.CONSUME(t.Question);
        const path = this.SUBRULE(this.attributePath);
        if (!this.RECORDING_PHASE) this.row!.hasAttribute(path);
      },
    },
  ];

  private readonly application = this.RULE('application', (): N => {
    const start = this.next();
    const node = this.SUBRULE(this.selection);
    this.actions.callee(node);
    return this.ahead(ARGUMENTS) ? this.applied(node, start) : node;
  });

  private applied(callee: N, start: number): N {
    let node = callee;
    this.many(ARGUMENTS, () => {
      const argument = this.SUBRULE2(this.selection);
      node = this.actions.apply(node, argument, start);
      this.actions.argument(argument);
    });
    return node;
  }

  /** A primary expression, with `.a.b`, `.a or fallback`, or a stray `or` after it. */
  private readonly selection = this.RULE('selection', (): N => {
    const start = this.next();
    const subject = this.or(PRIMARY, this.primaries);
    return this.ahead(SUFFIX) ? this.selected(subject, start) : subject;
  });

  private selected(subject: N, start: number): N {
    return this.option(SUFFIX, () =>
      this.or(SUFFIX_KIND, [
        {
          ALT: () => {
            this.CONSUME(t.Dot);
            const path = this.SUBRULE(this.attributePath);
            const fallback = this.option(FALLBACK, this.fallback);
            return this.actions.select(subject, path, fallback, start);
          },
        },
        {
          ALT: () => {
            this.CONSUME2(t.OrKeyword);
            return this.actions.applyOr(subject, start, this.end());
          },
        },
      ]),
    );
  }

  private readonly fallback = (): N => {
    this.CONSUME(t.OrKeyword);
    const node = this.SUBRULE(this.selection);
    this.actions.argument(node);
    return node;
  };

  private readonly primaries = [
    {
      ALT: (): N => {
        this.CONSUME(t.Identifier);
        return this.actions.variable(this.name(), this.start());
      },
    },
    { ALT: (): N => this.SUBRULE(this.string) },
    { ALT: (): N => this.SUBRULE(this.indentedString) },
    { ALT: (): N => this.SUBRULE(this.parenthesized) },
    { ALT: (): N => this.SUBRULE(this.list) },
    { ALT: (): N => this.SUBRULE(this.attributeSet) },
    { ALT: (): N => this.SUBRULE(this.path) },
    {
      ALT: (): N => {
        this.CONSUME(t.Integer);
        return this.actions.integer(this.text(), this.start());
      },
    },
    {
      ALT: (): N => {
        this.CONSUME(t.Float);
        return this.actions.float(this.text(), this.start());
      },
    },
    {
      ALT: (): N => {
        this.CONSUME(t.SearchPath);
        return this.actions.searchPath(this.text(), this.start());
      },
    },
    {
      ALT: (): N => {
        this.CONSUME(t.Uri);
        return this.actions.uri(this.text(), this.start());
      },
    },
  ];

  private readonly parenthesized = this.RULE('parenthesized', (): N => {
    this.CONSUME(t.OpenParen);
    const node = this.SUBRULE(this.expression);
    this.CONSUME(t.CloseParen);
    return node;
  });

  private readonly list = this.RULE('list', (): N => {
    this.CONSUME(t.OpenBracket);
    const start = this.start();
    const items: N[] = [];
    this.many(ITEMS, () => {
      const item = this.SUBRULE(this.selection);
      this.actions.argument(item);
      items.push(item);
    });
    this.CONSUME(t.CloseBracket);
    return this.actions.list(items, start);
  });

  private readonly setWords = [{ ALT: () => this.CONSUME(t.Rec) }, { ALT: () => this.CONSUME(t.Let) }];
  private readonly setWord = () => this.or(SET_WORD_KIND, this.setWords);
  private readonly attributeSet = this.RULE('attributeSet', (): N => {
    const word = this.kindAhead(0);
    const start = this.next();
    this.option(SET_WORD, this.setWord);
    this.CONSUME(t.OpenBrace);
    const bindings = this.SUBRULE(this.bindings);
    this.CONSUME(t.CloseBrace);
    if (word === LET) return this.actions.legacyLet(bindings, start);
    return this.actions.attributeSet(bindings, word === REC, start);
  });

  private readonly bindings = this.RULE('bindings', (): unknown => {
    const outer = this.set;
    const set = this.actions.bindings();
    this.set = set;
    this.many(BINDINGS, this.anyBinding);
    this.set = outer;
    return set;
  });

  private readonly anyBinding = (): void => this.SUBRULE(this.binding);
  private readonly binding = this.RULE('binding', (): void => this.or(BINDING, this.bindingKinds));
  private readonly bindingKinds = [
    {
      ALT: (): void => {
        const start = this.next();
        const path = this.SUBRULE(this.attributePath);
        this.CONSUME(t.Assign);
        const value = this.SUBRULE(this.expression);
        this.CONSUME(t.Semicolon);
        this.actions.bind(this.set, path, value, start);
      },
    },
    { ALT: (): void => this.SUBRULE(this.inheritance) },
  ];

  private readonly inheritance = this.RULE('inheritance', (): void => {
    this.CONSUME(t.Inherit);
    const source = this.option(INHERIT_SOURCE, this.inheritSource);
    const names: unknown[] = [];
    this.many(INHERITED, () => names.push(this.actions.inheritedName(this.SUBRULE(this.step))));
    this.CONSUME(t.Semicolon);
    this.actions.inherit(this.set, source, names);
  });

  private readonly inheritSource = (): N => this.SUBRULE(this.parenthesized);

  private readonly attributePath = this.RULE('attributePath', (): unknown[] => {
    const path: unknown[] = [this.SUBRULE(this.step)];
    if (this.ahead(PATH_STEPS))
      this.many(PATH_STEPS, () => {
        this.CONSUME(t.Dot);
        path.push(this.SUBRULE2(this.step));
      });
    return path;
  });

  private readonly step = this.RULE('step', (): unknown => this.or(STEP, this.steps));
  private readonly steps = [
    {
      ALT: (): unknown => {
        this.CONSUME(t.Identifier);
        return this.actions.name(this.name(), this.start());
      },
    },
    {
      ALT: (): unknown => {
        this.CONSUME(t.OrKeyword);
        return this.actions.name('or', this.start());
      },
    },
    {
      ALT: (): unknown => {
        this.CONSUME(t.Quote);
        const start = this.start();
        const parts = this.SUBRULE(this.parts);
        this.CONSUME2(t.Quote);
        return this.actions.stringName(parts, start);
      },
    },
    {
      ALT: (): unknown => {
        this.CONSUME(t.DollarBrace);
        const start = this.start();
        const expression = this.SUBRULE(this.expression);
        this.CONSUME(t.CloseBrace);
        return this.actions.dynamicName(expression, start);
      },
    },
  ];

  private readonly string = this.RULE('string', (): N => {
    this.CONSUME(t.Quote);
    const start = this.start();
    const parts = this.SUBRULE(this.parts);
    this.CONSUME2(t.Quote);
    return this.actions.string(parts, start);
  });

  private readonly indentedString = this.RULE('indentedString', (): N => {
    this.CONSUME(t.IndentedOpen);
    const start = this.start();
    const parts = this.SUBRULE(this.parts);
    this.CONSUME(t.IndentedClose);
    return this.actions.indentedString(parts, start);
  });

  private readonly pathStarts = [{ ALT: () => this.CONSUME(t.Path) }, { ALT: () => this.CONSUME(t.HomePath) }];
  private readonly path = this.RULE('path', (): N => {
    this.or(PATH_START, this.pathStarts);
    const text = this.text();
    const start = this.start();
    const isHome = this.kind() === HOME_PATH;
    const rest = this.SUBRULE(this.parts);
    this.CONSUME(t.PathEnd);
    if (this.RECORDING_PHASE) return undefined;
    if (!interpolatesFirst(rest)) throw new GrammarMismatch();
    return this.actions.path(text, isHome, rest, start);
  });

  /** Text and interpolations, in whichever of the three they stand. */
  private readonly parts = this.RULE('parts', (): readonly Part<N>[] => {
    if (!this.ahead(PARTS)) return NO_PARTS;
    const parts: Part<N>[] = [];
    this.many(PARTS, () => parts.push(this.or(PART, this.partKinds)));
    return parts;
  });

  private readonly partKinds = [
    {
      ALT: (): Part<N> => {
        this.CONSUME(t.StringPart);
        return { text: this.text(), start: this.start(), indented: false };
      },
    },
    {
      ALT: (): Part<N> => {
        this.CONSUME(t.IndentedPart);
        return { text: this.text(), start: this.start(), indented: this.isIndented() };
      },
    },
    {
      ALT: (): Part<N> => {
        this.CONSUME(t.DollarBrace);
        const start = this.start();
        const expression = this.SUBRULE(this.expression);
        this.CONSUME(t.CloseBrace);
        return { expression, start };
      },
    },
  ];
}

const NO_PARTS: readonly Part<N>[] = [];

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

/** The analysis of the grammar, which the bundler makes (.ci/bundle.ts): it takes as long as reading ten files. */
declare const NIXLET_GRAMMAR: string | undefined;

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
  instance ??= new NixParser(false, typeof NIXLET_GRAMMAR === 'string' ? NIXLET_GRAMMAR : undefined);
  return instance.run(rule, lexer, actions) as { readonly result: Node | Bindings } | undefined;
}
