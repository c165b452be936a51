/**
 * The grammar of Nix, in Chevrotain. Three things are not left to the rules' own look-ahead:
 *
 * - what may stand before a body (`x:`, `{ a, b }:`, `assert e;`, `with e;`, `let ... in`) is read in a loop and wrapped
 *   around the body afterwards, inside out, as are operators by precedence (operators.ts): long chains cost no stack;
 * - whether a brace opens a set or a function's formals is decided by the two tokens after it (`atHead`);
 * - messages: Chevrotain only finds out that the input is wrong; what Nix would say is messages.ts's business.
 *
 * One instance lives as long as the process; `parseTokens` lends it its actions. Rules use only one token of look-ahead.
 */
import { EmbeddedActionsParser } from 'chevrotain';
import type { Actions, Formal, FormalSet, Head, InheritedName, Name, Part } from './actions.ts';
import { NEGATE_PRECEDENCE, NOT_PRECEDENCE, operatorByIndex } from './operators.ts';
import * as t from './tokens.ts';

type AnyActions = Actions<unknown, unknown>;
type N = unknown;
type Alternatives = { ALT: () => N }[];

/** The input does not follow the grammar. */
export class GrammarMismatch extends Error {}

const duringRecording = new Proxy({}, { get: () => () => undefined }) as AnyActions;

export class NixParser extends EmbeddedActionsParser {
  actions: AnyActions = duringRecording;

  constructor(validate = false) {
    super(t.vocabulary, { maxLookahead: 1, recoveryEnabled: false, skipValidations: !validate });
    this.performSelfAnalysis();
  }

  readonly file = this.RULE('file', (): N => {
    const node = this.SUBRULE(this.expression);
    this.CONSUME(t.EndOfFile);
    return node;
  });

  /** What the REPL takes besides expressions: `x = 1; inherit (y) z;` */
  readonly replBindings = this.RULE('replBindings', (): N => {
    const bindings = this.actions.bindings();
    this.AT_LEAST_ONE(() => this.SUBRULE(this.binding, { ARGS: [bindings] }));
    this.CONSUME(t.EndOfFile);
    return bindings;
  });

  readonly expression = this.RULE('expression', (): N => {
    let heads: Head<N, N>[] | undefined;
    this.MANY({
      GATE: this.atHead,
      DEF: () => {
        const head = this.SUBRULE(this.head);
        if (heads) heads.push(head);
        else heads = [head];
      },
    });
    let node: N = this.OR(
      (this.bodies ??= [{ ALT: () => this.SUBRULE(this.conditional) }, { ALT: () => this.SUBRULE(this.piped) }]),
    );
    if (heads) for (let i = heads.length - 1; i >= 0; i--) node = this.actions.wrap(heads[i]!, node);
    return node;
  });

  private bodies: Alternatives | undefined;

  /** Does what comes now stand before a body? */
  private readonly atHead = (): boolean => {
    const next = this.LA(2).tokenTypeIdx;
    switch (this.LA(1).tokenType) {
      case t.Identifier:
        return next === t.Colon.tokenTypeIdx || next === t.At.tokenTypeIdx;
      case t.OpenBrace: {
        if (next === t.Ellipsis.tokenTypeIdx) return true;
        const third = this.LA(3).tokenType;
        if (next === t.Identifier.tokenTypeIdx)
          return third === t.Comma || third === t.Question || third === t.CloseBrace;
        return next === t.CloseBrace.tokenTypeIdx && (third === t.Colon || third === t.At);
      }
      case t.Let:
        return next !== t.OpenBrace.tokenTypeIdx;
      default:
        return true;
    }
  };

  private readonly head = this.RULE(
    'head',
    (): Head<N, N> =>
      this.OR([
        { ALT: (): Head<N, N> => this.SUBRULE(this.namedHead) },
        { ALT: (): Head<N, N> => this.SUBRULE(this.formalsHead) },
        {
          ALT: (): Head<N, N> => {
            const start = this.CONSUME(t.Assert).startOffset;
            const subject = this.SUBRULE(this.expression);
            this.CONSUME(t.Semicolon);
            return { kind: 'assert', subject, start };
          },
        },
        {
          ALT: (): Head<N, N> => {
            const start = this.CONSUME(t.With).startOffset;
            const subject = this.SUBRULE2(this.expression);
            this.CONSUME2(t.Semicolon);
            return { kind: 'with', subject, start };
          },
        },
        {
          ALT: (): Head<N, N> => {
            const start = this.CONSUME(t.Let).startOffset;
            const bindings = this.SUBRULE(this.bindings);
            this.CONSUME(t.In);
            return { kind: 'let', bindings, start };
          },
        },
      ]),
  );

  /** `x:` or `x@{ ... }:` */
  private readonly namedHead = this.RULE('namedHead', (): Head<N, N> => {
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
  private readonly formalsHead = this.RULE('formalsHead', (): Head<N, N> => {
    const set = this.SUBRULE(this.formals);
    let arg: t.NixToken | undefined;
    this.OPTION(() => {
      this.CONSUME(t.At);
      arg = this.CONSUME(t.Identifier) as t.NixToken;
    });
    this.CONSUME(t.Colon);
    return { kind: 'lambda', arg, set, start: set.start };
  });

  private readonly formals = this.RULE('formals', (): FormalSet<N> => {
    const start = this.CONSUME(t.OpenBrace).startOffset;
    const formals: Formal<N>[] = [];
    let ellipsis = false;
    let more = true;
    this.MANY({
      GATE: () => more && !ellipsis,
      DEF: () => {
        more = false;
        this.OR([
          {
            ALT: () => {
              this.CONSUME(t.Ellipsis);
              ellipsis = true;
            },
          },
          {
            ALT: () => {
              const name = this.CONSUME(t.Identifier) as t.NixToken;
              const fallback = this.OPTION(() => {
                this.CONSUME(t.Question);
                return this.SUBRULE(this.expression);
              });
              formals.push({ name, fallback });
              this.OPTION2(() => {
                this.CONSUME(t.Comma);
                more = true;
              });
            },
          },
        ]);
      },
    });
    this.CONSUME(t.CloseBrace);
    return { formals, ellipsis, start };
  });

  private readonly conditional = this.RULE('conditional', (): N => {
    const start = this.CONSUME(t.If).startOffset;
    const condition = this.SUBRULE(this.expression);
    this.CONSUME(t.Then);
    const then = this.SUBRULE2(this.expression);
    this.CONSUME(t.Else);
    return this.actions.conditional(condition, then, this.SUBRULE3(this.expression), start);
  });

  /** `a |> b |> c` groups to the left, `a <| b <| c` to the right; they do not mix. */
  private readonly piped = this.RULE('piped', (): N => {
    const first = this.SUBRULE(this.operation);
    return this.OR([
      {
        ALT: () => {
          let node = first;
          this.AT_LEAST_ONE(() => {
            const { startOffset } = this.CONSUME(t.PipeInto);
            node = this.actions.pipe(this.SUBRULE2(this.operation), node, startOffset);
          });
          return node;
        },
      },
      {
        ALT: () => {
          const rest: { node: N; start: number }[] = [];
          this.AT_LEAST_ONE2(() => {
            const { startOffset } = this.CONSUME(t.PipeFrom);
            rest.push({ node: this.SUBRULE3(this.operation), start: startOffset });
          });
          return this.foldPipes(first, rest);
        },
      },
      { ALT: () => first },
    ]);
  });

  private foldPipes(first: N, rest: readonly { node: N; start: number }[]): N {
    let node = rest[rest.length - 1]?.node;
    for (let i = rest.length - 1; i >= 0; i--)
      node = this.actions.pipe(i === 0 ? first : rest[i - 1]!.node, node, rest[i]!.start);
    return node;
  }

  /** Operands and operators in a row, grouped by an operator stack. */
  private readonly operation = this.RULE('operation', (): N => {
    const row = new OperatorRow(this.actions);
    this.MANY(() => this.SUBRULE(this.prefix, { ARGS: [row] }));
    row.operand(this.LA(1).startOffset, this.SUBRULE(this.application));
    this.MANY2(() =>
      this.OR([
        {
          ALT: () => {
            const operator = this.CONSUME(t.BinaryOperator) as t.NixToken;
            if (!this.RECORDING_PHASE && !row.operator(operator)) throw new GrammarMismatch();
            this.MANY3(() => this.SUBRULE2(this.prefix, { ARGS: [row] }));
            row.operand(this.LA(1).startOffset, this.SUBRULE2(this.application));
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Question);
            row.reduceAbove(operatorByIndex(t.Question.tokenTypeIdx!).precedence);
            row.hasAttribute(this.SUBRULE(this.attributePath));
          },
        },
      ]),
    );
    return row.finish();
  });

  private readonly prefix = this.RULE('prefix', (row: OperatorRow): void => {
    this.OR([
      {
        ALT: () => {
          const operator = this.CONSUME(t.Not) as t.NixToken;
          if (!this.RECORDING_PHASE) row.prefix(operator, NOT_PRECEDENCE);
        },
      },
      {
        ALT: () => {
          const operator = this.CONSUME(t.Minus) as t.NixToken;
          if (!this.RECORDING_PHASE) row.prefix(operator, NEGATE_PRECEDENCE);
        },
      },
    ]);
  });

  private readonly application = this.RULE('application', (): N => {
    const start = this.LA(1).startOffset;
    let node = this.SUBRULE(this.selection);
    this.actions.head(node);
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
    const subject = this.SUBRULE(this.primary);
    return this.OR([
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
      { ALT: () => this.actions.applyOr(subject, start, this.CONSUME2(t.OrKeyword).endOffset!) },
      { ALT: () => subject },
    ]);
  });

  private primaries: Alternatives | undefined;
  private readonly primary = this.RULE(
    'primary',
    (): N =>
      this.OR(
        (this.primaries ??= [
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
        ]),
      ),
  );

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

  private readonly attributeSet = this.RULE('attributeSet', (): N => {
    const { startOffset, tokenType } = this.LA(1);
    this.OPTION(() => this.OR([{ ALT: () => this.CONSUME(t.Rec) }, { ALT: () => this.CONSUME(t.Let) }]));
    this.CONSUME(t.OpenBrace);
    const bindings = this.SUBRULE(this.bindings);
    this.CONSUME(t.CloseBrace);
    if (tokenType === t.Let) return this.actions.legacyLet(bindings, startOffset);
    return this.actions.attributeSet(bindings, tokenType === t.Rec, startOffset);
  });

  private readonly bindings = this.RULE('bindings', (): N => {
    const bindings = this.actions.bindings();
    this.MANY(() => this.SUBRULE(this.binding, { ARGS: [bindings] }));
    return bindings;
  });

  private readonly binding = this.RULE('binding', (bindings: N): void => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Inherit);
          const source = this.OPTION(() => this.SUBRULE(this.parenthesized));
          const names: InheritedName[] = [];
          this.MANY(() => names.push(this.actions.inheritedName(this.SUBRULE(this.name))));
          this.CONSUME(t.Semicolon);
          this.actions.inherit(bindings, source, names);
        },
      },
      {
        ALT: () => {
          const start = this.LA(1).startOffset;
          const path = this.SUBRULE(this.attributePath);
          this.CONSUME(t.Assign);
          const valueStart = this.LA(1).startOffset;
          const value = this.SUBRULE(this.expression);
          this.CONSUME2(t.Semicolon);
          this.actions.bind(bindings, path, value, start, valueStart);
        },
      },
    ]);
  });

  private readonly attributePath = this.RULE('attributePath', (): Name<N>[] => {
    const path = [this.SUBRULE(this.name)];
    this.MANY(() => {
      this.CONSUME(t.Dot);
      path.push(this.SUBRULE2(this.name));
    });
    return path;
  });

  private readonly name = this.RULE('name', (): Name<N> => {
    const start = this.LA(1).startOffset;
    return this.OR([
      { ALT: (): Name<N> => ({ kind: 'name', text: this.CONSUME(t.Identifier).image, start }) },
      {
        ALT: (): Name<N> => {
          this.CONSUME(t.OrKeyword);
          return { kind: 'name', text: 'or', start };
        },
      },
      {
        ALT: (): Name<N> => {
          this.CONSUME(t.Quote);
          const parts = this.SUBRULE(this.parts);
          this.CONSUME2(t.Quote);
          return { kind: 'string', parts, start };
        },
      },
      {
        ALT: (): Name<N> => {
          this.CONSUME(t.DollarBrace);
          const expression = this.SUBRULE(this.expression);
          this.CONSUME(t.CloseBrace);
          return { kind: 'dynamic', expression, start };
        },
      },
    ]);
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

  private readonly path = this.RULE('path', (): N => {
    const first = this.OR([{ ALT: () => this.CONSUME(t.Path) }, { ALT: () => this.CONSUME(t.HomePath) }]);
    const parts = this.SUBRULE(this.parts);
    this.CONSUME(t.PathEnd);
    if (this.RECORDING_PHASE) return undefined;
    if (!interpolatesFirst(parts)) throw new GrammarMismatch();
    return this.actions.path(first as t.NixToken, parts);
  });

  /** Text and interpolations, in whichever of the three they stand. */
  private readonly parts = this.RULE('parts', (): Part<N>[] => {
    const parts: Part<N>[] = [];
    this.MANY(() =>
      this.OR([
        { ALT: () => parts.push(this.CONSUME(t.StringPart) as t.NixToken) },
        { ALT: () => parts.push(this.CONSUME(t.IndentedPart) as t.NixToken) },
        {
          ALT: () => {
            const { startOffset } = this.CONSUME(t.DollarBrace);
            const expression = this.SUBRULE(this.expression);
            this.CONSUME(t.CloseBrace);
            parts.push({ expression, startOffset });
          },
        },
      ]),
    );
    return parts;
  });
}

/** `/a//b` are two pieces of text without an interpolation between them: no path. */
function interpolatesFirst([first, second]: readonly Part<N>[]): boolean {
  return first === undefined || 'expression' in first || (second !== undefined && 'expression' in second);
}

/** Operator-precedence parsing of one row: two stacks, reduced whenever the next operator binds less. */
class OperatorRow {
  private readonly actions: AnyActions;
  private readonly operands: N[] = [];
  private readonly starts: number[] = [];
  private readonly operators: t.NixToken[] = [];
  private readonly precedences: number[] = [];

  constructor(actions: AnyActions) {
    this.actions = actions;
  }

  operand(start: number, node: N): void {
    this.operands.push(node);
    this.starts.push(start);
  }

  prefix(operator: t.NixToken, precedence: number): void {
    this.operators.push(operator);
    this.precedences.push(precedence);
  }

  /** False where an operator that does not associate follows one of its own level. */
  operator(token: t.NixToken): boolean {
    const { precedence, associativity } = operatorByIndex(token.tokenTypeIdx);
    this.reduceAbove(precedence);
    if (this.precedences[this.precedences.length - 1] === precedence) {
      if (associativity === 'none') return false;
      if (associativity === 'left') this.reduceAbove(precedence - 1);
    }
    this.operators.push(token);
    this.precedences.push(precedence);
    return true;
  }

  reduceAbove(precedence: number): void {
    const { precedences } = this;
    while (precedences.length > 0 && precedences[precedences.length - 1]! > precedence) this.reduce();
  }

  hasAttribute(path: Name<N>[]): void {
    const last = this.operands.length - 1;
    this.operands[last] = this.actions.hasAttribute(this.operands[last], path);
  }

  finish(): N {
    this.reduceAbove(0);
    return this.operands[0];
  }

  private reduce(): void {
    const { actions, operands, starts } = this;
    const operator = this.operators.pop()!;
    const precedence = this.precedences.pop()!;
    const right = operands.pop();
    const rightStart = starts.pop()!;
    if (precedence === NEGATE_PRECEDENCE || precedence === NOT_PRECEDENCE) {
      const start = operator.startOffset;
      operands.push(precedence === NOT_PRECEDENCE ? actions.not(right, start) : actions.negate(right, start));
      starts.push(start);
    } else {
      const last = operands.length - 1;
      operands[last] = actions.binary(operator, operands[last], right, starts[last]!, rightStart);
    }
  }
}

let instance: NixParser | undefined;

/**
 * Parses tokens, reporting to `actions`. Undefined where they do not follow the grammar; what an action throws, and a
 * stack overflow, go through.
 */
export function parseTokens<Node, B>(
  tokens: t.NixToken[],
  actions: Actions<Node, B>,
  rule: 'file' | 'replBindings',
): { readonly result: Node | B } | undefined {
  instance ??= new NixParser();
  instance.input = tokens;
  instance.actions = actions as AnyActions;
  try {
    const result = instance[rule]() as Node | B;
    return instance.errors.length === 0 ? { result } : undefined;
  } catch (error) {
    if (error instanceof GrammarMismatch) return undefined;
    throw error;
  } finally {
    instance.actions = duringRecording;
    instance.input = [];
  }
}
